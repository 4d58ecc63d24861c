/**
 * A whole system as a model: a primary that runs the shipped core, workers that run the shipped worker's side, the shipped
 * wire between them, the reaper, and an operating system that does what it likes. The rules are those of ./rules.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { signalsFor } from "../../core/plan/signals.ts"
import { isReady } from "../../core/state.ts"
import type { CompleteModel, Next } from "../model/model.ts"
import { numbered } from "../model/numbered.ts"
import { Draft } from "./draft.ts"
import { systemEncoderOf } from "./encode-system.ts"
import { goalsOf } from "./goals.ts"
import { isExpected, type Place } from "./process-moves.ts"
import { seeEnd, seePassing } from "./rules/system-rules.ts"
import type { SystemBounds } from "./system-bounds.ts"
import {
  classesOf,
  firstMove,
  movesNow,
  type SystemMove,
  type WholeMove,
  wholeMovesOf,
} from "./system-moves.ts"
import { newPrimary, type Process, type SystemWorld } from "./system-world.ts"

/** What recovery takes at most is not promised by a figure: that it takes a bounded time at all is. */
const recoveryBoundMs = 1_000

/** More than are under way at a time. */
const mostDeliveries = 1_000

/** Makes the model of a plan. */
export function systemModel(
  given: Plan,
  bounds: SystemBounds,
): CompleteModel<SystemWorld, SystemMove> {
  const plan: Plan = { ...given, incidentMs: false }
  const whole = wholeMovesOf(bounds)
  const goals = goalsOf(plan, bounds)
  const classes = classesOf(whole)
  const [stopSignal = "SIGTERM"] = signalsFor(plan.signals, "stop")
  const placeOf = (world: SystemWorld): Place => ({
    world,
    primary: world.primary,
    bounds,
    now: world.now,
    stopSignal,
  })
  const initial: SystemWorld = {
    now: 0,
    primary: newPrimary(plan),
    end: null,
    processes: [],
    reaper: null,
  }

  function happen(world: SystemWorld, move: SystemMove): Next<SystemWorld> {
    const now = move.of === "time" ? world.now + 1 : world.now
    const draft = new Draft({ ...world, now }, plan, bounds, goals)
    if (move.of === "time") {
      const place = placeOf(world)
      draft.violation = seePassing(draft, (process) => isExpected(process, place))
    } else if (move.of === "system") move.move.perform(draft, placeOf(world))
    else {
      const at = draft.placeOf(move.incarnation)
      if (at !== undefined) move.move.perform(draft, at, placeOf(world))
    }
    if (world.end === null && draft.end !== null) draft.violation ??= seeEnd(draft)
    return { state: draft.finished(), violation: draft.violation, reached: draft.reached }
  }

  return {
    initial,
    moves: (world) => movesNow(world, placeOf(world), whole),
    next(world, move) {
      let next = happen(world, move)
      if (bounds.interleaves) return next
      let reached = next.reached ?? 0
      for (let count = 0; next.violation === undefined; count += 1) {
        const first = firstMove(next.state, placeOf(next.state), whole)
        if (first === undefined) break
        if (count === mostDeliveries) return { ...next, violation: "deliveries never end" }
        next = happen(next.state, first)
        reached |= next.reached ?? 0
      }
      return { ...next, reached }
    },
    write: systemEncoderOf(plan),
    identity: JSON.stringify([plan, bounds]),
    describe,
    format: (moves) => numbered(moves.map(describe)),
    keyOf: describe,
    kindOf: (move) => (move.of === "time" ? "time" : move.move.name),
    classOf: (kind) => classes.get(kind) ?? "progress",
    isOver: ({ primary, processes, reaper }) =>
      primary === null && processes.length === 0 && reaper === null,
    goals,
    recovery: {
      isWell: ({ primary, processes, reaper }) =>
        primary === null
          ? processes.length === 0 && reaper === null
          : isReady(primary.state) && processes.every(serves) && hasLeader(processes),
      fairMoves,
      duration: (move) => (move.of === "time" ? 1 : 0),
      bound: recoveryBoundMs,
    },
  }
}

/** Whether a process runs, or waits as a spare, and nothing has asked it to stop. */
function serves({ os, record, worker }: Process): boolean {
  const isInUse = worker.slot === 0 || record.runCalls === 1
  return os === "running" && isInUse && record.toldToStop === null && !record.wasSignaledAlone
}

/** Whether there is a leader, unless the worker of the first slot did not ask to be it. */
function hasLeader(processes: readonly Process[]): boolean {
  const isWanted = processes.some(({ worker, record }) => worker.slot === 1 && record.isCandidate)
  return !isWanted || processes.some(({ record }) => record.isLeader)
}

/** What is under way first, then what is expected. Time passes when neither is left. */
function fairMoves(_world: SystemWorld, moves: readonly SystemMove[]): readonly number[] {
  const ofKind = (comes: WholeMove["comes"] | undefined): number[] =>
    [...moves.keys()].filter((index) => comesOf(moves[index]) === comes)
  const first = ofKind("first")
  if (first.length > 0) return first
  const expected = ofKind("in the end")
  return expected.length > 0 ? expected : ofKind(undefined)
}

/** @returns undefined for the passing of time. */
function comesOf(move: SystemMove | undefined): WholeMove["comes"] | undefined {
  return move === undefined || move.of === "time" ? undefined : move.move.comes
}

function describe(move: SystemMove): string {
  switch (move.of) {
    case "process":
      return `#${move.incarnation} ${move.move.name}`
    case "system":
      return move.move.name
    case "time":
      return "1 ms passes"
  }
}
