/**
 * Workers that become ready or send a heartbeat too late are killed.
 *
 * A worker that is not ready `startTimeout` after its fork, or has sent no heartbeat for `heartbeatTimeout`, is killed, and
 * its exit is judged like any failure. After the machine was suspended, or the primary was blocked, no worker is killed at
 * once: reports that were sent in time may still wait to be read, so every limit starts again. A replacement, and a worker
 * that is forked during a reload, always has a limit to become ready, because a reload would wait for it forever otherwise.
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import { noteIfReplacement, runsNewCode } from "./replacement.ts"
import { type Process, processesOf, type Worker } from "./state.ts"
import { processOf, putWorker, type Transition } from "./transition.ts"
import { heartbeatDeadline, killWorker, startLimitMs } from "./worker.ts"

/** The event loop of a worker was responsive so long ago. Matters from when the worker is ready until it is to stop. */
export function workerSentHeartbeat(transition: Transition, ref: WorkerRef, agoMs: number): void {
  const process = processOf(transition, ref)
  if (process === undefined || process.worker.phase !== "ready") return
  const before = process.worker.timeoutAt
  const timeoutAt = heartbeatDeadline(transition, agoMs)
  // A worker that is to stop has no limit any more. A heartbeat that was sent before the worker was ready, or before the primary was
  // away, takes nothing away.
  if (before === null || timeoutAt === null || timeoutAt <= before) return
  putWorker(transition, process, { ...process.worker, timeoutAt })
}

/** Kills the workers whose limit has passed; or renews every limit if it was the primary that was away. */
export function killUnresponsive(transition: Transition, wasAway: boolean): void {
  const { plan, at } = transition
  for (const process of processesOf(transition.state)) {
    const { timeoutAt } = process.worker
    if (timeoutAt === null || isDismissed(transition, process)) continue
    const limit = limitOf(plan, process.worker)
    if (wasAway) putWorker(transition, process, { ...process.worker, timeoutAt: at + limit.ms })
    else if (timeoutAt <= at) {
      killWorker(transition, process, limit.reason)
      noteIfReplacement(transition, process, limit.failure)
    }
  }
}

/** Whether another replacement of the reload was killed just before. This one is then to stop, as the reload is aborted. */
function isDismissed({ state, failures }: Transition, process: Process): boolean {
  const isOfReload = ({ role, worker }: Process): boolean =>
    role === "replacement" && runsNewCode(state, worker)
  return isOfReload(process) && failures.some((failure) => isOfReload(failure.process))
}

/** How long a worker has for its next report, and what its absence means. */
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
