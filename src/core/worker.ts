/**
 * What can be done to one process: fork it, ask it to stop, kill it. Whether and when is decided in the policies, which
 * all use these four.
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import type { OccupiedSlot, WorkerStop } from "./state.ts"
import { putSlot, refOf, type Transition } from "./transition.ts"

/** Fills a free or waiting slot with a new process, or lets one begin beside the one that is there. */
export function forkWorker(
  transition: Transition,
  id: number,
  attempt: number,
  reason: Reason,
  onExit: "respawn" | "failed" = "respawn",
): void {
  const incarnation = transition.state.nextIncarnation
  transition.state = { ...transition.state, nextIncarnation: incarnation + 1 }
  putSlot(transition, {
    state: "occupied",
    id,
    onExit,
    attempt,
    forkNotBefore: null,
    worker: {
      incarnation,
      phase: "booting",
      timeoutAt: startDeadline(transition, onExit),
      readyAt: null,
      hasFitted: false,
      leader: "no",
      recycling: null,
      stop: null,
      killed: false,
    },
  })
  transition.commands.push({ type: "fork-worker", worker: { slot: id, incarnation }, reason })
}

/** Lets one worker finish: asks it now if it can hear, else at its hello. Its promise to be ready in time is void. */
export function stopWorker(transition: Transition, slot: OccupiedSlot, stop: WorkerStop): void {
  putSlot(transition, { ...slot, worker: { ...slot.worker, timeoutAt: null, stop } })
  if (slot.worker.phase !== "booting") askToStop(transition, refOf(slot), stop)
}

/** Gives the order to finish. Its callers see to it that no incarnation gets two. */
export function askToStop(transition: Transition, worker: WorkerRef, stop: WorkerStop): void {
  const { signal, cause } = stop
  const reason: Reason = { rule: "stop", cause, signal }
  transition.commands.push({ type: "stop-worker", worker, signal, cause, reason })
}

/** SIGKILL. Only its exit is of interest from now on. */
export function killWorker(transition: Transition, slot: OccupiedSlot, reason: Reason): void {
  putSlot(transition, { ...slot, worker: { ...slot.worker, timeoutAt: null, killed: true } })
  transition.commands.push({ type: "kill-worker", worker: refOf(slot), reason })
}

/** When a worker that is forked now is killed unless it is ready; null where it may take as long as it likes. */
function startDeadline(
  { plan, state, at }: Transition,
  onExit: OccupiedSlot["onExit"],
): number | null {
  const isReplacement = state.reload !== null || onExit === "failed"
  const isLimited = plan.startTimeoutMs !== false || isReplacement
  return isLimited ? at + startLimitMs(plan) : null
}

/** When a worker that has answered just now is killed unless it answers again; null where nobody asks. */
export function heartbeatDeadline({ plan, at }: Transition): number | null {
  const { heartbeatTimeoutMs, heartbeatGraceMs } = plan
  return heartbeatTimeoutMs === false ? null : at + heartbeatTimeoutMs + heartbeatGraceMs
}

/** How long a worker has to become ready, where it has not as long as it likes. */
export function startLimitMs({ startTimeoutMs, reloadStartTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? reloadStartTimeoutMs : startTimeoutMs
}
