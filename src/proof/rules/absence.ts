/**
 * How much longer workers have for a heartbeat after the primary was away: suspended or blocked. Reports that were sent in time may
 * still wait to be read, so a worker that must become ready, or send a heartbeat, gets its whole time again.
 *
 * How late the primary wakes up shows that it was away. When exactly it wanted to wake up is not known from outside if jitter is
 * involved. In that case the new time may or may not be granted, and both are right.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { isReportable } from "./correlated-failures.ts"
import { heartbeatLimitOf, type History } from "./history.ts"
import { recyclingTimes } from "./recycling.ts"
import { acceptTimes } from "./replacing.ts"
import { isLeaving, type ProcessRecord } from "./process-record.ts"
import { spareTimes } from "./spares.ts"

/** The processes after a wake-up. */
export function renewed(history: History, at: number): readonly ProcessRecord[] {
  const { plan, living } = history
  const { stallMs } = plan
  const { fromAt, untilAt } = wakeUpOf(history)
  if (at - fromAt < stallMs) return living
  const isSure = at - untilAt >= stallMs
  return living.map((process) => {
    if (process.timeout === null || isLeaving(process)) return process
    const untilAt = at + limitMs(plan, process)
    const from = isSure ? untilAt : process.timeout.fromAt
    return { ...process, timeout: { fromAt: from, untilAt } }
  })
}

function limitMs(plan: Plan, { readyAt }: ProcessRecord): number {
  const { startTimeoutMs, reloadStartTimeoutMs } = plan
  const answerTimeoutMs = heartbeatLimitOf(plan)
  if (readyAt !== null && answerTimeoutMs !== false) return answerTimeoutMs
  return startTimeoutMs === false ? reloadStartTimeoutMs : startTimeoutMs
}

/** When the primary wants to be woken at the earliest, and at the latest. */
export function wakeUpOf(history: History): {
  readonly fromAt: number
  readonly untilAt: number
} {
  const { plan, living, slots, delayedStop, successor, stoppedAt, latestKillAt, incident } = history
  let [from, until] = [Infinity, Infinity]
  const add = (fromAt: number, untilAt = fromAt): void => {
    from = Math.min(from, fromAt)
    until = Math.min(until, untilAt)
  }
  for (const process of living) {
    const { killedAt, dueToStopAt, timeout, heldSignal } = process
    if (killedAt !== null) continue
    if (dueToStopAt !== null) {
      add(dueToStopAt + plan.timeoutMs)
      continue
    }
    if (heldSignal !== null) add(heldSignal.dueAt)
    if (timeout !== null) add(timeout.fromAt, timeout.untilAt)
  }
  for (const slot of slots) {
    if (slot.state === "waiting") add(slot.window.fromAt, slot.window.untilAt)
  }
  for (const { fromAt, untilAt } of recyclingTimes(history)) add(fromAt, untilAt)
  for (const { fromAt, untilAt } of spareTimes(history)) add(fromAt, untilAt)
  for (const acceptAt of acceptTimes(history)) add(acceptAt)
  if (incident !== null && isReportable(incident)) add(incident.reportAt)
  if (delayedStop !== null) add(delayedStop.beginAt)
  if (successor !== null && successor.phase !== "killed") add(successor.dueAt)
  if (stoppedAt !== null) {
    add(Math.max(stoppedAt + plan.timeoutMs, latestKillAt ?? -Infinity) + plan.killReportMs)
  }
  return { fromAt: from, untilAt: until }
}
