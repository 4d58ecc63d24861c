/**
 * The world of a pool as a model for `explore`: the shipped core, everything that may happen to it, and the rules about
 * what it makes of that. In a search time goes by in single milliseconds, so its plan has small figures.
 */
import { nextDeadline } from "../../../core/deadline.ts"
import { describeFact, describeMs } from "../../../core/describe.ts"
import type { Effect, Reason } from "../../../core/effect.ts"
import type { Event } from "../../../core/event.ts"
import type { Plan } from "../../../core/plan.ts"
import { initialState, isSettled } from "../../../core/state.ts"
import { step } from "../../../core/step.ts"
import type { LogEntry } from "../../platform.ts"
import { rules } from "../rules/check-log.ts"
import { follow, type History, historyOf } from "../rules/history.ts"
import type { Leniency } from "../rules/rule.ts"
import type { Model, Next } from "./model.ts"
import {
  fairMovesOf,
  movesOf,
  type PoolFreedom,
  type PoolMove,
  type PoolWorld,
} from "./pool-moves.ts"
import { waitsAlike, wordsOf } from "./pool-words.ts"

/** Makes the model of a plan. */
export function poolModel(plan: Plan, freedom: PoolFreedom): Model<PoolWorld, PoolMove> {
  const { lateMs, mostWorkers, scales } = freedom
  const leniency: Leniency = { slackMs: lateMs }
  const goals = goalsOf(plan, freedom)
  const bits = new Map(goals.map((goal, index) => [goal, 1 << index]))
  const isSymmetric = !scales && waitsAlike(plan, mostWorkers)
  return {
    initial: { state: initialState(plan), history: historyOf(plan), now: 0 },
    moves: movesOf(plan, freedom),
    next(world, move) {
      return move.type === "time-passed"
        ? { state: { ...world, now: world.now + move.ms }, reached: 0 }
        : happen(plan, world, { ...move, at: world.now }, leniency, bits)
    },
    write: wordsOf({ plan, lateMs, isSymmetric }),
    describe: (move) =>
      move.type === "time-passed" ? `${describeMs(move.ms)} pass` : describeFact(move),
    goals,
    recovery: {
      isWell: ({ state }) => state.phase === "done" || isSettled(state),
      fairMoves: fairMovesOf,
      duration: (move) => (move.type === "time-passed" ? move.ms : 0),
      bound: recoveryBound(plan, lateMs),
    },
  }
}

/** One event, the orders it leads to, and what the rules say of them. */
function happen(
  plan: Plan,
  world: PoolWorld,
  event: Event,
  leniency: Leniency,
  bits: ReadonlyMap<string, number>,
): Next<PoolWorld> {
  const { now } = world
  const { state, effects } = step(plan, world.state, event)
  let wrong: string | undefined
  let reached = 0
  let { history } = world
  const look = (entry: LogEntry): void => {
    for (const rule of rules) {
      const text = rule.see?.(entry, history, leniency)
      if (text !== undefined) wrong ??= `rule ${rule.number}: ${text}`
    }
    history = follow(history, entry)
  }
  look({ kind: "event", event })
  for (const order of effects) {
    look({ kind: "order", at: now, order })
    reached |= bits.get(goalOf(order)) ?? 0
  }
  for (const rule of rules) {
    const text = rule.settled?.(history, leniency)
    if (text !== undefined) wrong ??= `rule ${rule.number}: ${text}`
  }
  const next = nextDeadline(state)
  if (event.type === "deadline-reached" && next !== null && next <= now) {
    wrong ??= "a deadline was reached in vain, so that the driver would spin"
  }
  const wanted = nextDeadline(world.state)
  if (next !== null && next <= now && (wanted === null || wanted > now)) {
    wrong ??= "what is due at once was left to a wake-up"
  }
  if (state.phase === "done" && next !== null)
    wrong ??= "rule 16: a pool that is done has a deadline"
  const isSame =
    state === world.state && effects.length === 0 && isSameHistory(history, world.history)
  return { state: isSame ? world : { state, history, now }, wrong, reached }
}

/** Whether a report changed nothing but what it says of itself. */
function isSameHistory(one: History, other: History): boolean {
  return (
    one.living === other.living &&
    one.slots === other.slots &&
    one.phase === other.phase &&
    one.target === other.target &&
    one.startFailedAt === other.startFailedAt
  )
}

function goalOf({
  type,
  reason,
}: {
  readonly type: Effect["type"]
  readonly reason: Reason
}): string {
  return `${type} by ${reason.rule}`
}

/** What has to be seen of a plan. */
function goalsOf(plan: Plan, { scales, mostWorkers }: PoolFreedom): string[] {
  const canGrow = scales && mostWorkers > plan.workers
  const canGiveUp = plan.respawnLimit !== Infinity
  const wanted: readonly (readonly [string, boolean])[] = [
    ["fork-worker by start", true],
    ["fork-worker by respawn", plan.respawnLimit > 0],
    ["fork-worker by scale-up", canGrow],
    ["fork-worker by refill", scales && mostWorkers > 1],
    ["run-worker by hello", true],
    ["stop-worker by stop", true],
    ["kill-worker by stop-timeout", true],
    ["kill-worker by start-timeout", plan.startTimeoutMs !== false],
    ["announce-give-up by respawn-limit", canGiveUp],
    ["finish by all-stopped", plan.waitForWorkers],
    ["finish by exits-unreported", plan.waitForWorkers],
    ["finish by not-waiting", !plan.waitForWorkers],
    ["finish by all-finished", plan.respawn !== "always"],
    ["finish by start-failed", true],
  ]
  return wanted.filter(([, isPossible]) => isPossible).map(([goal]) => goal)
}

/** Two workers may have to be killed one after the other, and the last one waits for its slot. */
function recoveryBound(plan: Plan, lateMs: number): number {
  const backoffMs = plan.backoff === false ? 0 : plan.backoff.maxMs
  const waitMs = Math.max(backoffMs, plan.signalEchoMs, plan.forkRetryMs)
  return 2 * plan.timeoutMs + waitMs + 2 * lateMs
}
