/**
 * Which worker is the only one: that of the lowest wanted slot, where it has asked to be, for work that one worker must do
 * and no two may, such as a schedule.
 *
 * Decides when it is told, which is once no earlier one lives. It stays so until it has ended: one that is replaced, or
 * asked to stop, may still be at work.
 */
import type { WorkerRef } from "./event.ts"
import { isLeaving, isWanted } from "./state.ts"
import { putSlot, refOf, slotOf, type Turn } from "./transition.ts"

/** A worker asks to be the only one, which it may as soon as it runs. */
export function exclusivityRequested(turn: Turn, ref: WorkerRef): void {
  const slot = slotOf(turn, ref)
  if (slot === undefined || slot.worker.phase === "booting") return
  if (isLeaving(slot.worker) || slot.worker.exclusive !== "no") return
  putSlot(turn, { ...slot, worker: { ...slot.worker, exclusive: "asked" } })
}

/** Tells the one whose turn it is. Every step ends with it. */
export function continueExclusivity(turn: Turn): void {
  const { phase, slots } = turn.state
  if (phase !== "running") return
  const isHeld = slots.some(
    (slot) => slot.state === "occupied" && slot.worker.exclusive === "granted",
  )
  const lowest = slots.find((slot) => isWanted(slot) && slot.state !== "finished")
  if (isHeld || lowest?.state !== "occupied") return
  if (isLeaving(lowest.worker) || lowest.worker.exclusive !== "asked") return
  putSlot(turn, { ...lowest, worker: { ...lowest.worker, exclusive: "granted" } })
  turn.effects.push({
    type: "grant-exclusivity",
    worker: refOf(lowest),
    reason: { rule: "lowest-slot", slot: lowest.id },
  })
}
