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
import { putSlot, type Turn } from "./transition.ts"
import { forkWorker, stopWorker } from "./worker.ts"

/** Whether a newcomer is on trial, or one that was replaced, or failed, is still on its way out. */
export function isReplacing({ slots }: State): boolean {
  return slots.some(
    (slot) => slot.state === "occupied" && (slot.onExit === "failed" || slot.onExit === "replaced"),
  )
}

/** Lets a newcomer begin beside the worker of that slot. */
export function replaceWorker(turn: Turn, { id }: OccupiedSlot, reason: Reason): void {
  forkWorker(turn, id, 0, reason, "failed")
}

/** The time of its trial begins, and may be over at once. */
export function newcomerBecameReady(turn: Turn): void {
  prove(turn, turn.at + turn.plan.minReadyMs)
  endTrial(turn)
}

/** The newcomer gets the slot if it has proved itself by now, and the worker before it is to finish. */
export function endTrial(turn: Turn): void {
  const { slots, provenAt } = turn.state
  if (provenAt === null || provenAt > turn.at) return
  const newcomer = slots.find(isOnTrial)
  const before = slots.find((slot) => slot.id === newcomer?.id && isWanted(slot))
  if (newcomer === undefined || before?.state !== "occupied") return
  retire(turn, before, purposeOf(turn.state, newcomer))
  takeOver(turn, newcomer, before.attempt)
}

/** Whether a worker was forked since the reload that runs began, so that it has loaded the program anew. */
export function isOfReload({ reload }: State, { worker }: OccupiedSlot): boolean {
  return reload !== null && worker.incarnation >= reload.before
}

/** The worker of that slot has ended. @returns whether a newcomer fills the slot, so that none has to be forked. */
export function newcomerFills(turn: Turn, slot: OccupiedSlot): boolean {
  const newcomer = newcomerIn(turn.state, slot.id)
  if (newcomer === undefined) return false
  takeOver(turn, newcomer, slot.attempt)
  return true
}

/** A newcomer has failed, and is on trial no more: whoever still lives of it is to finish. */
export function dismissFailed(turn: Turn, { id }: OccupiedSlot): void {
  prove(turn, null)
  dismissNewcomer(turn, id)
}

/** Nobody waits for the newcomer in that slot any more, if there is one: it is to finish. */
export function dismissNewcomer(turn: Turn, id: number, cause?: StopCause): void {
  const newcomer = newcomerIn(turn.state, id)
  if (newcomer === undefined) return
  prove(turn, null)
  retire(turn, newcomer, cause ?? purposeOf(turn.state, newcomer))
}

/** Lets a worker finish whose exit will mean nothing to its slot. */
function retire(turn: Turn, slot: OccupiedSlot, cause: StopCause): void {
  const retired: OccupiedSlot = { ...slot, onExit: "replaced", heldUntil: null }
  if (isLeaving(slot.worker)) return putSlot(turn, retired)
  const killAt = turn.at + turn.plan.timeoutMs
  stopWorker(turn, retired, { cause, signal: "SIGTERM", killAt })
}

function takeOver(turn: Turn, newcomer: OccupiedSlot, attempt: number): void {
  prove(turn, null)
  putSlot(turn, { ...newcomer, onExit: "respawn", attempt })
}

function prove(turn: Turn, provenAt: number | null): void {
  turn.state = { ...turn.state, provenAt }
}

function purposeOf(state: State, newcomer: OccupiedSlot): StopCause {
  return isOfReload(state, newcomer) ? "reload" : "recycle"
}

function newcomerIn({ slots }: State, id: number): OccupiedSlot | undefined {
  return slots.find((slot): slot is OccupiedSlot => isOnTrial(slot) && slot.id === id)
}

function isOnTrial(slot: Slot): slot is OccupiedSlot {
  return slot.state === "occupied" && slot.onExit === "failed"
}
