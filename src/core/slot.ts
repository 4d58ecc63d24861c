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
import { newcomerFailed } from "./reload.ts"
import { dismissNewcomer, newcomerBecameReady, newcomerFills } from "./replacement.ts"
import { isWanted, type OccupiedSlot, type WaitingSlot, type Worker } from "./state.ts"
import { beginStop } from "./stop.ts"
import { putSlot, removeSlot, slotOf, type Turn } from "./transition.ts"
import { answerDeadline, askToStop, forkWorker } from "./worker.ts"

/** Forking may begin: every wanted slot gets its first process. */
export function started(turn: Turn): void {
  if (turn.state.phase !== "starting") return
  turn.state = { ...turn.state, phase: "running" }
  const workers = turn.state.target
  for (let id = 1; id <= workers; id += 1) forkWorker(turn, id, 0, { rule: "start", workers })
}

/** A worker can be told things from now on: it runs, or is asked to stop if that was decided while it booted. */
export function workerSaidHello(turn: Turn, ref: WorkerRef): void {
  const slot = slotOf(turn, ref)
  if (slot === undefined || slot.worker.phase !== "booting") return
  const { stop, killed } = slot.worker
  putWorker(turn, slot, { ...slot.worker, phase: "starting" })
  // It had said so before the kill reached it.
  if (killed) return
  if (stop === null) {
    turn.effects.push({ type: "run-worker", worker: ref, reason: { rule: "hello" } })
  } else {
    askToStop(turn, ref, stop)
  }
}

/** A worker serves. From now on it must answer. */
export function workerBecameReady(turn: Turn, ref: WorkerRef): void {
  const slot = slotOf(turn, ref)
  if (slot === undefined || slot.worker.phase !== "starting") return
  if (slot.worker.stop !== null || slot.worker.killed) return
  const lifeBy = answerDeadline(turn)
  const recycling = recyclingWhenReady(turn, slot)
  putWorker(turn, slot, { ...slot.worker, phase: "ready", lifeBy, readyAt: turn.at, recycling })
  if (slot.onExit === "failed") newcomerBecameReady(turn)
}

/** A process has died: the slot is freed, finished, or filled again when its time comes. */
export function workerExited(
  turn: Turn,
  ref: WorkerRef,
  code: number | null,
  signal: string | null,
): void {
  const slot = slotOf(turn, ref)
  if (slot === undefined) return
  const { plan, at } = turn
  // It listens to nothing yet, so whatever reaches all of them ends it.
  const action =
    signal !== null && slot.worker.phase === "booting" ? plan.signals[signal] : undefined
  const diedBySignalToAll = action !== undefined
  if (turn.state.stop !== null && code !== 0 && action !== "stop") {
    turn.state = {
      ...turn.state,
      stop: { ...turn.state.stop, failed: turn.state.stop.failed + 1 },
    }
  }
  if (!isWanted(slot)) {
    removeSlot(turn, slot)
    // One that a signal has ended tells nothing of the program that it was to load: another one takes its place.
    if (slot.onExit === "failed" && !diedBySignalToAll) newcomerFailed(turn, slot, "exited")
    return
  }

  // A signal that kills a booting worker may be the first of a storm whose next one is for the primary.
  const heldUntil = diedBySignalToAll ? at + plan.signalEchoMs : (slot.heldUntil ?? at)
  if (slot.onExit === "refill") {
    return awaitFork(turn, slot.id, 0, Math.max(at, heldUntil), false)
  }
  if (code !== 0 && !diedBySignalToAll) workerFailed(turn, slot, code, signal)
  if (plan.respawn === "never" || (plan.respawn === "on-failure" && code === 0)) {
    putSlot(turn, { state: "finished", id: slot.id })
    turn.state = { ...turn.state, finishedBadly: turn.state.finishedBadly || code !== 0 }
    return dismissNewcomer(turn, slot.id)
  }
  if (newcomerFills(turn, slot)) return
  if (!diedBySignalToAll) newcomerFailed(turn, slot, "exited")
  const attempt = wasStable(plan, slot.worker, at) ? 0 : slot.attempt
  awaitRespawn(turn, slot.id, attempt, heldUntil)
}

/** A process that never lived. The operating system gets a moment before it is asked again. */
export function forkFailed(turn: Turn, ref: WorkerRef): void {
  const slot = slotOf(turn, ref)
  if (slot === undefined) return
  if (!isWanted(slot)) {
    removeSlot(turn, slot)
    if (slot.onExit === "failed") newcomerFailed(turn, slot, "not-forked")
    return
  }
  if (newcomerFills(turn, slot)) return
  const retryAt = turn.at + turn.plan.forkRetryMs
  awaitRespawn(turn, slot.id, slot.attempt, Math.max(retryAt, slot.heldUntil ?? retryAt))
}

/** Makes the forks that are due, or gives up where one more respawn would be one too many. */
export function forkDueWorkers(turn: Turn): void {
  for (const slot of turn.state.slots) {
    if (slot.state !== "waiting" || slot.forkAt > turn.at) continue
    // The respawn before may have been one too many.
    if (turn.state.phase !== "running") return
    if (slot.charged) respawn(turn, slot)
    else forkWorker(turn, slot.id, slot.attempt, { rule: "refill" })
  }
}

function respawn(turn: Turn, slot: WaitingSlot): void {
  const { plan, at } = turn
  const figures = { limit: plan.respawnLimit, intervalMs: plan.respawnIntervalMs }
  const counting = countingRespawns(plan, turn.state.respawnedAt, at)
  if (isExhausted(plan, counting)) {
    const reason: Reason = { rule: "respawn-limit", respawns: counting.length, ...figures }
    return beginStop(turn, "give-up", "SIGTERM", reason)
  }
  const remembered = plan.respawnLimit === Infinity ? counting : [...counting, at]
  turn.state = { ...turn.state, respawnedAt: remembered }
  forkWorker(turn, slot.id, slot.attempt, {
    rule: "respawn",
    attempt: slot.attempt,
    respawns: remembered.length,
    ...figures,
  })
}

function awaitRespawn(turn: Turn, id: number, attempt: number, notBefore: number): void {
  const { plan, at } = turn
  const forkAt = Math.max(at + backoffMs(plan, id, attempt), notBefore)
  awaitFork(turn, id, nextAttempt(plan, attempt), forkAt, true)
}

/** Lets the slot wait; a fork that is due already is made in this very step. */
function awaitFork(
  turn: Turn,
  id: number,
  attempt: number,
  forkAt: number,
  charged: boolean,
): void {
  putSlot(turn, { state: "waiting", id, attempt, forkAt, charged })
  if (forkAt <= turn.at) forkDueWorkers(turn)
}

function putWorker(turn: Turn, slot: OccupiedSlot, worker: Worker): void {
  putSlot(turn, { ...slot, worker })
}
