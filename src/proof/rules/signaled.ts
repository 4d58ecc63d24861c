/**
 * A stop signal that a worker reports, from events: it must stop, unless the pool is about to: that is waited for first.
 */
import { type History, putProcess } from "./history.ts"
import { isLeaving, type ProcessRecord, toStop } from "./process-record.ts"
import { replacementFailed } from "./replacing.ts"
import { spareSignaled } from "./spares.ts"

/** What is known once a worker has reported a signal. While a stop is delayed it serves on. */
export function workerSignaled(
  history: History,
  process: ProcessRecord,
  signal: string,
  at: number,
): History {
  const { plan, delayedStop } = history
  if (plan.signals[signal] !== "stop" || delayedStop !== null) return history
  // One that follows another changes nothing.
  if (process.heldSignal !== null && !isLeaving(process)) return history
  const told: ProcessRecord = { ...process, signaledAt: at }
  const known = (next: ProcessRecord): History => {
    const after = putProcess(history, process, next)
    return process.role === "spare" ? spareSignaled(after, at) : after
  }
  // Once the pool stops, nothing is held back any more.
  if (isLeaving(process) || history.stoppedAt !== null) return known(told)
  const dueAt = at + plan.groupSignalWindowMs
  return known({ ...told, heldSignal: { signal, dueAt } })
}

/** What is known at a wake-up: signals that were held back count if the pool did not get them. */
export function heldSignalsCount(before: History, at: number): History {
  const due = before.living.filter(
    (process) =>
      process.heldSignal !== null && process.heldSignal.dueAt <= at && !isLeaving(process),
  )
  if (due.length === 0) return before
  let history: History = {
    ...before,
    living: before.living.map((process) =>
      due.includes(process) ? stoppedBySignal(process, at) : process,
    ),
  }
  for (const process of due) {
    if (process.role === "replacement") history = replacementFailed(history, process, at)
  }
  return history
}

/** Once the signal that was held back counts, or the process has ended by itself before. */
export function stoppedBySignal(process: ProcessRecord, at: number): ProcessRecord {
  if (process.heldSignal === null) return process
  const stopping = toStop(process, at, "direct-signal", process.heldSignal.signal)
  return { ...stopping, heldSignal: null }
}
