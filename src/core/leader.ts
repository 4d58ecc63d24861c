/**
 * Which worker is the only one: that of the lowest wanted slot, where it has asked to be, for work that one worker must do
 * and no two may, such as a schedule.
 *
 * Decides when it is told, which is once no earlier one lives. It stays so until it has ended: one that is replaced, or
 * asked to stop, may still be at work.
 */
import type { WorkerRef } from "./event.ts"
import { isLeaving, isWanted } from "./state.ts"
import { putSlot, refOf, slotOf, type Transition } from "./transition.ts"

/** A worker asks to be the only one, which it may as soon as it runs. */
export function leadershipRequested(transition: Transition, ref: WorkerRef): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.phase === "booting") return
  if (isLeaving(slot.worker) || slot.worker.leader !== "no") return
  putSlot(transition, { ...slot, worker: { ...slot.worker, leader: "asked" } })
}

/** Tells the one whose turn it is. Every step ends with it. */
export function grantLeadership(transition: Transition): void {
  const { phase, slots } = transition.state
  if (phase !== "running") return
  const isHeld = slots.some((slot) => slot.state === "occupied" && slot.worker.leader === "granted")
  const lowest = slots.find((slot) => isWanted(slot) && slot.state !== "finished")
  if (isHeld || lowest?.state !== "occupied") return
  if (isLeaving(lowest.worker) || lowest.worker.leader !== "asked") return
  putSlot(transition, { ...lowest, worker: { ...lowest.worker, leader: "granted" } })
  transition.commands.push({
    type: "grant-leadership",
    worker: refOf(lowest),
    reason: { rule: "leadership", slot: lowest.id },
  })
}
