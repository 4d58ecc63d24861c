/**
 * How many slots are wanted, and which ones are gained and lost when that changes.
 *
 * A signal moves the target by one, a call sets it. The first slots to go are those that serve no requests: empty, on
 * their way out, or not ready yet. Of those that serve, a signal takes the oldest and a call the highest number.
 */
import type { Reason } from "./command.ts"
import { dismissReplacement } from "./replacement.ts"
import {
  currentOf,
  isLeaving,
  isStopping,
  isWanted,
  type OccupiedSlot,
  type Slot,
} from "./state.ts"
import { putSlot, removeSlot, type Transition } from "./transition.ts"
import { fillSlot, stopWorker } from "./worker.ts"

/** One more. */
export function scaleUp(transition: Transition): void {
  scale(transition, transition.state.target + 1, oldestOf)
}

/** One fewer, but never fewer than one. */
export function scaleDown(transition: Transition): void {
  scale(transition, Math.max(1, transition.state.target - 1), oldestOf)
}

/** Exactly `target`. */
export function scaleTo(transition: Transition, target: number): void {
  scale(transition, target, (serving) => serving.at(-1))
}

function scale(
  transition: Transition,
  to: number,
  choose: (serving: readonly OccupiedSlot[]) => OccupiedSlot | undefined,
): void {
  const { phase, target: from } = transition.state
  if (to === from || isStopping(transition.state)) return
  const reason: Reason = { rule: to > from ? "scale-up" : "scale-down", from, to }
  transition.state = { ...transition.state, target: to }
  transition.commands.push({ type: "announce-scale", from, to, reason })
  if (phase === "starting") return
  for (let target = from; target < to; target += 1) gainSlot(transition, reason)
  for (let target = from; target > to; target -= 1) {
    const wanted = transition.state.slots.filter(isWanted)
    const slot = idlestSlot(wanted) ?? choose(wanted.filter(isOccupied))
    if (slot !== undefined) loseSlot(transition, slot)
  }
}

/** Takes back a slot that is being given up, or else opens the lowest number under which no process lives. */
function gainSlot(transition: Transition, reason: Reason): void {
  const { slots, retired } = transition.state
  for (const slot of slots) {
    if (!isWanted(slot))
      return putSlot(transition, { ...(slot as OccupiedSlot), desired: "restore" })
  }
  const taken = new Set([...slots.map(({ id }) => id), ...retired.map(({ slot }) => slot)])
  let id = 1
  while (taken.has(id)) id += 1
  fillSlot(transition, id, 0, reason)
}

function loseSlot(transition: Transition, slot: Slot): void {
  if (slot.state !== "occupied") return removeSlot(transition, slot.id)
  dismissReplacement(transition, slot.id, "scale-down")
  putSlot(transition, { ...slot, desired: "remove" })
  if (isLeaving(slot.worker)) return
  const killAt = transition.at + transition.plan.timeoutMs
  const stop = { cause: "scale-down", signal: "SIGTERM", killAt } as const
  stopWorker(transition, currentOf(slot), stop)
}

/** No work is lost in a slot that is empty, on its way out, or not ready yet. Takes the highest number. */
function idlestSlot(wanted: readonly Slot[]): Slot | undefined {
  return (
    wanted.findLast((slot) => slot.state === "finished") ??
    wanted.findLast((slot) => slot.state === "waiting") ??
    wanted.findLast((slot) => isOccupied(slot) && isLeaving(slot.worker)) ??
    wanted.findLast((slot) => isOccupied(slot) && slot.worker.phase !== "ready")
  )
}

/** The oldest worker: it has had its time. */
function oldestOf(serving: readonly OccupiedSlot[]): OccupiedSlot | undefined {
  return serving.toSorted((one, other) => one.worker.incarnation - other.worker.incarnation)[0]
}

function isOccupied(slot: Slot): slot is OccupiedSlot {
  return slot.state === "occupied"
}
