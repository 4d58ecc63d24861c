/**
 * The world of a pool as a model: the shipped core, everything that may happen to it, and the rules about what it makes of that. In a
 * search time passes in single milliseconds, so its plan has small figures.
 */
import { describeFact, describeMs } from "../../core/describe.ts"
import type { Command, Reason } from "../../core/command.ts"
import type { Event, Fact } from "../../core/event.ts"
import type { PlanOptions } from "../../core/plan/options.ts"
import { type Plan, planFrom } from "../../core/plan/plan.ts"
import { finite } from "../../core/recording/recording.ts"
import { run } from "../../core/run.ts"
import { initialState } from "../../core/state.ts"
import { drawEntriesSvg } from "../timeline/draw-svg.ts"
import { drawEntries } from "../timeline/draw-text.ts"
import { entriesOf } from "../timeline/log-of-recording.ts"
import { type TranscriptEntry, transcriptOf } from "../../platform/fake/transcript.ts"
import { type History, historyOf } from "../rules/history.ts"
import type { ProcessRecord } from "../rules/process-record.ts"
import type { Leniency } from "../rules/rule.ts"
import { checkBounds } from "./check-bounds.ts"
import type { CompleteModel } from "../model/model.ts"
import { movesInLists } from "../model/move-list.ts"
import { kindOf, classOf } from "./move-classes.ts"
import { fairMovesOf, keyOf, movesOf } from "./pool-moves.ts"
import type { NoOp, PoolBounds, PoolMove, PoolWorld, TimeStep } from "./pool-world.ts"
import { encoderOf } from "./encode-pool.ts"
import { happen, pass } from "./happen.ts"
import { waitsAlike } from "./encode-values.ts"
import { madeOnce } from "../model/made-once.ts"

/** How time passes in a simulation: slowly, until the next deadline, or in long steps. */
const usualSteps: readonly TimeStep[] = [1, 100, "deadline", 10_000, 600_000]

/**
 * The world of a pool with the given options, for `simulate`, `replay` and `explore`.
 *
 * @param bounds what may happen besides what processes do. Default: up to two workers more than the pool starts with are
 *   asked for, reloads and upgrades happen, workers ask for a replacement and for the leadership, deadlines are reached in time, and time
 *   passes in steps of 1 ms to 10 min. That is mostly too much for `explore`.
 * @throws {TypeError} if an option has an unknown name or a wrong type. @throws {RangeError} if a value is out of range.
 * @example
 * ```ts
 * import { explore, poolModel } from "kamisama/fake"
 *
 * const model = poolModel(
 *   { workers: 1, timeout: 2, respawnLimit: 1, respawnInterval: 2, backoff: false },
 *   {
 *     mostWorkers: 1,
 *     timeSteps: ["deadline"],
 *     reloads: false,
 *     upgrades: false,
 *     recycles: false,
 *     elects: false,
 *     incidents: false,
 *   },
 * )
 * const { states, transitions, counterexample } = explore(model)
 * console.log(states, transitions)
 * if (counterexample !== undefined) console.log(model.format(counterexample.moves))
 * ```
 */
export function poolModel(
  options: PlanOptions,
  bounds: Partial<PoolBounds> = {},
): CompleteModel<PoolWorld, PoolMove> {
  const plan = planFrom(options, { cores: () => 2, seed: 1 })
  checkBounds(bounds, plan)
  return modelOf(plan, {
    mostWorkers: plan.workers + 2,
    scales: true,
    reloads: true,
    upgrades: true,
    recycles: true,
    elects: true,
    incidents: true,
    latenessMs: 0,
    timeSteps: usualSteps,
    ...bounds,
  })
}

