/**
 * A reload replaces every worker by one that loads the new code: as many slots at once as the plan says, each by
 * replacement.ts. The next slot follows once a replaced worker has ended, and only while every slot that has the new code
 * serves.
 *
 * Decides which slot comes next, and when a reload is over, is aborted, or is followed by another one. If a worker that
 * was forked during the reload fails, however long it has served, the new code is broken: the reload is aborted, and workers that
 * were not replaced stay. A reload that is requested meanwhile follows, because the code may have changed again.
 */
import type { Reason } from "./command.ts"
import { dismissReplacement, replacementOf, runsNewCode } from "./replacement.ts"
import {
  isLeaving,
  isSettledSlot,
  isStopping,
  isWanted,
  type OccupiedSlot,
  replacingCount,
  type Slot,
} from "./state.ts"
import { discardSpares } from "./spares.ts"
import type { Transition } from "./transition.ts"
import { startReplacement } from "./worker.ts"

/** Begins a reload, or queues it. Before the first fork there is nothing to replace, and once the pool is to stop no use. */
export function reloadRequested(transition: Transition): void {
  const { phase, reload } = transition.state
  if (phase !== "running" || isStopping(transition.state)) return
  if (reload === null) beginReload(transition)
  else transition.state = { ...transition.state, reload: { ...reload, isQueued: true } }
}

/** Takes the reload as far as it can go. Runs at the end of every step. */
export function continueReload(transition: Transition): void {
  const { reload, slots } = transition.state
  const { stopReason } = transition
  if (reload === null) return
  if (stopReason !== null) return abortReload(transition, stopReason)
  const wanted = slots.filter(isWanted)
  const replacing = replacingCount(transition.state)
  const atOnce = Math.min(transition.plan.reloadAtOnce, wanted.length)
  if (replacing >= atOnce) return
  const isOld = (slot: Slot): slot is OccupiedSlot =>
    slot.state === "occupied" && !runsNewCode(transition.state, slot.worker)
  // Workers with the new code must serve first, also at the end: until then the code may turn out to be broken.
  if (wanted.some((slot) => !isOld(slot) && !isSettledSlot(slot))) return
  const old = wanted.filter(isOld)
  if (old.length === 0 && replacing === 0) {
    endReload(transition, "finished", { rule: "all-replaced" })
    return continueReload(transition)
  }
  const due = old.filter(
    ({ id, worker }) => !isLeaving(worker) && replacementOf(transition.state, id) === undefined,
  )
  for (const { id } of due.slice(0, atOnce - replacing)) {
    startReplacement(transition, id, { rule: "reload", workers: wanted.length })
  }
}

/** Ends a reload that cannot continue. */
export function abortReload(transition: Transition, reason: Reason): void {
  for (const { slot, worker } of transition.state.replacements) {
    if (runsNewCode(transition.state, worker)) dismissReplacement(transition, slot)
  }
  endReload(transition, "aborted", reason)
}

function beginReload(transition: Transition): void {
  const { nextIncarnation, slots } = transition.state
  const workers = slots.filter(isWanted).length
  const reload = { firstNewIncarnation: nextIncarnation, isQueued: false }
  transition.state = { ...transition.state, reload }
  transition.commands.push({
    type: "announce-reload",
    phase: "started",
    reason: { rule: "reload", workers },
  })
  discardSpares(transition)
}

function endReload(transition: Transition, phase: "finished" | "aborted", reason: Reason): void {
  const isFollowed = transition.state.reload?.isQueued === true
  transition.state = {
    ...transition.state,
    reload: null,
    isProgramRejected: phase === "aborted",
  }
  transition.commands.push({ type: "announce-reload", phase, reason })
  if (isFollowed && transition.state.phase === "running") beginReload(transition)
}
