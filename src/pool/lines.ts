/**
 * The lines about what a pool has done, with what an operator asks next: how often, how long, by which rule, and what now.
 */
import {
  counted,
  describeAttempt,
  describeBytes,
  describeExit,
  describeFailure,
  describeMs,
  describeReason,
} from "../core/describe.ts"
import type { Reason } from "../core/command.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import { firstLine, oneLine } from "../core/log-line.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { SuccessorProcess } from "../platform/platform.ts"
import { processName } from "../platform/process-name.ts"
import { killCauseText, startRule } from "./causes.ts"
import type { ProcessRecord, Roster } from "./roster.ts"

/** What the lines are made of, besides the event and its commands. */
export interface NoticeInput {
  readonly plan: Plan
  readonly roster: Roster
  /** Whether the user's code has a `shutdown`. */
  readonly hasShutdown: boolean
  /** Whether an error of the user's code was printed when it was thrown. */
  readonly printsErrors: boolean
  /** The process id of the new primary; undefined if there is none. */
  readonly successor?: Successor | undefined
}

export function forkText(
  { slot }: WorkerRef,
  reason: Reason,
  now: number,
  record: ProcessRecord | undefined,
): string {
  const spare = record?.wasSpare === true ? ", a spare" : ""
  const pid = record?.pid === undefined ? "" : ` (pid ${record.pid}${spare})`
  const { previous } = record ?? {}
  const old = `worker ${slot}: replacing ${previous?.pid === undefined ? "the old one" : `pid ${previous.pid}`}`
  switch (reason.rule) {
    case "respawn": {
      const what = pid === "" ? `worker ${slot} restarting` : `worker ${slot} restarted${pid}`
      return `${what}${describeAttempt(reason.attempt)}${budgetText(reason)}`
    }
    case "reload":
      return `worker ${slot}: replacement started${pid}`
    case "max-memory":
      return `${old}, which uses ${describeBytes(reason.memoryBytes)} (recycle.maxMemory ${describeBytes(reason.maxMemoryBytes)})`
    case "max-age": {
      const ranFor = now - (previous?.readyAt ?? now)
      return `${old}, which has run for ${describeMs(ranFor)} (recycle.maxAge ${describeMs(reason.maxAgeMs)}, minus up to 20 %)`
    }
    case "max-requests":
      return `${old}, which has served ${counted(reason.requests, "request")} (recycle.maxRequests ${reason.maxRequests}, minus up to 20 %)`
    case "recycle-requested":
      return `${old}, on request`
    case "restore":
      return `worker ${slot} started${pid}: ${describeReason(reason)}`
    default:
      return `worker ${slot} started${pid}`
  }
}

/** How much of the pool's restarts is used up. */
function budgetText(reason: Extract<Reason, { readonly rule: "respawn" }>): string {
  const { respawns, limit, intervalMs } = reason
  if (limit === Infinity) return ""
  const last = respawns < limit ? "" : ", one more stops the pool"
  return ` · ${respawns} of ${counted(limit, "restart")} used in the last ${describeMs(intervalMs)}${last}`
}

export function killText(
  reason: Reason,
  record: ProcessRecord | undefined,
  { plan, hasShutdown }: NoticeInput,
): string {
  switch (reason.rule) {
    case "heartbeat-timeout":
      return `event loop blocked for ${describeMs(reason.heartbeatTimeoutMs)} (heartbeatTimeout)`
    case "stop-timeout": {
      const other = hasShutdown ? "shutdown that never resolves" : "run that ignores context.signal"
      const question = record?.readyAt === null ? "" : `. Open connections, or a ${other}?`
      return `${describeReason(reason)} (timeout)${question}`
    }
    case "start-timeout": {
      if (record?.saidHello !== false) return `${describeReason(reason)}${startRule(plan)}`
      return `its script ${killCauseText(reason, false, plan)}`
    }
    case "stop-while-booting":
      return "its script was still loading, so there is nothing to shut down"
    default:
      return describeReason(reason)
  }
}

/** The new primary, as far as people want to know it. */
export type Successor = Pick<SuccessorProcess, "pid" | "error">

export function upgradeText(reason: Reason, successor: Successor | undefined): string {
  if (reason.rule === "handed-over") return `pid ${successor?.pid} serves, and this pool stops`
  const why = whyNoTakeover(reason, successor)
  return reason.rule.startsWith("successor-") ? `${why}. This pool serves on` : why
}

/** Why an upgrade has failed, for whoever does not see what the new primary has printed, too. */
export function whyNoTakeover(reason: Reason, successor: Successor | undefined): string {
  const why = describeReason(reason)
  const isAboutIt = reason.rule === "successor-exited" || reason.rule === "successor-late"
  const { error } = successor ?? {}
  return isAboutIt && error !== undefined ? `${why}: ${oneLine(error)}` : why
}

