/**
 * The leader is the one worker that does what one worker must do and no two may, such as running a schedule. It is the
 * worker of the lowest slot that is wanted and not finished, if it has asked.
 *
 * Decides when leadership is granted: once no earlier leader lives. A worker stays the leader until it has ended, because
 * one that is being replaced or asked to stop may still be at work.
 */
import type { WorkerRef } from "./event.ts"
import { currentOf, hasBegun, isLeaving, isWanted, processesOf } from "./state.ts"
import { processOf, putWorker, refOf, type Transition } from "./transition.ts"

/** A worker asks to be the leader, which it may as soon as it runs. */
export function leadershipRequested(transition: Transition, ref: WorkerRef): void {
  const process = processOf(transition, ref)
  if (process === undefined || !hasBegun(process.worker)) return
  if (isLeaving(process.worker) || process.worker.leader !== "no") return
  putWorker(transition, process, { ...process.worker, leader: "asked" })
}

/** Makes the worker whose turn it is the leader. Runs at the end of every step. */
export function grantLeadership(transition: Transition): void {
  const { state } = transition
  if (state.phase !== "running") return
  const lowest = state.slots.find((slot) => isWanted(slot) && slot.state !== "finished")
  if (lowest?.state !== "occupied" || lowest.worker.leader !== "asked") return
  if (isLeaving(lowest.worker)) return
  if (processesOf(state).some(({ worker }) => worker.leader === "granted")) return
  const process = currentOf(lowest)
  putWorker(transition, process, { ...lowest.worker, leader: "granted" })
  transition.commands.push({
    type: "grant-leadership",
    worker: refOf(process),
    reason: { rule: "leadership", slot: lowest.id },
  })
}
