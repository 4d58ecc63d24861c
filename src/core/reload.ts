/**
 * A reload replaces every worker by one that loads the new code: one slot after the other, each by replacement.ts. The next
 * slot follows once the replaced worker has ended and every worker with the new code is ready.
 *
 * Decides which slot comes next, and when a reload is over, is aborted, or is followed by another one. If a worker that
 * was forked during the reload fails, however long it has served, the new code is broken: the reload is aborted, and workers that
 * were not replaced stay. A reload that is requested meanwhile follows, because the code may have changed again.
 */
import type { Reason } from "./command.ts"
import { dismissReplacement, runsNewCode } from "./replacement.ts"
import {
  isLeaving,
  isReplacing,
  isSettledSlot,
  isWanted,
  type OccupiedSlot,
  type Slot,
} from "./state.ts"
import type { Transition } from "./transition.ts"
import { forkReplacement } from "./worker.ts"

/** Begins a reload, or queues it. Before the first fork and once the pool stops there is nothing to replace. */
export function reloadRequested(transition: Transition): void {
  const { phase, reload } = transition.state
  if (phase !== "running") return
  if (reload === null) beginReload(transition)
  else transition.state = { ...transition.state, reload: { ...reload, isQueued: true } }
}

/** Takes the reload as far as it can go. Runs at the end of every step. */
export function continueReload(transition: Transition): void {
  const { reload, slots, phase } = transition.state
  const { stopReason } = transition
  if (reload === null) return
  if (phase === "stopping" && stopReason !== null) return abortReload(transition, stopReason)
  if (isReplacing(transition.state)) return
  const wanted = slots.filter(isWanted)
  const isOld = (slot: Slot): slot is OccupiedSlot =>
    slot.state === "occupied" && !runsNewCode(transition.state, slot.worker)
  // Workers with the new code must serve first, also at the end: until then the code may turn out to be broken.
  if (wanted.some((slot) => !isOld(slot) && !isSettledSlot(slot))) return
  const old = wanted.filter(isOld)
  if (old.length === 0) {
    endReload(transition, "finished", { rule: "all-replaced" })
    return continueReload(transition)
  }
  const next = old.find((slot) => !isLeaving(slot.worker))
  if (next === undefined) return
  forkReplacement(transition, next.id, { rule: "reload", workers: wanted.length })
}

/** Ends a reload that cannot continue. */
export function abortReload(transition: Transition, reason: Reason): void {
  const { replacement } = transition.state
  if (replacement !== null && runsNewCode(transition.state, replacement.worker)) {
    dismissReplacement(transition, replacement.slot)
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
}

function endReload(transition: Transition, phase: "finished" | "aborted", reason: Reason): void {
  const isFollowed = transition.state.reload?.isQueued === true
  transition.state = { ...transition.state, reload: null }
  transition.commands.push({ type: "announce-reload", phase, reason })
  if (isFollowed && transition.state.phase === "running") beginReload(transition)
}
