/**
 * When a process is killed: at its kill time, neither before nor later; or if it is to stop while it boots, has not become ready in
 * time, or sent no heartbeat (rules 4 and 15). The kill time is recomputed from the events that made the worker due to stop, and the time for a heartbeat from
 * its reports and in absence.ts.
 */
import type { Reason } from "../../core/command.ts"
import { type History, processOf } from "./history.ts"
import { isLeaving, named, type ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"
import type { EventContext } from "./event-context.ts"

export const killedInTime: Rule = {
  number: 4,
  title: "a worker is killed when its time to stop is over, and not before",
  overdue(at, history, { slackMs }) {
    if (history.phase === "done") return undefined
    for (const process of history.living) {
      if (process.killedAt !== null) continue
      const killAt = killTime(process, history)
      if (at > killAt + slackMs) return `${named(process)} was to be killed at ${killAt}`
    }
    return undefined
  },
  seeCommand: {
    "kill-worker"({ worker, reason }, at, history) {
      if (history.phase === "done") return undefined
      const process = processOf(history, worker.incarnation)
      return process && wrongWith(process, reason, at, history)
    },
  },
  settled: overdueForTimeout,
}

export const heartbeatsKeepAlive: Rule = {
  number: 15,
  title: "a worker that sends heartbeats in time is never killed for a lack of them",
  seeCommand: {
    "kill-worker"(command, at, history) {
      if (history.phase === "done") return undefined
      if (command.reason.rule !== "heartbeat-timeout") return undefined
      const process = processOf(history, command.worker.incarnation)
      if (process === undefined) return undefined
      const name = named(process)
      const { timeout, readyAt, dueToStopAt } = process
      if (readyAt === null) return `${name} was killed as unresponsive and was not ready`
      if (timeout === null) return `${name} was killed as unresponsive, and sends no heartbeats`
      if (dueToStopAt !== null) return `${name} was killed as unresponsive while stopping`
      return at < timeout.fromAt
        ? `${name} was killed at ${at} and had until ${timeout.fromAt} to send a heartbeat`
        : undefined
    },
  },
}

/** A process that a wake-up has passed over although its timeout was due. */
function overdueForTimeout(
  { phase, living }: History,
  { at, isWakeUp }: EventContext,
): string | undefined {
  if (!isWakeUp || phase === "done") return undefined
  const late = living.find(
    (process) => !isLeaving(process) && process.timeout !== null && process.timeout.untilAt <= at,
  )
  if (late === undefined) return undefined
  const what = late.readyAt === null ? "being ready" : "having sent a heartbeat"
  return `${named(late)} was to be killed at ${late.timeout?.untilAt}, not ${what}`
}

function killTime({ dueToStopAt }: ProcessRecord, { plan }: History): number {
  return dueToStopAt === null ? Infinity : dueToStopAt + plan.timeoutMs
}

function wrongWith(
  process: ProcessRecord,
  { rule }: Reason,
  at: number,
  history: History,
): string | undefined {
  const name = named(process)
  if (process.killedAt !== null) return `${name} was killed twice`
  if (rule === "heartbeat-timeout") return undefined
  if (rule === "stop-while-booting") {
    if (process.helloAt !== null) return `${name} was killed as booting, and had said hello`
    return process.dueToStopAt === null
      ? `${name} was killed as booting, and was not to stop`
      : undefined
  }
  if (rule !== "start-timeout") {
    const killAt = killTime(process, history)
    if (killAt === Infinity) return `${name} was killed although nothing called for it`
    return at < killAt ? `${name} was killed at ${at} and had until ${killAt}` : undefined
  }
  const { timeout } = process
  if (timeout === null) return `${name} was killed for a start timeout, and there is none`
  if (process.readyAt !== null) return `${name} was killed as a late starter and was ready`
  if (process.dueToStopAt !== null) return `${name} was killed as a late starter while stopping`
  return at < timeout.fromAt
    ? `${name} was killed at ${at} and had until ${timeout.fromAt} to become ready`
    : undefined
}
