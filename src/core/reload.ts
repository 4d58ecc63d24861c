/**
 * How every worker is replaced by one that loads the program anew: one slot after the other, each by replacement.ts, the
 * next one when the process before has gone and every worker that was forked since the reload began is ready.
 *
 * Decides which slot comes next and when a reload is over, is given up, or follows another. A worker forked since then
 * that fails, however long it has served, tells that the new program is broken: the reload is aborted, and who has not
 * been replaced stays. A reload that is asked for meanwhile follows: what it is to load may be newer than what the first
 * one has loaded.
 */
import type { ReplacementFailure, Reason } from "./command.ts"
import { recyclingFailed } from "./recycle.ts"
import {
  dismissFailed,
  dismissReplacement,
  isOfReload,
  isReplacing,
  replaceWorker,
} from "./replacement.ts"
import { isLeaving, isWanted, type OccupiedSlot, type Slot } from "./state.ts"
import { refOf, type Transition } from "./transition.ts"

/** Begins, or follows the one that runs. Before the first fork and once the pool stops there is nothing to replace. */
export function reloadRequested(transition: Transition): void {
  const { phase, reload } = transition.state
  if (phase !== "running") return
  if (reload === null) beginReload(transition)
  else transition.state = { ...transition.state, reload: { ...reload, again: true } }
}

/** Goes on as far as it can. Every step ends with it. */
export function continueReload(transition: Transition): void {
  const { reload, slots } = transition.state
  if (reload === null || isReplacing(transition.state)) return
  const wanted = slots.filter(isWanted)
  // Whoever has loaded the program anew must serve first, also at the end: until then it may turn out to be broken.
  if (wanted.some((slot) => !isOld(slot, reload.before) && !isServing(slot))) return
  const old = wanted.filter((slot) => isOld(slot, reload.before))
  if (old.length === 0) {
    endReload(transition, "finished", { rule: "all-replaced" })
    return continueReload(transition)
  }
  const next = old.find((slot) => !isLeaving(slot.worker))
  if (next !== undefined)
    replaceWorker(transition, next, { rule: "reload", workers: wanted.length })
}

/** A worker has failed: that ends the reload if it tells that the new program is broken. One that was to replace another by
 * plan is tried again later. */
export function replacementFailed(
  transition: Transition,
  slot: OccupiedSlot,
  failure: ReplacementFailure,
): void {
  const isReplacement = slot.onExit === "failed"
  if (!isOfReload(transition.state, slot))
    return isReplacement ? recyclingFailed(transition, slot) : undefined
  if (isReplacement) dismissFailed(transition, slot)
  else if (!isFailure(slot)) return
  abortReload(transition, { rule: "replacement-failed", worker: refOf(slot), failure })
}

/** Whether the end of a worker was one: who was signalled ends as it should, unless it had to be killed. */
function isFailure({ worker: { stop, killed } }: OccupiedSlot): boolean {
  return stop === null || killed
}

/** Ends a reload that cannot go on. */
export function abortReload(transition: Transition, reason: Reason): void {
  if (transition.state.reload === null) return
  for (const slot of transition.state.slots) {
    if (slot.state === "occupied" && isOfReload(transition.state, slot)) {
      dismissReplacement(transition, slot.id)
    }
  }
  endReload(transition, "aborted", reason)
}

function beginReload(transition: Transition): void {
  const { nextIncarnation, slots } = transition.state
  const workers = slots.filter(isWanted).length
  transition.state = { ...transition.state, reload: { before: nextIncarnation, again: false } }
  transition.commands.push({
    type: "announce-reload",
    phase: "started",
    reason: { rule: "reload", workers },
  })
}

function endReload(transition: Transition, phase: "finished" | "aborted", reason: Reason): void {
  const isFollowed = transition.state.reload?.again === true
  transition.state = { ...transition.state, reload: null }
  transition.commands.push({ type: "announce-reload", phase, reason })
  if (isFollowed && transition.state.phase === "running") beginReload(transition)
}

function isOld(slot: Slot, before: number): slot is OccupiedSlot {
  return slot.state === "occupied" && slot.worker.incarnation < before
}

function isServing(slot: Slot): boolean {
  if (slot.state !== "occupied") return slot.state === "finished"
  return slot.worker.phase === "ready" && !isLeaving(slot.worker)
}
