/**
 * The life of one slot: its process is forked, told to run, becomes ready and ends, and another one may follow.
 *
 * Decides which exits lead to a respawn, and when it is due. How long to back off is in backoff.ts, which respawns count
 * in respawn-window.ts. What a failure means for a reload or a recycling is judged at the end of the step.
 */
import { backoffMs, nextAttempt, wasStable } from "./backoff.ts"
import type { Reason } from "./command.ts"
import { noteSignaledEnd } from "./direct-signal.ts"
import type { WorkerRef } from "./event.ts"
import { workerFailed } from "./incident.ts"
import { recyclingWhenReady } from "./recycle.ts"
import {
  dismissReplacement,
  noteIfReplacement,
  fillFromReplacement,
  startProbation,
} from "./replacement.ts"
import { countingRespawns, isExhausted } from "./respawn-window.ts"
import { spareEnded } from "./spares.ts"
import { noteFailedStart, noteStart } from "./start-failure.ts"
import { isLeaving, type OccupiedSlot, type Process, type WaitingSlot } from "./state.ts"
import { beginStop, countFailedExit } from "./stop.ts"
import {
  noteFailure,
  occupiedSlot,
  processOf,
  putSlot,
  putWorker,
  removeSlot,
  type Transition,
  without,
} from "./transition.ts"
import { fillSlot, heartbeatDeadline } from "./worker.ts"

/** Forking may begin: every wanted slot gets its first process. */
export function started(transition: Transition): void {
  if (transition.state.phase !== "starting") return
  transition.state = { ...transition.state, phase: "running" }
  const workers = transition.state.target
  for (let id = 1; id <= workers; id += 1) {
    fillSlot(transition, id, 0, { rule: "start", workers })
  }
}

/**
 * A worker can hear from now on: it is told to run, and a spare waits. If it was killed, its hello was sent before the kill
 * reached it.
 */
export function workerSaidHello(transition: Transition, ref: WorkerRef): void {
  const process = processOf(transition, ref)
  if (process === undefined || process.worker.phase !== "booting" || process.worker.killed) return
  const { worker, role } = process
  if (role === "spare") {
    return putWorker(transition, process, { ...worker, phase: "loaded", timeoutAt: null })
  }
  putWorker(transition, process, { ...worker, phase: "starting" })
  transition.commands.push({ type: "run-worker", worker: ref, reason: { rule: "hello" } })
}

/** A worker serves. From now on it must send heartbeats. */
export function workerBecameReady(transition: Transition, ref: WorkerRef): void {
  const process = processOf(transition, ref)
  if (process === undefined || process.worker.phase !== "starting") return
  if (isLeaving(process.worker)) return
  putWorker(transition, process, {
    ...process.worker,
    phase: "ready",
    timeoutAt: heartbeatDeadline(transition, 0),
    readyAt: transition.at,
    recycling: recyclingWhenReady(transition, process),
  })
  noteStart(transition)
  if (process.role === "replacement") startProbation(transition, process.slot)
}

/** A process has died: its slot is freed, finished, or filled again when the time comes. */
export function workerExited(
  transition: Transition,
  ref: WorkerRef,
  code: number | null,
  signal: string | null,
): void {
  noteSignaledEnd(transition, ref)
  const process = processOf(transition, ref)
  if (process === undefined) return
  const { plan, at } = transition
  const isBooting = process.worker.phase === "booting"
  // While it boots it listens to nothing, so a signal to the whole group ends it.
  const mayBeGroupSignal = isBooting && signal !== null && plan.signals[signal] !== undefined
  // It was to stop before it had begun. However it ended, it has not failed.
  const wasStoppedBooting = isBooting && process.worker.stop !== null
  const hasFailed = code !== 0 && !wasStoppedBooting
  const { stop } = transition.state
  if (stop !== null && hasFailed) countFailedExit(transition, stop)
  if (process.role === "spare") {
    return spareEnded(transition, process, mayBeGroupSignal ? "signaled" : "failed")
  }
  const slot = processEnded(transition, process)
  if (slot === undefined) {
    // A signal to the whole group says nothing about the code that a replacement was to load.
    if (!mayBeGroupSignal) noteIfReplacement(transition, process, "exited")
    return
  }
  // A signal that kills a booting worker may be one to the whole group: the primary may be about to get it.
  const forkNotBefore = mayBeGroupSignal
    ? at + plan.groupSignalWindowMs
    : (slot.forkNotBefore ?? at)
  if (slot.desired === "restore") {
    return scheduleFork(transition, slot.id, 0, Math.max(at, forkNotBefore), false)
  }
  if (hasFailed && !mayBeGroupSignal) workerFailed(transition, slot, code, signal)
  if (plan.respawn === "never" || (plan.respawn === "on-failure" && code === 0)) {
    putSlot(transition, { state: "finished", id: slot.id })
    const hasFailedFinal = transition.state.hasFailedFinal || hasFailed
    transition.state = { ...transition.state, hasFailedFinal }
    return dismissReplacement(transition, slot.id)
  }
  if (fillFromReplacement(transition, slot)) return
  if (!mayBeGroupSignal && !wasStoppedBooting) noteFailure(transition, process, "exited")
  if (!mayBeGroupSignal) noteFailedStart(transition, process)
  const attempt = wasStable(plan, slot.worker, at) ? 0 : slot.attempt
  scheduleRespawn(transition, slot.id, attempt, forkNotBefore)
}

