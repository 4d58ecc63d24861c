/** The smallest world there is: a lamp with a switch and a plug, which breaks when it is switched too often in a row. */
import type { CompleteModel } from "../../src/fake.ts"

export interface Lamp {
  readonly isOn: boolean
  readonly isPlugged: boolean
  readonly switched: number
  readonly isBroken: boolean
}

export type LampMove = "switch" | "rest" | "unplug" | "plug" | "wait"

interface LampOptions {
  /** How often in a row it may be switched. */
  readonly endures?: number
  /** Whether it can be plugged in again. */
  readonly canBePlugged?: boolean
  readonly goals?: readonly string[]
}

export function lamp(options: LampOptions = {}): CompleteModel<Lamp, LampMove> {
  const { endures = Infinity, canBePlugged = true, goals = ["on"] } = options
  return {
    initial: { isOn: false, isPlugged: true, switched: 0, isBroken: false },
    moves: ({ isPlugged }) => [
      "switch",
      "rest",
      ...(isPlugged ? (["unplug"] as const) : canBePlugged ? (["plug"] as const) : []),
      "wait",
    ],
    next(state, move) {
      const next = after(state, move)
      const isBroken = next.switched > endures
      const violation = isBroken ? "rule 1: it broke" : undefined
      return { state: { ...next, isBroken }, violation, reached: next.isOn ? 1 : 0 }
    },
    write({ isOn, isPlugged, switched }, encoder) {
      encoder.writeFlag(isOn)
      encoder.writeFlag(isPlugged)
      encoder.write(Math.min(switched, 5))
    },
    identity: `lamp ${endures}`,
    describe: (move) => move,
    format: (moves) => moves.join(", "),
    keyOf: (move) => move,
    kindOf: (move) => move,
    classOf: () => "disturbance",
    isOver: ({ isBroken }) => isBroken,
    goals,
    recovery: {
      isWell: ({ isOn }) => isOn,
      fairMoves(state, moves) {
        const wanted = state.isPlugged ? "switch" : "plug"
        return [...moves.keys()]
          .filter((index) => [wanted, "wait"].includes(moves[index] ?? ""))
          .slice(0, 1)
      },
      duration: (move) => (move === "wait" ? 0 : 1),
      bound: 2,
    },
  }
}

/** One that throws where it is switched without being plugged in. */
export function throwingLamp(): CompleteModel<Lamp, LampMove> {
  const model = lamp()
  return {
    ...model,
    next(state, move) {
      if (!state.isPlugged && move === "switch") throw new Error("[BUG] no light")
      return model.next(state, move)
    },
  }
}

function after(state: Lamp, move: LampMove): Lamp {
  switch (move) {
    case "switch":
      return { ...state, isOn: !state.isOn && state.isPlugged, switched: state.switched + 1 }
    case "rest":
      return { ...state, switched: 0 }
    case "unplug":
      return { ...state, isOn: false, isPlugged: false }
    case "plug":
      return { ...state, isPlugged: true }
    case "wait":
      return state
  }
}
