/**
 * Which workers have had their time to give a sign of life: to become ready, and from then on to answer.
 *
 * A worker that is not ready `startTimeout` after its fork, or whose event loop has not answered for `heartbeatTimeout`,
 * is killed; its exit is then judged like any failure. After a suspend, or a stall of the primary, nobody is: reports that
 * were sent in time may still wait to be read, so the time begins anew. One that replaces another, or is forked while a
 * reload runs, may not take for ever to become ready, as that would never end: where there is no such timeout, another one
 * holds for it.
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import { replacementFailed } from "./reload.ts"
import { isLeaving, type OccupiedSlot, type Worker } from "./state.ts"
import { putSlot, slotOf, type Transition } from "./transition.ts"
import { heartbeatDeadline, killWorker, startLimitMs } from "./worker.ts"

/** The event loop of a worker turns. It matters from when the worker is ready until it is to end. */
export function workerSentHeartbeat(transition: Transition, ref: WorkerRef): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.phase !== "ready" || isLeaving(slot.worker)) return
  renew(transition, slot, heartbeatDeadline(transition))
}

/** Kills the workers whose time is over, or gives them all new time where it is the primary that was away. */
export function killUnresponsive(transition: Transition, wasAway: boolean): void {
  const { plan, at } = transition
  for (const slot of transition.state.slots) {
    if (slot.state !== "occupied" || slot.worker.timeoutAt === null) continue
    const limit = limitOf(plan, slot.worker)
    if (wasAway) renew(transition, slot, at + limit.ms)
    else if (slot.worker.timeoutAt <= at) {
      killWorker(transition, slot, limit.reason)
      if (slot.onExit === "failed") replacementFailed(transition, slot, limit.failure)
    }
  }
}

/** How long a worker has for its next sign of life, and what it means that there is none. */
interface Limit {
  readonly ms: number
  readonly reason: Reason
  readonly failure: "late" | "unresponsive"
}

function limitOf(plan: Plan, { phase }: Worker): Limit {
  const { heartbeatTimeoutMs, heartbeatGraceMs } = plan
  if (phase === "ready" && heartbeatTimeoutMs !== false) {
    const reason: Reason = { rule: "heartbeat-timeout", heartbeatTimeoutMs }
    return { ms: heartbeatTimeoutMs + heartbeatGraceMs, reason, failure: "unresponsive" }
  }
  const startTimeoutMs = startLimitMs(plan)
  return {
    ms: startTimeoutMs,
    reason: { rule: "start-timeout", startTimeoutMs },
    failure: "late",
  }
}

function renew(transition: Transition, slot: OccupiedSlot, timeoutAt: number | null): void {
  putSlot(transition, { ...slot, worker: { ...slot.worker, timeoutAt } })
}