/** A process never lived. The operating system gets a moment before it is asked again. */
export function forkFailed(transition: Transition, ref: WorkerRef): void {
  const process = processOf(transition, ref)
  if (process === undefined) return
  if (process.role === "spare") return spareEnded(transition, process, "failed")
  const slot = processEnded(transition, process)
  if (slot === undefined) return noteIfReplacement(transition, process, "not-forked")
  if (fillFromReplacement(transition, slot)) return
  noteFailedStart(transition, process)
  const retryAt = transition.at + transition.plan.forkRetryMs
  scheduleRespawn(
    transition,
    slot.id,
    slot.attempt,
    Math.max(retryAt, slot.forkNotBefore ?? retryAt),
  )
}

/** Makes the forks that are due, or gives up if one more respawn would be one too many. */
export function forkDueSlots(transition: Transition): void {
  if (!transition.areForksDue) return
  for (const slot of transition.state.slots) {
    if (slot.state !== "waiting" || slot.forkAt > transition.at) continue
    // The respawn before may have been one too many.
    if (transition.state.phase !== "running") return
    if (slot.counted) respawn(transition, slot)
    else fillSlot(transition, slot.id, slot.attempt, { rule: "restore" })
  }
}

/** Forgets a process that has ended. @returns the slot that has lost its current process and is still wanted. */
function processEnded(
  transition: Transition,
  { role, slot: id, worker }: Process,
): OccupiedSlot | undefined {
  const { state } = transition
  if (role === "replacement") {
    transition.state = { ...state, replacements: without(state.replacements, worker) }
    return undefined
  }
  if (role === "retired") {
    transition.state = { ...state, retired: without(state.retired, worker) }
    return undefined
  }
  const slot = occupiedSlot(state, id)
  if (slot?.desired !== "remove") return slot
  removeSlot(transition, id)
  return undefined
}

function respawn(transition: Transition, slot: WaitingSlot): void {
  const { plan, at } = transition
  const figures = { limit: plan.respawnLimit, intervalMs: plan.respawnIntervalMs }
  const counting = countingRespawns(plan, transition.state.respawnedAt, at)
  if (isExhausted(plan, counting)) {
    const reason: Reason = { rule: "respawn-limit", respawns: counting.length, ...figures }
    return beginStop(transition, "give-up", "SIGTERM", reason)
  }
  const remembered = plan.respawnLimit === Infinity ? counting : [...counting, at]
  transition.state = { ...transition.state, respawnedAt: remembered }
  fillSlot(transition, slot.id, slot.attempt, {
    rule: "respawn",
    attempt: slot.attempt,
    respawns: remembered.length,
    ...figures,
  })
}

function scheduleRespawn(
  transition: Transition,
  id: number,
  attempt: number,
  notBefore: number,
): void {
  const { plan, at } = transition
  const forkAt = Math.max(at + backoffMs(plan, id, attempt), notBefore)
  scheduleFork(transition, id, nextAttempt(plan, attempt), forkAt, true)
}

/** Lets the slot wait. A fork that is due already is made at the end of this very step. */
function scheduleFork(
  transition: Transition,
  id: number,
  attempt: number,
  forkAt: number,
  counted: boolean,
): void {
  putSlot(transition, { state: "waiting", id, attempt, forkAt, counted })
  if (forkAt <= transition.at) transition.areForksDue = true
}