export function stopDelayText(signal: string, delayMs: number): string {
  return `${oneLine(signal)}: serving on for ${describeMs(delayMs)} (stopDelay), then stopping`
}

export function stopText(signal: string, { plan, roster }: NoticeInput): string {
  const { alive } = roster
  const what =
    alive === 0 ? "" : `: ${counted(alive, "worker")}, at most ${describeMs(plan.timeoutMs)}`
  return `stopping on ${oneLine(signal)}${what}`
}

/** How many of the workers are replaced side by side. */
function pace(workers: number, { reloadAtOnce }: Plan): string {
  if (workers === 1) return ""
  if (reloadAtOnce >= workers) return ", all at once"
  return `, ${reloadAtOnce === 1 ? "one" : reloadAtOnce} at a time`
}

/** The same for whoever has asked for the reload and does not see what the worker has printed. */
export function reloadEndText(reason: Reason, event: Event, plan: Plan, roster: Roster): string {
  const text = reloadText(reason, event, plan, roster)
  if (reason.rule !== "replacement-failed") return text
  const { error } = roster.of(reason.worker) ?? {}
  return error === undefined ? text : `${text} Its error: ${firstLine(error)}`
}

export function reloadText(reason: Reason, event: Event, plan: Plan, roster: Roster): string {
  switch (reason.rule) {
    case "reload":
      return `replacing ${counted(reason.workers, "worker")}${pace(reason.workers, plan)}`
    case "all-replaced": {
      const { tookMs, ofNewCode } = roster.reload(event.at)
      if (ofNewCode === 0) return describeReason(reason)
      const who = ofNewCode === 1 ? "the worker runs" : `all ${ofNewCode} workers run`
      return `${who} the new code (${describeMs(tookMs)})`
    }
    case "replacement-failed": {
      const { ofNewCode, ofOldCode } = roster.reload(event.at, reason.worker)
      const { pid, readyAt = null } = roster.of(reason.worker) ?? {}
      const how =
        event.type === "worker-exited" && reason.failure === "exited"
          ? `${describeExit(event.code, event.signal)}${sinceReady(readyAt, event.at, plan)}`
          : describeFailure(reason.failure)
      return `new ${processName(reason.worker.slot, pid)} ${how}. ${codeText(ofNewCode, ofOldCode)}`
    }
    default:
      return describeReason(reason)
  }
}

function sinceReady(readyAt: number | null, now: number, { minReadyMs }: Plan): string {
  if (readyAt === null) return " before it was ready"
  const isTooEarly = now - readyAt < minReadyMs
  const rule = isTooEarly ? ` (minReadyTime ${describeMs(minReadyMs)})` : ""
  return `, ${describeMs(now - readyAt)} after it became ready${rule}`
}

/** Which code serves after a reload was aborted. */
function codeText(ofNewCode: number, ofOldCode: number): string {
  const run = (count: number): string =>
    `${counted(count, "worker")} ${count === 1 ? "runs" : "run"}`
  if (ofNewCode === 0) {
    return ofOldCode === 1
      ? "The worker runs the old code."
      : `All ${ofOldCode} workers run the old code.`
  }
  return `${run(ofNewCode)} the new code${ofOldCode === 0 ? "" : `, ${ofOldCode} the old`}.`
}

export function giveUpText(reason: Reason, { lastError }: Roster): string {
  const last = lastError === undefined ? "" : `Last error: ${lastError.replace(/[.]?$/, ".")} `
  return `giving up: ${giveUpCause(reason)}. ${last}Stopping all workers, exit code 1.`
}

function giveUpCause(reason: Reason): string {
  switch (reason.rule) {
    case "respawn-limit": {
      const within = describeMs(reason.intervalMs)
      return `${counted(reason.limit + 1, "restart")} needed within ${within} (respawnLimit ${reason.limit})`
    }
    case "no-worker-started":
      return `${describeReason(reason)} (startFailure "exit")`
    default:
      return describeReason(reason)
  }
}

export function finishText(reason: Reason, roster: Roster): string {
  const details = finishDetails(reason, roster)
  if (roster.hasGivenUp) return ` after giving up${details === "" ? "" : ` (${details})`}`
  return details === "" ? "" : `: ${details}`
}

function finishDetails(reason: Reason, roster: Roster): string {
  if (reason.rule !== "all-stopped") return describeReason(reason)
  return reason.failed === 0 ? "" : roster.failuresAtStop()
}
