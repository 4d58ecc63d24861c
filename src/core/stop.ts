/**
 * Who is asked to stop, once; when what has not ended is killed; and when the pool is done.
 *
 * The first stop counts. It asks every worker that was not asked before, and nothing that arrives later changes any
 * decision of it: not the signal, not the time of a kill, not the exit code's rule. Decides nothing about slots while
 * the pool runs, but serves those who do (`stopWorker`).
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import { tellIncident } from "./incident.ts"
import { abortReload, newcomerFailed } from "./reload.ts"
import { isLeaving, type OccupiedSlot, type Slot } from "./state.ts"
import { putSlot, slotOf, type Turn } from "./transition.ts"
import { killWorker, stopWorker } from "./worker.ts"

/** A stop was asked for, by a signal or a call. */
export function stopRequested(turn: Turn, signal: string): void {
  beginStop(turn, "stop", signal, { rule: "stop", cause: "stop", signal })
}

/** Ends the pool: no fork from now on, every worker is to finish. A pool that is ending already goes on as it was. */
export function beginStop(
  turn: Turn,
  cause: "stop" | "give-up",
  signal: string,
  reason: Reason,
): void {
  const { plan, at } = turn
  if (turn.state.phase === "stopping") return
  tellIncident(turn)
  turn.effects.push(
    cause === "give-up"
      ? { type: "announce-give-up", reason }
      : { type: "announce-stop", signal, reason },
  )
  const occupied = turn.state.slots.filter((slot) => slot.state === "occupied")
  turn.state = {
    ...turn.state,
    phase: "stopping",
    slots: occupied.map((slot): OccupiedSlot => ({ ...slot, onExit: "leave", heldUntil: null })),
    respawnedAt: [],
    provenAt: null,
    stop: { cause, failed: 0, finishAt: at + plan.timeoutMs + plan.killReportMs },
  }
  abortReload(turn, reason)
  for (const slot of turn.state.slots) {
    if (slot.state === "occupied" && !isLeaving(slot.worker)) {
      stopWorker(turn, slot, { cause, signal, killAt: at + plan.timeoutMs })
    }
  }
  if (!plan.waitForWorkers) finish(turn, cause === "give-up" ? 1 : 0, { rule: "not-waiting" })
}

/** A stop signal reached one worker: it is stopped, and its slot waits for what that signal may have been part of. */
export function workerWasSignalled(turn: Turn, ref: WorkerRef, signal: string): void {
  const { plan, at } = turn
  const slot = slotOf(turn, ref)
  if (slot === undefined || turn.state.phase !== "running") return
  if (plan.signals[signal] !== "stop") return
  const held: OccupiedSlot = { ...slot, heldUntil: at + plan.signalEchoMs }
  if (isLeaving(slot.worker)) return putSlot(turn, held)
  stopWorker(turn, held, { cause: "direct-signal", signal, killAt: at + plan.timeoutMs })
  if (slot.onExit === "failed") newcomerFailed(turn, held, "signalled")
}

/** Kills those whose time to finish is over. */
export function killOverdueWorkers(turn: Turn): void {
  const { plan, at } = turn
  for (const slot of turn.state.slots) {
    if (slot.state !== "occupied" || slot.worker.killed) continue
    const { stop } = slot.worker
    if (stop === null || stop.killAt > at) continue
    killWorker(turn, slot, { rule: "stop-timeout", timeoutMs: plan.timeoutMs })
    awaitReport(turn)
  }
}

/** A kill that comes late, after a stall of the primary, has as long to be reported as one in time. */
function awaitReport(turn: Turn): void {
  const { stop } = turn.state
  if (stop === null) return
  const finishAt = Math.max(stop.finishAt, turn.at + turn.plan.killReportMs)
  turn.state = { ...turn.state, stop: { ...stop, finishAt } }
}

/** Ends the pool where nothing is left to wait for. Every step ends with it. */
export function finishIfOver(turn: Turn): void {
  const { phase, slots, stop, finishedBadly } = turn.state
  if (phase === "stopping" && stop !== null) {
    if (slots.length === 0) {
      const code = stop.cause === "give-up" || stop.failed > 0 ? 1 : 0
      finish(turn, code, { rule: "all-stopped", failed: stop.failed })
    } else if (stop.finishAt <= turn.at && slots.every(isKilled)) {
      finish(turn, 1, { rule: "exits-unreported", workers: slots.length })
    }
  } else if (phase === "running" && slots.every((slot) => slot.state === "finished")) {
    tellIncident(turn)
    finish(turn, finishedBadly ? 1 : 0, { rule: "all-finished", failed: finishedBadly })
  }
}

/** What must precede the first fork has failed: there is nothing to stop. */
export function startFailed(turn: Turn): void {
  if (turn.state.phase === "starting") finish(turn, 1, { rule: "start-failed" })
}

function isKilled(slot: Slot): boolean {
  return slot.state === "occupied" && slot.worker.killed
}

function finish(turn: Turn, code: 0 | 1, reason: Reason): void {
  turn.state = {
    ...turn.state,
    phase: "done",
    slots: [],
    respawnedAt: [],
    reload: null,
    provenAt: null,
    stop: null,
    finishedBadly: false,
  }
  turn.effects.push({ type: "finish", code, reason })
}
