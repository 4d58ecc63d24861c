/**
 * How many slots are wanted, and which ones are gained and lost when that changes.
 *
 * A signal moves the target by one, a call sets it. First they take what serves nobody: slots that are empty, on their
 * way out, or not ready yet. Of those that serve a signal takes the oldest, a call the one with the highest number. Whoever
 * is lost is asked to stop by stop.ts; whoever is gained is forked by slot.ts, free of charge.
 */
import type { Reason } from "./command.ts"
import { dismissReplacement } from "./replacement.ts"
import { isGivenUp, isLeaving, isWanted, type OccupiedSlot, type Slot } from "./state.ts"
import { putSlot, removeSlot, type Transition } from "./transition.ts"
import { forkWorker, stopWorker } from "./worker.ts"

/** One more. */
export function scaleUp(transition: Transition): void {
  scale(transition, transition.state.target + 1, oldestOf)
}

/** One less, but never less than one. */
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
  if (to === from || phase === "stopping") return
  const reason: Reason = { rule: to > from ? "scale-up" : "scale-down", from, to }
  transition.state = { ...transition.state, target: to }
  transition.commands.push({ type: "announce-scale", from, to, reason })
  if (phase === "starting") return
  for (let target = from; target < to; target += 1) gainSlot(transition, reason)
  for (let target = from; target > to; target -= 1) {
    const wanted = transition.state.slots.filter(isWanted)
    const slot = servingNobody(wanted) ?? choose(wanted.filter(isOccupied))
    if (slot !== undefined) loseSlot(transition, slot)
  }
}

/** Takes back a slot that is being given up, else opens the lowest free number. */
function gainSlot(transition: Transition, reason: Reason): void {
  for (const slot of transition.state.slots) {
    if (isGivenUp(slot)) return putSlot(transition, { ...slot, onExit: "restore" })
  }
  const taken = new Set(transition.state.slots.map((slot) => slot.id))
  let id = 1
  while (taken.has(id)) id += 1
  forkWorker(transition, id, 0, reason)
}

function loseSlot(transition: Transition, slot: Slot): void {
  if (slot.state !== "occupied") return removeSlot(transition, slot)
  dismissReplacement(transition, slot.id, "scale-down")
  const leaving: OccupiedSlot = { ...slot, onExit: "leave" }
  if (isLeaving(slot.worker)) return putSlot(transition, leaving)
  const killAt = transition.at + transition.plan.timeoutMs
  stopWorker(transition, leaving, { cause: "scale-down", signal: "SIGTERM", killAt })
}

/** Nobody's work is lost where a slot is empty, on its way out, or not ready yet: the one with the highest number. */
function servingNobody(wanted: readonly Slot[]): Slot | undefined {
  return (
    wanted.findLast((slot) => slot.state === "finished") ??
    wanted.findLast((slot) => slot.state === "waiting") ??
    wanted.findLast((slot) => isOccupied(slot) && isLeaving(slot.worker)) ??
    wanted.findLast((slot) => isOccupied(slot) && slot.worker.phase !== "ready")
  )
}

/** The oldest worker has had its time. */
function oldestOf(serving: readonly OccupiedSlot[]): OccupiedSlot | undefined {
  return serving.toSorted((one, other) => one.worker.incarnation - other.worker.incarnation)[0]
}

function isOccupied(slot: Slot): slot is OccupiedSlot {
  return slot.state === "occupied"
}
