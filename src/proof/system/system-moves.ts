/**
 * Everything that may happen to a system at a moment, besides what its processes do: what an operator asks for, what the
 * operating system sends, and the passing of time.
 */
import type { Fact } from "../../core/event.ts"
import type { MoveClass } from "../model/model.ts"
import type { Draft } from "./draft.ts"
import { endPrimary, takeFact } from "./primary-side.ts"
import {
  isBeingSignaled,
  isDue,
  type Place,
  type ProcessMove,
  processMoves,
} from "./process-moves.ts"
import { endWait, keep, look } from "./reaper-side.ts"
import type { SystemBounds } from "./system-bounds.ts"
import type { Primary, Process, SystemWorld } from "./system-world.ts"

/** One thing that happens: to a process, to the system, or that a moment passes. */
export type SystemMove =
  | { readonly of: "process"; readonly incarnation: number; readonly move: ProcessMove }
  | { readonly of: "system"; readonly move: WholeMove }
  | { readonly of: "time" }

/** A move that is not of one process. */
export interface WholeMove {
  readonly name: string
  readonly comes: ProcessMove["comes"]
  readonly isPossible: (world: SystemWorld, place: Place) => boolean
  readonly perform: (draft: Draft, place: Place) => void
}

/** The fact reaches a primary that runs. */
function asked(
  name: string,
  fact: Fact,
  isPossible: (bounds: SystemBounds, primary: Primary) => boolean,
): WholeMove {
  return {
    name,
    comes: "or not",
    isPossible: ({ primary }, { bounds }) => primary !== null && isPossible(bounds, primary),
    perform: (draft) => takeFact(draft, fact),
  }
}

/** Whether the one client is at this process, on its way to it, or on its way back. */
function hasClient({ side, down, up }: Process): boolean {
  if (side !== null && side.requests > 0) return true
  return down.some(({ type }) => type === "connection") || up.some(({ type }) => type === "refused")
}

/** The moves of one plan. */
export function wholeMovesOf(bounds: SystemBounds): readonly WholeMove[] {
  const targets = Array.from({ length: bounds.scalesTo }, (_, index) => index + 1)
  return [
    {
      name: "the pool starts",
      comes: "in the end",
      isPossible: ({ primary }) => primary?.state.phase === "starting",
      perform: (draft) => takeFact(draft, { type: "started" }),
    },
    {
      name: "a deadline is reached",
      comes: "first",
      isPossible: ({ primary, now }) => primary !== null && isDue(primary.due, now),
      perform: (draft) => takeFact(draft, { type: "deadline-reached" }),
    },
    {
      name: "the primary takes in a signal",
      comes: "first",
      isPossible: ({ primary }) => primary !== null && primary.pending.length > 0,
      perform(draft) {
        const [signal = "", ...pending] = draft.primary?.pending ?? []
        draft.changePrimary({ pending, groupVictims: [] })
        takeFact(draft, { type: "signal-received", signal })
      },
    },
    {
      name: "the primary is sent a signal",
      comes: "or not",
      isPossible: ({ primary }, { stopSignal }) =>
        bounds.stops && primary !== null && !primary.pending.includes(stopSignal),
      perform: (draft, { stopSignal }) => draft.signalPrimary(stopSignal),
    },
    {
      name: "the group is sent a signal",
      comes: "or not",
      isPossible: ({ primary }, { stopSignal }) =>
        bounds.signalsGroup && primary !== null && !primary.pending.includes(stopSignal),
      perform(draft, { stopSignal }) {
        draft.signalPrimary(stopSignal)
        for (const [at, process] of draft.processes.entries()) {
          if (!isBeingSignaled(process, stopSignal)) draft.signal(at, stopSignal)
        }
      },
    },
    asked(
      "a reload is asked for",
      { type: "reload-requested" },
      ({ reloads }, { state }) => reloads && state.phase === "running",
    ),
    ...targets.map((target) =>
      asked(
        `the pool is scaled to ${target}`,
        { type: "scale-requested", target },
        (_bounds, { state }) => state.phase === "running" && state.target !== target,
      ),
    ),
    {
      name: "a client connects",
      comes: "or not",
      isPossible: ({ primary, processes }) =>
        bounds.connections === "handed" &&
        primary !== null &&
        !primary.holdsConnection &&
        !processes.some(hasClient) &&
        processes.some(({ isListed }) => isListed),
      perform: (draft) => draft.changePrimary({ holdsConnection: true }),
    },
    {
      name: "the primary is killed",
      comes: "or not",
      isPossible: ({ primary }) => bounds.killsPrimary && primary !== null,
      perform: (draft) => endPrimary(draft, "killed"),
    },
    {
      name: "the reaper is killed",
      comes: "or not",
      isPossible: ({ reaper }) => bounds.killsReaper && reaper !== null,
      perform(draft) {
        draft.reaper = null
        keep(draft, { type: "reaper-died", at: draft.now })
      },
    },
    {
      name: "the next turn of the primary begins",
      comes: "first",
      isPossible: ({ primary }) => primary?.keeping.phase === "soon",
      perform: (draft) => keep(draft, { type: "next-turn-began" }),
    },
    {
      name: "the reaper is due again",
      comes: "in the end",
      isPossible: ({ primary }) => primary?.keeping.phase === "dead",
      perform: endWait,
    },
    {
      name: "the reaper looks",
      comes: "first",
      isPossible: ({ reaper, now }) => reaper !== null && isDue(reaper.looksAt, now),
      perform: look,
    },
  ]
}

/** The first of what no time passes before; undefined if everything has arrived. */
export function firstMove(
  world: SystemWorld,
  place: Place,
  whole: readonly WholeMove[],
): SystemMove | undefined {
  for (const process of world.processes) {
    for (const move of urgentMoves) {
      if (move.isPossible(process, place)) {
        return { of: "process", incarnation: process.worker.incarnation, move }
      }
    }
  }
  const move = whole.find(({ comes, isPossible }) => comes === "first" && isPossible(world, place))
  return move && { of: "system", move }
}

const urgentMoves = processMoves.filter(({ comes }) => comes === "first")

/** Everything that may happen now, and what of it no time passes before. */
export function movesNow(
  world: SystemWorld,
  place: Place,
  whole: readonly WholeMove[],
): readonly SystemMove[] {
  const moves: SystemMove[] = []
  let mayWait = true
  for (const process of world.processes) {
    const { incarnation } = process.worker
    for (const move of processMoves) {
      if (!move.isPossible(process, place)) continue
      if (move.comes === "first") mayWait = false
      moves.push({ of: "process", incarnation, move })
    }
  }
  for (const move of whole) {
    if (!move.isPossible(world, place)) continue
    if (move.comes === "first") mayWait = false
    moves.push({ of: "system", move })
  }
  if (mayWait) moves.push({ of: "time" })
  return moves
}

/** What ends a run, because little may happen afterwards. */
const ends: readonly string[] = [
  "the primary is sent a signal",
  "the group is sent a signal",
  "the primary is killed",
]

/** What the moves are to a random run, by their names. What is not here is progress. */
export function classesOf(whole: readonly WholeMove[]): ReadonlyMap<string, MoveClass> {
  const unexpected = [...processMoves, ...whole].filter(({ comes }) => comes === "or not")
  return new Map(
    unexpected.map(({ name }) => [name, ends.includes(name) ? "end" : "disturbance"] as const),
  )
}
