/**
 * When a process is killed: at its kill time, not before and not later, and where it has not become ready in time
 * (safety 4). The kill time is recomputed from the facts that made the worker due to stop, the time to become ready in
 * absence.ts.
 */
import type { Reason } from "../../../core/effect.ts"
import { type History, processOf } from "./history.ts"
import { isStarting, named, type ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const killedInTime: Rule = {
  number: 4,
  title: "a worker is killed when its time to stop is over, and not before",
  seeEvent({ at }, history, { slackMs }) {
    if (history.phase === "done") return undefined
    for (const process of history.living) {
      if (process.killedAt !== null) continue
      const killAt = killTime(process, history)
      if (at > killAt + slackMs) return `${named(process)} was to be killed at ${killAt}`
    }
    return undefined
  },
  seeOrder(order, at, history) {
    if (history.phase === "done" || order.type !== "kill-worker") return undefined
    const process = processOf(history, order.worker.incarnation)
    return process && wrongWith(process, order.reason, at, history)
  },
  settled: overdueStarter,
}

/** One that a wake-up has passed over though its time to become ready was over. */
function overdueStarter({ phase, turn, living, now }: History): string | undefined {
  if (!turn.isWakeUp || phase === "done") return undefined
  const late = living.find(
    (process) => isStarting(process) && process.startBy !== null && process.startBy.untilAt <= now,
  )
  return late && `${named(late)} was to be killed at ${late.startBy?.untilAt}, not being ready`
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
  if (rule !== "start-timeout") {
    const killAt = killTime(process, history)
    if (killAt === Infinity) return `${name} was killed though nothing called for it`
    return at < killAt ? `${name} was killed at ${at} and had until ${killAt}` : undefined
  }
  const { startBy } = process
  if (startBy === null) return `${name} was killed for a start timeout, and there is none`
  if (process.readyAt !== null) return `${name} was killed as a late starter and was ready`
  if (process.dueToStopAt !== null) return `${name} was killed as a late starter while stopping`
  return at < startBy.fromAt
    ? `${name} was killed at ${at} and had until ${startBy.fromAt} to become ready`
    : undefined
}
