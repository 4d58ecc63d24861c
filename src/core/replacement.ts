/**
 * How one worker is replaced by another without a gap: the newcomer first, and the one before is asked to stop only when
 * the newcomer has been ready for long enough. Until then the newcomer is on trial and changes nothing for the slot.
 *
 * Decides when a newcomer has proved itself, what becomes of it when its slot needs it earlier or not at all, and that
 * there is never more than one on trial. Which worker is replaced, and what follows when a newcomer fails, is decided in
 * reload.ts and recycle.ts.
 */
import type { Reason } from "./command.ts"
import {
  type StopCause,
  isLeaving,
  isWanted,
  type OccupiedSlot,
  type Slot,
  type State,
} from "./state.ts"
import { putSlot, type Transition } from "./transition.ts"
import { forkWorker, stopWorker } from "./worker.ts"

/** Whether a newcomer is on trial, or one that was replaced, or failed, is still on its way out. */
export function isReplacing({ slots }: State): boolean {
  return slots.some(
    (slot) => slot.state === "occupied" && (slot.onExit === "failed" || slot.onExit === "replaced"),
  )
}

/** Lets a newcomer begin beside the worker of that slot. */
export function replaceWorker(transition: Transition, { id }: OccupiedSlot, reason: Reason): void {
  forkWorker(transition, id, 0, reason, "failed")
}

/** The time of its trial begins, and may be over at once. */
export function replacementBecameReady(transition: Transition): void {
  setAcceptAt(transition, transition.at + transition.plan.minReadyMs)
  acceptReplacement(transition)
}

/** The newcomer gets the slot if it has proved itself by now, and the worker before it is to finish. */
export function acceptReplacement(transition: Transition): void {
  const { slots, acceptAt } = transition.state
  if (acceptAt === null || acceptAt > transition.at) return
  const replacement = slots.find(isReplacement)
  const before = slots.find((slot) => slot.id === replacement?.id && isWanted(slot))
  if (replacement === undefined || before?.state !== "occupied") return
  retire(transition, before, purposeOf(transition.state, replacement))
  takeOver(transition, replacement, before.attempt)
}

/** Whether a worker was forked since the reload that runs began, so that it has loaded the program anew. */
export function isOfReload({ reload }: State, { worker }: OccupiedSlot): boolean {
  return reload !== null && worker.incarnation >= reload.before
}

/** The worker of that slot has ended. @returns whether a newcomer fills the slot, so that none has to be forked. */
export function replacementFills(transition: Transition, slot: OccupiedSlot): boolean {
  const replacement = replacementIn(transition.state, slot.id)
  if (replacement === undefined) return false
  takeOver(transition, replacement, slot.attempt)
  return true
}

/** A newcomer has failed, and is on trial no more: whoever still lives of it is to finish. */
export function dismissFailed(transition: Transition, { id }: OccupiedSlot): void {
  setAcceptAt(transition, null)
  dismissReplacement(transition, id)
}

/** Nobody waits for the newcomer in that slot any more, if there is one: it is to finish. */
export function dismissReplacement(transition: Transition, id: number, cause?: StopCause): void {
  const replacement = replacementIn(transition.state, id)
  if (replacement === undefined) return
  setAcceptAt(transition, null)
  retire(transition, replacement, cause ?? purposeOf(transition.state, replacement))
}

/** Lets a worker finish whose exit will mean nothing to its slot. */
function retire(transition: Transition, slot: OccupiedSlot, cause: StopCause): void {
  const retired: OccupiedSlot = { ...slot, onExit: "replaced", forkNotBefore: null }
  if (isLeaving(slot.worker)) return putSlot(transition, retired)
  const killAt = transition.at + transition.plan.timeoutMs
  stopWorker(transition, retired, { cause, signal: "SIGTERM", killAt })
}

function takeOver(transition: Transition, replacement: OccupiedSlot, attempt: number): void {
  setAcceptAt(transition, null)
  putSlot(transition, { ...replacement, onExit: "respawn", attempt })
}

function setAcceptAt(transition: Transition, acceptAt: number | null): void {
  transition.state = { ...transition.state, acceptAt }
}

function purposeOf(state: State, replacement: OccupiedSlot): StopCause {
  return isOfReload(state, replacement) ? "reload" : "recycle"
}

function replacementIn({ slots }: State, id: number): OccupiedSlot | undefined {
  return slots.find((slot): slot is OccupiedSlot => isReplacement(slot) && slot.id === id)
}

function isReplacement(slot: Slot): slot is OccupiedSlot {
  return slot.state === "occupied" && slot.onExit === "failed"
}
