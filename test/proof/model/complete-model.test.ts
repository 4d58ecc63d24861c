/**
 * A model needs three members. These tests give no more than that, and look at what the defaults make of the rest.
 */
import { describe, expect, test } from "vitest"
import { explore, type Model, replay, simulate, SimulationError } from "../../../src/fake.ts"
import { Encoder } from "../../../src/proof/model/encoder.ts"
import { writeData } from "../../../src/proof/model/write-data.ts"

/** What each of two workers does: it looks whether the lock is free, and takes it if it has seen that. */
type Phase = "idle" | "has seen it free" | "holds it"

interface Lock {
  readonly phases: readonly Phase[]
}

interface Act {
  readonly worker: number
  readonly act: "looks" | "takes" | "releases"
}

/** Two workers that look first and take the lock later. A lock that is checked again when it is taken is not broken. */
function lock({ isChecked }: { readonly isChecked: boolean }): Model<Lock, Act> {
  const isHeld = ({ phases }: Lock): boolean => phases.includes("holds it")
  return {
    initial: { phases: ["idle", "idle"] },
    moves: ({ phases }) =>
      phases.map((phase, worker) => {
        if (phase === "idle") return { worker, act: "looks" }
        return { worker, act: phase === "holds it" ? "releases" : "takes" }
      }),
    next(state, { worker, act }) {
      const becomes = (phase: Phase): Lock => ({ phases: state.phases.with(worker, phase) })
      if (act === "releases") return { state: becomes("idle") }
      if (act === "looks") return { state: isHeld(state) ? state : becomes("has seen it free") }
      if (isChecked && isHeld(state)) return { state: becomes("idle") }
      return { state: becomes("holds it"), violation: isHeld(state) ? "both hold it" : undefined }
    },
  }
}

const shortest = [
  { worker: 0, act: "looks" },
  { worker: 0, act: "takes" },
  { worker: 1, act: "looks" },
  { worker: 1, act: "takes" },
]

describe("a model of three members", () => {
  test("is searched: the shortest run in which two workers hold one lock is found", () => {
    const { isProof, counterexample } = explore(lock({ isChecked: false }))
    expect(isProof).toBe(false)
    expect(counterexample?.violation).toBe("both hold it")
    expect(counterexample?.moves).toHaveLength(shortest.length)
    expect(counterexample?.moves).toEqual(
      expect.arrayContaining(shortest.map((act) => expect.objectContaining(act))),
    )
  })

  test("is proved, with each state counted once, if nothing is wrong with it", () => {
    const { isProof, states, transitions, uncovered } = explore(lock({ isChecked: true }))
    // Each worker is in one of three phases, and only both at once cannot hold the lock.
    expect({ isProof, states, transitions, uncovered }).toEqual({
      isProof: true,
      states: 8,
      transitions: 16,
      uncovered: [],
    })
  })

  test("is simulated: a failure lists its moves, and its text replays it", () => {
    const broken = lock({ isChecked: false })
    let failure: unknown
    try {
      simulate(broken)
    } catch (error) {
      failure = error
    }
    if (!(failure instanceof SimulationError)) throw new Error("Nothing has failed")
    const lines = failure.transcript.trimEnd().split("\n")
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^ {3}1\. \{"worker":[01],"act":"looks"\}$/)
    expect(replay(broken, failure.replay)).toEqual({
      violation: "both hold it",
      transcript: failure.transcript,
      svg: undefined,
    })
  })

  test("is simulated without a failure if nothing is wrong with it", () => {
    const { runs, events, uncovered } = simulate(lock({ isChecked: true }), { runs: 50 })
    expect({ runs, events, uncovered }).toEqual({ runs: 50, events: 50 * 300, uncovered: [] })
  })

  test("is wrong if it comes to a state without moves, unless isOver() says that this is its end", () => {
    const stuck: Model<number, string> = {
      initial: 0,
      moves: (count) => (count < 3 ? ["count"] : []),
      next: (count) => ({ state: count + 1 }),
    }
    expect(explore(stuck).counterexample).toEqual({
      violation: "nothing can happen, and it is not over",
      moves: ["count", "count", "count"],
    })
    expect(explore({ ...stuck, isOver: (count) => count === 3 }).isProof).toBe(true)
  })

  test("may be an object of a class", () => {
    class Counter implements Model<number, string> {
      readonly initial = 0
      readonly #end = 2
      moves(): string[] {
        return ["count"]
      }
      next(count: number): { state: number; violation: string | undefined } {
        return { state: count + 1, violation: count === this.#end ? "too far" : undefined }
      }
    }
    expect(explore(new Counter()).counterexample?.moves).toHaveLength(3)
    expect(() => simulate(new Counter())).toThrow(/^too far \(seed 1\)/)
  })

  test.each(["moves", "next"])("cannot do without %s", (name) => {
    const lacking = { ...lock({ isChecked: true }), [name]: undefined }
    expect(() => explore(lacking)).toThrow(
      new TypeError(`explore: "model.${name}" must be a function, got undefined`),
    )
  })

  test.each(["write", "describe", "format", "keyOf", "kindOf", "classOf", "isOver"])(
    "is refused if its %s is no function",
    (name) => {
      const broken = { ...lock({ isChecked: true }), [name]: 3 }
      expect(() => simulate(broken)).toThrow(
        new TypeError(`simulate: "model.${name}" must be a function, got 3`),
      )
    },
  )
})

describe("writeData()", () => {
  function written(value: unknown): number[] {
    const encoder = new Encoder()
    writeData(value, encoder)
    return encoder.toArray()
  }

  const values = [
    null,
    undefined,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    2 ** 40,
    Infinity,
    -Infinity,
    Number.NaN,
    "",
    "1",
    "Infinity",
    [],
    [0],
    [[0]],
    [0, 0],
    [null],
    [undefined],
    {},
    { a: 0 },
    { a: undefined },
    { a: 0, b: 1 },
    { a: { b: 1 } },
    { ab: 0 },
    ["a", "b"],
    ["ab", ""],
  ]

  test("tells all values apart that differ", () => {
    expect(new Set(values.map((value) => written(value).join())).size).toBe(values.length)
  })

  test("writes the same for the same data, whatever the order of its members", () => {
    expect(written({ b: [1, "x"], a: null })).toEqual(written({ a: null, b: [1, "x"] }))
  })

  test.each([
    ["a function", () => 0],
    ["a map", new Map()],
    ["a date", new Date(0)],
    ["a bigint", 1n],
    ["a symbol", Symbol("x")],
  ])("refuses %s in a state: two of them might look alike", (_, value) => {
    expect(() => written({ inside: [value] })).toThrow(
      /^model: the state must be plain data, got .*\. Give the model a "write"\.$/,
    )
  })
})