/** Makes the model of a plan. @internal */
export function modelOf(given: Plan, bounds: PoolBounds): CompleteModel<PoolWorld, PoolMove> {
  const { latenessMs, mostWorkers, scales, reloads, upgrades, recycles, elects, incidents } = bounds
  const plan: Plan = incidents ? given : { ...given, incidentMs: false }
  const leniency: Leniency = { slackMs: latenessMs }
  const kindOfMove = (move: PoolMove): string => kindOf(plan, move)
  const goals = goalsOf(plan, bounds)
  const bitOf = bitsOf(goals)
  const isRecycled =
    recycles ||
    [plan.maxAgeMs, plan.maxMemoryBytes, plan.maxRequests].some((limit) => limit !== false)
  const isSymmetric = !scales && !reloads && !elects && !isRecycled && waitsAlike(plan, mostWorkers)
  return {
    initial: { state: initialState(plan), history: historyOf(plan), now: 0, due: null },
    moves: movesInLists(movesOf(plan, bounds), { kindOf: kindOfMove, fairMoves: fairMovesOf }),
    next(world, move) {
      if (move.type === "time-passed") return pass(world, move.ms, leniency)
      return happen(plan, world, eventAt(move, world.now), leniency, bitOf)
    },
    write: encoderOf({ plan, latenessMs, isSymmetric }),
    identity: identityOf(plan, bounds),
    describe,
    format(moves, isWrong = true) {
      const transcript = entriesOfMoves(plan, moves)
      const mark = isWrong ? transcript.length : undefined
      return `${transcriptOf(transcript)}\n${drawEntries(transcript, { mark, mostCommands: 0 })}`
    },
    draw(moves, violation) {
      const transcript = entriesOfMoves(plan, moves)
      return drawEntriesSvg(transcript, {
        mark: violation === undefined ? undefined : transcript.length,
        title: violation,
      })
    },
    keyOf,
    kindOf: kindOfMove,
    classOf,
    isOver: ({ state }) => state.phase === "done",
    goals,
    recovery: {
      isWell: ({ history }) => history.phase === "done" || isServing(history),
      fairMoves: fairMovesOf,
      duration: (move) => (move.type === "time-passed" ? move.ms : 0),
      bound: recoveryBound(plan, latenessMs, {
        replaced: reloads ? Math.max(plan.workers, mostWorkers) : 0,
        upgrades,
      }),
    },
  }
}

/** Whether each wanted slot has a worker that serves, or is finished, and no reload runs. */
function isServing({ phase, slots, living, reload }: History): boolean {
  if (phase !== "running" || reload !== null) return false
  const serves = ({ readyAt, dueToStopAt, killedAt }: ProcessRecord): boolean =>
    readyAt !== null && dueToStopAt === null && killedAt === null
  const isFull = slots.every(({ state }) => state === "occupied" || state === "finished")
  return isFull && living.every((process) => process.role !== "current" || serves(process))
}

/** Grows whenever the possible moves do. */
const version = 9

/** As text: no two models that differ in anything have the same. */
function identityOf(plan: Plan, bounds: PoolBounds): string {
  return JSON.stringify([version, plan, bounds], finite)
}

/** What a pool would have logged, and a note if time has passed since the last event. */
function entriesOfMoves(plan: Plan, moves: readonly PoolMove[]): TranscriptEntry[] {
  const log: TranscriptEntry[] = [{ kind: "plan", at: 0, plan }]
  const events: Event[] = []
  let at = 0
  for (const move of moves) {
    if (move.type === "time-passed") at += move.ms
    else events.push(eventAt(move, at))
  }
  for (const step of run(plan, initialState(plan), events)) log.push(...entriesOf(step))
  if (moves.at(-1)?.type === "time-passed") {
    log.push({ kind: "note", at, text: "nothing else happens until now" })
  }
  return log
}

function eventAt(move: Fact | NoOp, at: number): Event {
  return { ...(move.type === "no-op" ? move.fact : move), at }
}

function describe(move: PoolMove): string {
  switch (move.type) {
    case "time-passed":
      return `${describeMs(move.ms)} pass`
    case "no-op":
      return `${describeFact(move.fact)}, ${move.why}`
    default:
      return describeFact(move)
  }
}

