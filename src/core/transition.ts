/**
 * One step in the making: the state as it stands by now, and the orders given so far.
 *
 * The policies share it so that each can stand in a file of its own and still act one after another within one step.
 * It is the only thing in the core that is written to, and it does not outlive the step; the states themselves are
 * never written to. Decides nothing.
 */
import type { Command } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import { isWanted, type OccupiedSlot, type Slot, type State } from "./state.ts"

export interface Transition {
  readonly plan: Plan
  /** The moment of the event. */
  readonly at: number
  state: State
  readonly commands: Command[]
}

/** Puts a slot in its place: over the entry with the same process, and over the one that was wanted if it is itself. */
export function putSlot(transition: Transition, slot: Slot): void {
  const before: Slot[] = []
  const after: Slot[] = []
  for (const other of transition.state.slots) {
    if (isReplaced(other, slot)) continue
    if (comesAfter(other, slot)) after.push(other)
    else before.push(other)
  }
  transition.state = { ...transition.state, slots: [...before, slot, ...after] }
}

function isReplaced(other: Slot, slot: Slot): boolean {
  if (other.id !== slot.id) return false
  return isOfOneProcess(slot, other) || (isWanted(slot) && isWanted(other))
}

/** Takes a slot out of the list. */
export function removeSlot(transition: Transition, slot: Slot): void {
  const slots = transition.state.slots.filter(
    (other) => other.id !== slot.id || (other !== slot && !isOfOneProcess(slot, other)),
  )
  transition.state = { ...transition.state, slots }
}

function isOfOneProcess(one: Slot, other: Slot): boolean {
  return incarnationOf(one) === incarnationOf(other) && one.state === "occupied"
}

/** By number; of two processes in one slot the older one comes first. */
function comesAfter(one: Slot, other: Slot): boolean {
  if (one.id !== other.id) return one.id > other.id
  return incarnationOf(one) > incarnationOf(other)
}

function incarnationOf(slot: Slot): number {
  return slot.state === "occupied" ? slot.worker.incarnation : Infinity
}

/** The slot in which that very process lives; undefined where it is no longer there, and its report comes too late. */
export function slotOf(transition: Transition, worker: WorkerRef): OccupiedSlot | undefined {
  if (worker.incarnation >= transition.state.nextIncarnation) {
    throw new Error(`[BUG] incarnation ${worker.incarnation} was reported before it was forked`)
  }
  return transition.state.slots.find(
    (slot): slot is OccupiedSlot =>
      slot.state === "occupied" &&
      slot.id === worker.slot &&
      slot.worker.incarnation === worker.incarnation,
  )
}

export function refOf(slot: OccupiedSlot): WorkerRef {
  return { slot: slot.id, incarnation: slot.worker.incarnation }
}
