/**
 * What can be done to one process: fork it, ask it to stop, kill it. Whether and when is decided in the policies, which
 * all use these four.
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import type { OccupiedSlot, WorkerStop } from "./state.ts"
import { putSlot, refOf, type Turn } from "./transition.ts"

/** Fills a free or waiting slot with a new process, or lets one begin beside the one that is there. */
export function forkWorker(
  turn: Turn,
  id: number,
  attempt: number,
  reason: Reason,
  onExit: "respawn" | "failed" = "respawn",
): void {
  const incarnation = turn.state.nextIncarnation
  turn.state = { ...turn.state, nextIncarnation: incarnation + 1 }
  putSlot(turn, {
    state: "occupied",
    id,
    onExit,
    attempt,
    heldUntil: null,
    worker: {
      incarnation,
      phase: "booting",
      lifeBy: startDeadline(turn, onExit),
      readyAt: null,
      hasFitted: false,
      exclusive: "no",
      recycling: null,
      stop: null,
      killed: false,
    },
  })
  turn.effects.push({ type: "fork-worker", worker: { slot: id, incarnation }, reason })
}

/** Lets one worker finish: asks it now if it can hear, else at its hello. Its promise to be ready in time is void. */
export function stopWorker(turn: Turn, slot: OccupiedSlot, stop: WorkerStop): void {
  putSlot(turn, { ...slot, worker: { ...slot.worker, lifeBy: null, stop } })
  if (slot.worker.phase !== "booting") askToStop(turn, refOf(slot), stop)
}

/** Gives the order to finish. Its callers see to it that no incarnation gets two. */
export function askToStop(turn: Turn, worker: WorkerRef, stop: WorkerStop): void {
  const { signal, cause } = stop
  const reason: Reason = { rule: "stop", cause, signal }
  turn.effects.push({ type: "stop-worker", worker, signal, cause, reason })
}

/** SIGKILL. Only its exit is of interest from now on. */
export function killWorker(turn: Turn, slot: OccupiedSlot, reason: Reason): void {
  putSlot(turn, { ...slot, worker: { ...slot.worker, lifeBy: null, killed: true } })
  turn.effects.push({ type: "kill-worker", worker: refOf(slot), reason })
}

/** When a worker that is forked now is killed unless it is ready; null where it may take as long as it likes. */
function startDeadline(
  { plan, state, at }: Turn,
  onExit: OccupiedSlot["onExit"],
): number | null {
  const isReplacement = state.reload !== null || onExit === "failed"
  const isLimited = plan.startTimeoutMs !== false || isReplacement
  return isLimited ? at + startLimitMs(plan) : null
}

/** When a worker that has answered just now is killed unless it answers again; null where nobody asks. */
export function answerDeadline({ plan, at }: Turn): number | null {
  const { heartbeatTimeoutMs, answerGraceMs } = plan
  return heartbeatTimeoutMs === false ? null : at + heartbeatTimeoutMs + answerGraceMs
}

/** How long a worker has to become ready, where it has not as long as it likes. */
export function startLimitMs({ startTimeoutMs, reloadStartTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? reloadStartTimeoutMs : startTimeoutMs
}
