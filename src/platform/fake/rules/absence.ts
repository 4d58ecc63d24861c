/**
 * How much longer workers have to become ready after the primary was away: suspended, or stalled. Reports that were sent
 * in time may still wait to be read, so whoever is starting then has its time anew.
 *
 * That it was away shows in how late it wakes up. When exactly it wanted to be woken is not known from outside where
 * jitter is in it; so the new time may or may not be granted then, and either is right.
 */
import type { History } from "./history.ts"
import { provenTime } from "./replacing.ts"
import { isStarting, type ProcessRecord } from "./process-record.ts"

/** The processes after a wake-up. */
export function renewed(history: History, at: number): readonly ProcessRecord[] {
  const { plan, living } = history
  const { stallMs } = plan
  const { fromAt, untilAt } = wakeUpOf(history)
  if (at - fromAt < stallMs) return living
  const isSure = at - untilAt >= stallMs
  const startBy =
    at + (plan.startTimeoutMs === false ? plan.reloadStartTimeoutMs : plan.startTimeoutMs)
  return living.map((process) => {
    if (process.startBy === null || !isStarting(process)) return process
    const from = isSure ? startBy : process.startBy.fromAt
    return { ...process, startBy: { fromAt: from, untilAt: startBy } }
  })
}

/** When the primary wanted to be woken at the earliest, and at the latest. */
function wakeUpOf(history: History): {
  readonly fromAt: number
  readonly untilAt: number
} {
  const { plan, living, slots, stoppedAt, latestKillAt } = history
  let [from, until] = [Infinity, Infinity]
  const add = (fromAt: number, untilAt = fromAt): void => {
    from = Math.min(from, fromAt)
    until = Math.min(until, untilAt)
  }
  for (const process of living) {
    const { killedAt, dueToStopAt, startBy } = process
    if (killedAt !== null) continue
    if (dueToStopAt !== null) add(dueToStopAt + plan.timeoutMs)
    else if (startBy !== null && isStarting(process)) add(startBy.fromAt, startBy.untilAt)
  }
  for (const slot of slots) {
    if (slot.state === "waiting") add(slot.window.fromAt, slot.window.untilAt)
  }
  const provenAt = provenTime(history)
  if (provenAt !== null) add(provenAt)
  if (stoppedAt !== null) {
    add(Math.max(stoppedAt + plan.timeoutMs, latestKillAt ?? -Infinity) + plan.killReportMs)
  }
  return { fromAt: from, untilAt: until }
}