/** @internal */
export function goalOf({
  type,
  reason,
}: {
  readonly type: Command["type"]
  readonly reason: Pick<Reason, "rule">
}): string {
  return `${type} by ${reason.rule}`
}

/** The bit of the goal that a command reaches; 0 if none. The names of goals are made once, not for each command. */
function bitsOf(goals: readonly string[]): (command: Command) => number {
  const bitOf = madeOnce((type: Command["type"]) =>
    madeOnce((rule: Reason["rule"]) => {
      const index = goals.indexOf(goalOf({ type, reason: { rule } }))
      return index === -1 ? 0 : 1 << index
    }),
  )
  return ({ type, reason }) => bitOf(type)(reason.rule)
}

/** What a search through a plan must reach. @internal */
export function goalsOf(
  plan: Plan,
  { scales, reloads, upgrades, recycles, elects, mostWorkers }: PoolBounds,
): string[] {
  const canGrow = scales && mostWorkers > plan.workers
  const canGiveUp = plan.respawnLimit !== Infinity
  const wanted: readonly (readonly [string, boolean])[] = [
    ["fork-worker by start", true],
    ["fork-worker by respawn", plan.respawnLimit > 0],
    ["fork-worker by spare", plan.spares > 0],
    ["run-worker by respawn", plan.spares > 0 && plan.respawnLimit > 0],
    ["fork-worker by scale-up", canGrow],
    ["fork-worker by restore", scales && mostWorkers > 1],
    ["fork-worker by reload", reloads],
    ["grant-leadership by leadership", elects],
    ["fork-worker by recycle-requested", recycles],
    ["fork-worker by max-age", plan.maxAgeMs !== false],
    ["fork-worker by max-memory", plan.maxMemoryBytes !== false],
    ["fork-worker by max-requests", plan.maxRequests !== false],
    ["announce-upgrade by handed-over", upgrades],
    ["stop-successor by successor-late", upgrades],
    ["kill-successor by stop-timeout", upgrades],
    ["announce-reload by all-replaced", reloads],
    ["announce-reload by replacement-failed", reloads],
    ["run-worker by hello", true],
    ["announce-stop-delay by stop-delay", plan.stopDelayMs > 0],
    ["stop-worker by stop", true],
    ["kill-worker by stop-timeout", true],
    ["kill-worker by start-timeout", plan.startTimeoutMs !== false],
    ["kill-worker by heartbeat-timeout", plan.heartbeatTimeoutMs !== false],
    ["announce-give-up by respawn-limit", canGiveUp],
    [
      "announce-incident by correlated-failures",
      plan.incidentMs !== false && (plan.workers > 1 || canGrow),
    ],
    [
      "announce-give-up by no-worker-started",
      plan.startFailure === "exit" && plan.respawn !== "never",
    ],
    ["finish by all-stopped", plan.waitForWorkers],
    ["finish by exits-unreported", plan.waitForWorkers],
    ["finish by not-waiting", !plan.waitForWorkers],
    ["finish by all-finished", plan.respawn !== "always"],
    ["finish by start-failed", true],
  ]
  return wanted.filter(([, isPossible]) => isPossible).map(([goal]) => goal)
}

/**
 * How long recovery may take, in ms. Two workers may have to be killed one after the other, and the last one waits for its
 * slot. Two reloads, one after the other, may have to replace each of `replaced` workers. A pool that stops waits for a new primary
 * that `upgrades` have started.
 * @internal
 */
export function recoveryBound(
  plan: Plan,
  latenessMs: number,
  { replaced = 0, upgrades = false } = {},
): number {
  const backoffMs = plan.backoff === false ? 0 : plan.backoff.maxMs
  const waitMs = Math.max(backoffMs, plan.groupSignalWindowMs, plan.forkRetryMs)
  const replacementMs = plan.minReadyMs + plan.timeoutMs + 2 * latenessMs
  const successorMs = upgrades ? plan.killReportMs : 0
  return 2 * plan.timeoutMs + waitMs + 2 * latenessMs + 2 * replaced * replacementMs + successorMs
}
