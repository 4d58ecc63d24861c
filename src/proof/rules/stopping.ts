/**
 * How a pool ends: it forks nothing once it stops, is done once and in time, and leaves no worker behind (rules 1, 3 and 9). And
 * what is known once it stops, gives up or is done.
 */
import { isStopping, type StopCause } from "../../core/state.ts"
import { isReportable } from "./correlated-failures.ts"
import { type FillCommand, whenFilling } from "./filling.ts"
import type { History, IncidentRecord } from "./history.ts"
import { named, toStop } from "./process-record.ts"
import { reloadMustEnd } from "./replacing.ts"
import { successorUnwanted } from "./upgrading.ts"
import type { Rule } from "./rule.ts"

export const noForkAfterStop: Rule = {
  number: 1,
  title: "no fork after the first stop",
  seeCommand: {
    ...whenFilling(begunTooLate),
    "fork-worker": begunTooLate,
  },
}

function begunTooLate(
  { worker }: FillCommand,
  _at: number,
  { phase, stoppedAt }: History,
): string | undefined {
  return phase === "stopping"
    ? `${named(worker)} was forked although the pool was stopping since ${stoppedAt}`
    : undefined
}

export const doneInTime: Rule = {
  number: 3,
  title: "the pool is done once, and in time",
  overdue(at, history, { slackMs }) {
    const { phase, stoppedAt, delayedStop } = history
    if (delayedStop !== null && at > delayedStop.beginAt + slackMs) {
      return `it had to begin to stop at ${delayedStop.beginAt} and did not`
    }
    if (phase === "done" || at <= latestEnd(history) + slackMs) return undefined
    return `it was not done by ${latestEnd(history)}, having begun to stop at ${stoppedAt}`
  },
  seeCommand(command, at, history, _context, { slackMs }) {
    const { phase, stoppedAt, doneAt, latestEndAt } = history
    if (phase === "done") return `${command.type} after it was done at ${doneAt}`
    if (command.type !== "finish" || stoppedAt === null) return undefined
    const dueAt = nothingIsLeft(history)
      ? Math.max(stoppedAt, latestEndAt ?? -Infinity)
      : latestEnd(history) + slackMs
    return at > dueAt ? `it was done at ${at} and had to be by ${dueAt}` : undefined
  },
  settled: (history, { at }) =>
    history.phase !== "done" && nothingIsLeft(history)
      ? `it was not done at ${at}, when nothing was left to wait for`
      : undefined,
  end({ phase, delayedStop }) {
    if (delayedStop !== null) return "it was asked to stop and never began to"
    return phase === "stopping" ? "it stopped and was never done" : undefined
  },
}

/** When a pool that stops must be done. A kill may be late: another rule judges that. */
function latestEnd({ stoppedAt, plan, latestKillAt }: History): number {
  if (stoppedAt === null) return Infinity
  return Math.max(stoppedAt + plan.timeoutMs, latestKillAt ?? -Infinity) + plan.killReportMs
}

/** Whether the pool has nothing left to wait for. */
function nothingIsLeft(history: History): boolean {
  const { phase, plan, slots, living, startFailedAt, successor } = history
  if (startFailedAt !== null) return true
  if (phase === "stopping") {
    return !plan.waitForWorkers || (living.length === 0 && successor === null)
  }
  return (
    phase === "running" && living.length === 0 && slots.every(({ state }) => state === "finished")
  )
}

export const noWorkerLeft: Rule = {
  number: 9,
  title: "no worker is left when the pool is done, and no new primary that was not to take over",
  seeCommand: { finish: (_command, at, history) => leftBehind(at, history) },
}

