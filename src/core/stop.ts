/**
 * Who is asked to stop, once; when what has not ended is killed; and when the pool is done.
 *
 * The first stop counts. It asks every worker that was not asked before, and nothing that arrives later changes any
 * decision of it: not the signal, not the time of a kill, not the exit code's rule. Decides nothing about slots while
 * the pool runs, but serves those who do (`stopWorker`).
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import { reportIncident } from "./incident.ts"
import { abortReload, replacementFailed } from "./reload.ts"
import { isLeaving, type OccupiedSlot, type Slot } from "./state.ts"
import { putSlot, slotOf, type Transition } from "./transition.ts"
import { killWorker, stopWorker } from "./worker.ts"

/** A stop was asked for, by a signal or a call. */
export function stopRequested(transition: Transition, signal: string): void {
  beginStop(transition, "stop", signal, { rule: "stop", cause: "stop", signal })
}

/** Ends the pool: no fork from now on, every worker is to finish. A pool that is ending already goes on as it was. */
export function beginStop(
  transition: Transition,
  cause: "stop" | "give-up",
  signal: string,
  reason: Reason,
): void {
  const { plan, at } = transition
  if (transition.state.phase === "stopping") return
  reportIncident(transition)
  transition.commands.push(
    cause === "give-up"
      ? { type: "announce-give-up", reason }
      : { type: "announce-stop", signal, reason },
  )
  const occupied = transition.state.slots.filter((slot) => slot.state === "occupied")
  transition.state = {
    ...transition.state,
    phase: "stopping",
    slots: occupied.map((slot): OccupiedSlot => ({
      ...slot,
      onExit: "leave",
      forkNotBefore: null,
    })),
    respawnedAt: [],
    acceptAt: null,
    stop: { cause, failed: 0, finishAt: at + plan.timeoutMs + plan.killReportMs },
  }
  abortReload(transition, reason)
  for (const slot of transition.state.slots) {
    if (slot.state === "occupied" && !isLeaving(slot.worker)) {
      stopWorker(transition, slot, { cause, signal, killAt: at + plan.timeoutMs })
    }
  }
  if (!plan.waitForWorkers) finish(transition, cause === "give-up" ? 1 : 0, { rule: "not-waiting" })
}

/** A stop signal reached one worker: it is stopped, and its slot waits for what that signal may have been part of. */
export function workerWasSignaled(transition: Transition, ref: WorkerRef, signal: string): void {
  const { plan, at } = transition
  const slot = slotOf(transition, ref)
  if (slot === undefined || transition.state.phase !== "running") return
  if (plan.signals[signal] !== "stop") return
  const held: OccupiedSlot = { ...slot, forkNotBefore: at + plan.groupSignalWindowMs }
  if (isLeaving(slot.worker)) return putSlot(transition, held)
  stopWorker(transition, held, { cause: "direct-signal", signal, killAt: at + plan.timeoutMs })
  if (slot.onExit === "failed") replacementFailed(transition, held, "signaled")
}

/** Kills those whose time to finish is over. */
export function killOverdueWorkers(transition: Transition): void {
  const { plan, at } = transition
  for (const slot of transition.state.slots) {
    if (slot.state !== "occupied" || slot.worker.killed) continue
    const { stop } = slot.worker
    if (stop === null || stop.killAt > at) continue
    killWorker(transition, slot, { rule: "stop-timeout", timeoutMs: plan.timeoutMs })
    awaitReport(transition)
  }
}

/** A kill that comes late, after a stall of the primary, has as long to be reported as one in time. */
function awaitReport(transition: Transition): void {
  const { stop } = transition.state
  if (stop === null) return
  const finishAt = Math.max(stop.finishAt, transition.at + transition.plan.killReportMs)
  transition.state = { ...transition.state, stop: { ...stop, finishAt } }
}

/** Ends the pool where nothing is left to wait for. Every step ends with it. */
export function finishIfOver(transition: Transition): void {
  const { phase, slots, stop, hasFailedFinal } = transition.state
  if (phase === "stopping" && stop !== null) {
    if (slots.length === 0) {
      const code = stop.cause === "give-up" || stop.failed > 0 ? 1 : 0
      finish(transition, code, { rule: "all-stopped", failed: stop.failed })
    } else if (stop.finishAt <= transition.at && slots.every(isKilled)) {
      finish(transition, 1, { rule: "exits-unreported", workers: slots.length })
    }
  } else if (phase === "running" && slots.every((slot) => slot.state === "finished")) {
    reportIncident(transition)
    finish(transition, hasFailedFinal ? 1 : 0, { rule: "all-finished", failed: hasFailedFinal })
  }
}

/** What must precede the first fork has failed: there is nothing to stop. */
export function startFailed(transition: Transition): void {
  if (transition.state.phase === "starting") finish(transition, 1, { rule: "start-failed" })
}

function isKilled(slot: Slot): boolean {
  return slot.state === "occupied" && slot.worker.killed
}

function finish(transition: Transition, code: 0 | 1, reason: Reason): void {
  transition.state = {
    ...transition.state,
    phase: "done",
    slots: [],
    respawnedAt: [],
    reload: null,
    acceptAt: null,
    stop: null,
    hasFailedFinal: false,
  }
  transition.commands.push({ type: "finish", code, reason })
}
