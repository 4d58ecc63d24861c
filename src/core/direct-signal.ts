/**
 * A stop signal that one worker reports: it is stopped, and replaced.
 *
 * But the signal may have gone to the whole group, and may not have reached the primary yet. So the worker serves on for a moment:
 * then it is known whether the pool stops, which stops its workers in its own order and at its own time. Should the worker end
 * by itself meanwhile, it has done what the signal asks for: it has not failed, and its slot stays empty for as long.
 */
import type { WorkerRef } from "./event.ts"
import { noteIfReplacement } from "./replacement.ts"
import { holdSpares } from "./spares.ts"
import { isLeaving, type Process, processesOf, type WorkerStop } from "./state.ts"
import { occupiedSlot, processOf, putSlot, putWorker, type Transition } from "./transition.ts"
import { stopWorker } from "./worker.ts"

/** A worker reports a signal. While the stop of the pool is delayed, it serves on. */
export function workerWasSignaled(transition: Transition, ref: WorkerRef, signal: string): void {
  const { plan, at, state } = transition
  const process = processOf(transition, ref)
  if (process === undefined || state.phase !== "running" || state.delayedStop !== null) return
  const { worker } = process
  // However many signals follow the first, they keep the worker no longer.
  if (plan.signals[signal] !== "stop" || worker.signaled !== null) return
  const knownAt = at + plan.groupSignalWindowMs
  const slot = process.role === "current" ? occupiedSlot(state, process.slot) : undefined
  if (slot !== undefined) putSlot(transition, { ...slot, forkNotBefore: knownAt })
  if (process.role === "spare") holdSpares(transition)
  if (isLeaving(worker)) return
  putWorker(transition, process, { ...worker, signaled: { signal, stopAt: knownAt } })
}

/** Stops the workers that a signal has reached, once it is known that it was not meant for the pool. */
export function stopSignaledWorkers(transition: Transition): void {
  for (const process of processesOf(transition.state)) {
    const { signaled } = process.worker
    if (signaled === null || signaled.stopAt > transition.at) continue
    stopSignaled(transition, process, signaled.signal)
  }
}

/** A worker that a signal has reached ends before it was asked to stop: it has stopped for that signal all the same. */
export function noteSignaledEnd(transition: Transition, ref: WorkerRef): void {
  const process = processOf(transition, ref)
  if (process === undefined || process.worker.signaled === null) return
  const { worker } = process
  const stop = directStop(transition, process.worker.signaled.signal)
  putWorker(transition, process, { ...worker, signaled: null, stop })
}

/** The signals that workers have reported were meant for the pool, which has got it: nothing waits for that any more. */
export function forgetSignals(transition: Transition): void {
  for (const slot of transition.state.slots) {
    if (slot.state === "occupied" && slot.forkNotBefore !== null) {
      putSlot(transition, { ...slot, forkNotBefore: null })
    }
  }
  for (const process of processesOf(transition.state)) {
    if (process.worker.signaled === null) continue
    putWorker(transition, process, { ...process.worker, signaled: null })
  }
}

function stopSignaled(transition: Transition, process: Process, signal: string): void {
  stopWorker(transition, process, directStop(transition, signal))
  noteIfReplacement(transition, process, "signaled")
}

function directStop({ plan, at }: Transition, signal: string): WorkerStop {
  return { cause: "direct-signal", signal, killAt: at + plan.timeoutMs }
}