/** A process that may still be there when the pool is done. */
function leftBehind(at: number, history: History): string | undefined {
  const { plan, living, stoppedAt, successor } = history
  const isThere = successor !== null && successor.phase !== "due"
  if (stoppedAt !== null && plan.waitForWorkers && isThere) {
    if (successor.phase !== "killed") return "the new primary was alive"
    if (at < successor.dueAt) return "the exit of the new primary was waited for too short a time"
  }
  for (const process of living) {
    const { askedAt, killedAt } = process
    const name = named(process)
    if (!plan.waitForWorkers) {
      if (askedAt === null && killedAt === null)
        return `${name} was neither asked to stop nor killed`
      continue
    }
    if (killedAt === null) return `${name} was alive`
    const waitedMs = at - Math.max(killedAt, stoppedAt ?? killedAt)
    if (waitedMs < plan.killReportMs) {
      return `the exit of ${name}, killed at ${killedAt}, was waited for only ${waitedMs} ms`
    }
  }
  return undefined
}

export const neverReadyAgain: Rule = {
  number: 22,
  title:
    "once it was asked to stop, the pool is never ready for clients again, and it serves on for its delay",
  seeCommand: {
    "announce-stop": (_command, at, { delayedStop }) =>
      delayedStop !== null && at < delayedStop.beginAt
        ? `it began to stop, and had to serve on until ${delayedStop.beginAt}`
        : undefined,
  },
  seeState(state, { phase, delayedStop }) {
    const isToStop = delayedStop !== null || phase === "stopping"
    if (state.phase === "done" || isStopping(state) === isToStop) return undefined
    return isToStop
      ? "it was asked to stop, and says that it is ready for clients"
      : "it says that it stops, and nothing has asked for that"
  },
}

/** What is known once the pool was asked to stop. Only the first time counts. Before the first fork nothing serves on. */
export function stopAsked(history: History, at: number, signal: string): History {
  if (hasEnded(history) || history.delayedStop !== null) return history
  const { stopDelayMs } = history.plan
  if (stopDelayMs === 0 || history.phase !== "running") return stopped(history, at, signal)
  const { reload } = history
  const delayed: History = {
    ...history,
    delayedStop: { signal, beginAt: at + stopDelayMs },
    unannouncedDelay: signal,
    reload: reload && { ...reload, isQueued: false },
    isReloadDue: false,
    living: history.living.map((process) => ({ ...process, signaledAt: null, heldSignal: null })),
  }
  return successorUnwanted(reloadMustEnd(delayed, at))
}

/** What is known at a wake-up: a delay may be over. */
export function delayEnded(history: History, at: number): History {
  const { delayedStop } = history
  return delayedStop === null || at < delayedStop.beginAt ? history : stopBegun(history, at)
}

/** What is known once a stop that was delayed has begun. */
export function stopBegun(history: History, at: number): History {
  const { delayedStop } = history
  return delayedStop === null ? history : stopped(history, at, delayedStop.signal)
}

/** What is known once the workers of the new primary are ready. */
export function handedOver(history: History, at: number): History {
  const left: History = { ...history, successor: null, unannouncedUpgrade: "finished" }
  return stopped(left, at, "SIGTERM")
}

function stopped(history: History, at: number, signal: string): History {
  return { ...stopping(history, at, "stop", signal), unannouncedStop: signal }
}

/** What is known once the pool gives up. */
export function gaveUp(history: History, at: number): History {
  const known = hasEnded(history) ? history : stopping(history, at, "give-up", "SIGTERM")
  return { ...known, gaveUp: true }
}

function hasEnded({ stoppedAt, phase }: History): boolean {
  return stoppedAt !== null || phase === "done"
}

function stopping(history: History, at: number, cause: StopCause, signal: string): History {
  return {
    ...successorUnwanted(history),
    phase: "stopping",
    delayedStop: null,
    stoppedAt: at,
    living: history.living.map((process) => toStop(process, at, cause, signal)),
    slots: [],
    failedStarts: null,
    isReloadDue: false,
    incident: reportableOf(history),
  }
}

/** What is known once the pool is done. */
export function done(history: History, at: number): History {
  if (history.doneAt !== null) return history
  return {
    ...history,
    phase: "done",
    successor: null,
    delayedStop: null,
    doneAt: at,
    failedStarts: null,
    incident: reportableOf(history),
  }
}

/** Failures that are too few to be reported are forgotten when the pool ends. */
function reportableOf({ incident }: History): IncidentRecord | null {
  return incident !== null && isReportable(incident) ? incident : null
}
