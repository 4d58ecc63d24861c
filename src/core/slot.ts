/**
 * The life of one slot: how its process is forked, told to run, becomes ready, ends, and what comes after it.
 *
 * Decides which exits lead to a respawn and when that is due. Leaves to others: how long to back off (backoff.ts),
 * which respawns count (respawn-window.ts), who is asked to stop and killed (stop.ts, signs-of-life.ts), how many slots
 * there are (scale.ts), and how one worker replaces another (replacement.ts).
 */
import { backoffMs, nextAttempt, wasStable } from "./backoff.ts"
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import { workerFailed } from "./incident.ts"
import { countingRespawns, isExhausted } from "./respawn-window.ts"
import { recyclingWhenReady } from "./recycle.ts"
import { replacementFailed } from "./reload.ts"
import { dismissReplacement, replacementBecameReady, replacementFills } from "./replacement.ts"
import { isWanted, type OccupiedSlot, type WaitingSlot, type Worker } from "./state.ts"
import { beginStop } from "./stop.ts"
import { putSlot, removeSlot, slotOf, type Transition } from "./transition.ts"
import { heartbeatDeadline, askToStop, forkWorker } from "./worker.ts"

/** Forking may begin: every wanted slot gets its first process. */
export function started(transition: Transition): void {
  if (transition.state.phase !== "starting") return
  transition.state = { ...transition.state, phase: "running" }
  const workers = transition.state.target
  for (let id = 1; id <= workers; id += 1) forkWorker(transition, id, 0, { rule: "start", workers })
}

/** A worker can be told things from now on: it runs, or is asked to stop if that was decided while it booted. */
export function workerSaidHello(transition: Transition, ref: WorkerRef): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.phase !== "booting") return
  const { stop, killed } = slot.worker
  putWorker(transition, slot, { ...slot.worker, phase: "starting" })
  // It had said so before the kill reached it.
  if (killed) return
  if (stop === null) {
    transition.commands.push({ type: "run-worker", worker: ref, reason: { rule: "hello" } })
  } else {
    askToStop(transition, ref, stop)
  }
}

/** A worker serves. From now on it must answer. */
export function workerBecameReady(transition: Transition, ref: WorkerRef): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.phase !== "starting") return
  if (slot.worker.stop !== null || slot.worker.killed) return
  const timeoutAt = heartbeatDeadline(transition)
  const recycling = recyclingWhenReady(transition, slot)
  putWorker(transition, slot, {
    ...slot.worker,
    phase: "ready",
    timeoutAt,
    readyAt: transition.at,
    recycling,
  })
  if (slot.onExit === "failed") replacementBecameReady(transition)
}

/** A process has died: the slot is freed, finished, or filled again when its time comes. */
export function workerExited(
  transition: Transition,
  ref: WorkerRef,
  code: number | null,
  signal: string | null,
): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined) return
  const { plan, at } = transition
  // It listens to nothing yet, so whatever reaches all of them ends it.
  const action =
    signal !== null && slot.worker.phase === "booting" ? plan.signals[signal] : undefined
  const diedBySignalToAll = action !== undefined
  if (transition.state.stop !== null && code !== 0 && action !== "stop") {
    transition.state = {
      ...transition.state,
      stop: { ...transition.state.stop, failed: transition.state.stop.failed + 1 },
    }
  }
  if (!isWanted(slot)) {
    removeSlot(transition, slot)
    // One that a signal has ended tells nothing of the program that it was to load: another one takes its place.
    if (slot.onExit === "failed" && !diedBySignalToAll)
      replacementFailed(transition, slot, "exited")
    return
  }

  // A signal that kills a booting worker may be the first of a storm whose next one is for the primary.
  const forkNotBefore = diedBySignalToAll
    ? at + plan.groupSignalWindowMs
    : (slot.forkNotBefore ?? at)
  if (slot.onExit === "restore") {
    return awaitFork(transition, slot.id, 0, Math.max(at, forkNotBefore), false)
  }
  if (code !== 0 && !diedBySignalToAll) workerFailed(transition, slot, code, signal)
  if (plan.respawn === "never" || (plan.respawn === "on-failure" && code === 0)) {
    putSlot(transition, { state: "finished", id: slot.id })
    transition.state = {
      ...transition.state,
      hasFailedFinal: transition.state.hasFailedFinal || code !== 0,
    }
    return dismissReplacement(transition, slot.id)
  }
  if (replacementFills(transition, slot)) return
  if (!diedBySignalToAll) replacementFailed(transition, slot, "exited")
  const attempt = wasStable(plan, slot.worker, at) ? 0 : slot.attempt
  awaitRespawn(transition, slot.id, attempt, forkNotBefore)
}

/** A process that never lived. The operating system gets a moment before it is asked again. */
export function forkFailed(transition: Transition, ref: WorkerRef): void {
  const slot = slotOf(transition, ref)
  if (slot === undefined) return
  if (!isWanted(slot)) {
    removeSlot(transition, slot)
    if (slot.onExit === "failed") replacementFailed(transition, slot, "not-forked")
    return
  }
  if (replacementFills(transition, slot)) return
  const retryAt = transition.at + transition.plan.forkRetryMs
  awaitRespawn(transition, slot.id, slot.attempt, Math.max(retryAt, slot.forkNotBefore ?? retryAt))
}

/** Makes the forks that are due, or gives up where one more respawn would be one too many. */
export function forkDueWorkers(transition: Transition): void {
  for (const slot of transition.state.slots) {
    if (slot.state !== "waiting" || slot.forkAt > transition.at) continue
    // The respawn before may have been one too many.
    if (transition.state.phase !== "running") return
    if (slot.counted) respawn(transition, slot)
    else forkWorker(transition, slot.id, slot.attempt, { rule: "restore" })
  }
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
  forkWorker(transition, slot.id, slot.attempt, {
    rule: "respawn",
    attempt: slot.attempt,
    respawns: remembered.length,
    ...figures,
  })
}

function awaitRespawn(
  transition: Transition,
  id: number,
  attempt: number,
  notBefore: number,
): void {
  const { plan, at } = transition
  const forkAt = Math.max(at + backoffMs(plan, id, attempt), notBefore)
  awaitFork(transition, id, nextAttempt(plan, attempt), forkAt, true)
}

/** Lets the slot wait; a fork that is due already is made in this very step. */
function awaitFork(
  transition: Transition,
  id: number,
  attempt: number,
  forkAt: number,
  counted: boolean,
): void {
  putSlot(transition, { state: "waiting", id, attempt, forkAt, counted })
  if (forkAt <= transition.at) forkDueWorkers(transition)
}

function putWorker(transition: Transition, slot: OccupiedSlot, worker: Worker): void {
  putSlot(transition, { ...slot, worker })
}
