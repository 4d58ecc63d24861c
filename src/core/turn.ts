/**
 * One step in the making: the state as it stands by now, and the orders given so far.
 *
 * The policies share it so that each can stand in a file of its own and still act one after another within one step.
 * It is the only thing in the core that is written to, and it does not outlive the step; the states themselves are
 * never written to. Decides nothing.
 */
import type { Effect } from "./effect.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan.ts"
import type { OccupiedSlot, Slot, State } from "./state.ts"

export interface Turn {
  readonly plan: Plan
  /** The moment of the event. */
  readonly at: number
  state: State
  readonly effects: Effect[]
}

/** Puts a slot in its place, over the one that had its number. */
export function putSlot(turn: Turn, slot: Slot): void {
  const slots = turn.state.slots.filter((other) => other.id !== slot.id)
  const index = slots.findIndex((other) => other.id > slot.id)
  slots.splice(index === -1 ? slots.length : index, 0, slot)
  turn.state = { ...turn.state, slots }
}

/** Frees a number. */
export function removeSlot(turn: Turn, id: number): void {
  turn.state = { ...turn.state, slots: turn.state.slots.filter((slot) => slot.id !== id) }
}

/** The slot in which that very process lives; undefined where it is no longer there, and its report comes too late. */
export function slotOf(turn: Turn, worker: WorkerRef): OccupiedSlot | undefined {
  if (worker.incarnation >= turn.state.nextIncarnation) {
    throw new Error(`[BUG] incarnation ${worker.incarnation} was reported before it was forked`)
  }
  const slot = turn.state.slots.find((candidate) => candidate.id === worker.slot)
  return slot?.state === "occupied" && slot.worker.incarnation === worker.incarnation
    ? slot
    : undefined
}

export function refOf(slot: OccupiedSlot): WorkerRef {
  return { slot: slot.id, incarnation: slot.worker.incarnation }
}
