/**
 * How soon and how late an empty slot may be filled again: the backoff with all of its jitter, the pause after a failed fork, and
 * the time in which a signal to the group may arrive. The rules judge forks outside this window.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { ProcessRecord } from "./process-record.ts"

/** The first and the last moment at which a fork may come. */
export interface ForkWindow {
  readonly fromAt: number
  readonly untilAt: number
}

export function atOnce(at: number): ForkWindow {
  return { fromAt: at, untilAt: at }
}

/** After the exit of a worker in a slot that was taken back meanwhile. */
export function restoreWindow(plan: Plan, process: ProcessRecord, at: number): ForkWindow {
  return held(plan, process, atOnce(at))
}

/** After the exit of a worker whose slot has had `attempt` respawns since it was last stable. */
export function respawnWindow(
  plan: Plan,
  process: ProcessRecord,
  attempt: number,
  at: number,
): ForkWindow {
  return held(plan, process, backoffWindow(plan, attempt, at))
}

/** After a fork that failed. */
export function retryWindow(
  plan: Plan,
  process: ProcessRecord,
  attempt: number,
  at: number,
): ForkWindow {
  const { fromAt, untilAt } = respawnWindow(plan, process, attempt, at)
  const retryAt = at + plan.forkRetryMs
  return { fromAt: Math.max(fromAt, retryAt), untilAt: Math.max(untilAt, retryAt) }
}

/** After a spare that has ended by itself, or could not be forked, for the `attempt`-th time in a row, 0 being the first. */
export function spareWindow(plan: Plan, attempt: number, at: number): ForkWindow {
  const retryAt = at + plan.forkRetryMs
  const { fromAt, untilAt } =
    plan.backoff === false ? atOnce(at + plan.recycleRetryMs) : backoffWindow(plan, attempt, at)
  return { fromAt: Math.max(fromAt, retryAt), untilAt: Math.max(untilAt, retryAt) }
}

/** Without jitter, and with all of it. */
function backoffWindow(plan: Plan, attempt: number, at: number): ForkWindow {
  if (plan.backoff === false || attempt === 0) return atOnce(at)
  const { minMs, maxMs } = plan.backoff
  const base = minMs * 2 ** (attempt - 1)
  return {
    fromAt: at + Math.min(maxMs, base),
    untilAt: at + Math.min(maxMs, Math.ceil(base * 1.2)),
  }
}

/** A signal to one process may be on its way to the primary, too: the next fork waits for it. */
function held(plan: Plan, process: ProcessRecord, window: ForkWindow): ForkWindow {
  const echoedAt = (process.signaledAt ?? -Infinity) + plan.groupSignalWindowMs
  return {
    fromAt: Math.max(window.fromAt, echoedAt),
    untilAt: Math.max(window.untilAt, echoedAt),
  }
}
