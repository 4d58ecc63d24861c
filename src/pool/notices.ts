/**
 * The notices of one step of a pool, with the lines that an operator reads: what happened, why, and what to do next.
 */
import type { Command, CorrelatedFailures } from "../core/command.ts"
import { counted, describeMs, describeReason } from "../core/describe.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import type { Finding } from "../core/lint/finding.ts"
import { firstLine, oneLine } from "../core/log-line.ts"
import type {
  IncidentNotice,
  Notice,
  SignalNotice,
  SpareNotice,
  StartNotice,
  WorkerNoticeBase,
} from "../core/notice.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { Host } from "../platform/platform.ts"
import { processName } from "../platform/process-name.ts"
import type { WorkerInfo } from "./handle.ts"
import { exitText } from "./causes.ts"
import {
  finishText,
  forkText,
  giveUpText,
  killText,
  type NoticeInput,
  reloadText,
  stopDelayText,
  stopText,
  upgradeText,
} from "./lines.ts"
import type { ProcessRecord } from "./roster.ts"
import { version } from "./version.ts"

/** The notice about options that defeat each other. */
export function noticeOfFinding({ rule, level, options, text }: Finding, at: number): Notice {
  const reason = [rule, options.join(", ")].filter((part) => part !== "").join(": ")
  return {
    type: "lint",
    level,
    at,
    reason,
    text: `option check (${rule}): ${text}`,
    rule,
    options,
  }
}

/** The notice that the pool is ready for the first time. */
export function noticeOfStart(
  { timeoutMs }: Plan,
  { process: { pid, runtime }, takeover }: Host,
  all: readonly WorkerInfo[],
  at: number,
  took: number,
): StartNotice {
  const workers = all.filter(({ state }) => state === "ready").length
  const finished = all.filter(({ state }) => state === "finished").length
  const reason = finished === 0 ? "every worker is ready" : "every worker is ready or has finished"
  const what = [
    ...(workers > 0 || finished === 0 ? [`${counted(workers, "worker")} ready`] : []),
    ...(finished > 0 ? [`${finished} finished`] : []),
  ].join(", ")
  const after = takeover === undefined ? "" : `, after an upgrade of pid ${takeover.from}`
  const about = `primary ${pid}${after}, kamisama ${version}, ${runtime}, timeout ${describeMs(timeoutMs)}`
  return {
    type: "start",
    level: "info",
    at,
    reason,
    text: `${what} in ${describeMs(took)} (${about})`,
    workers,
    took,
    pid,
  }
}

/** The notices about an event and its commands, in order. */
export function noticesOf(
  event: Event,
  commands: readonly Command[],
  at: number,
  input: NoticeInput,
): Notice[] {
  const first = noticeOfEvent(event, at, input)
  const rest = commands.flatMap((command) => noticesOfCommand(command, event, at, input))
  return first === undefined ? rest : [first, ...rest]
}

function noticeOfEvent(event: Event, at: number, input: NoticeInput): Notice | undefined {
  if ("worker" in event && isSpare(event.worker, input)) return noticeOfSpare(event, at, input)
  switch (event.type) {
    case "worker-became-ready": {
      const { about, name } = worker(event.worker, input)
      const reason = "it reported that it is ready"
      return { type: "ready", level: "info", at, reason, text: `${name} is ready`, ...about }
    }
    case "worker-exited": {
      const { code, signal } = event
      const { about, name, record } = worker(event.worker, input)
      const { level, reason, expected, hasFinished, how } = exitOf(event, record)
      const error = record?.error
      const cause = input.printsErrors ? " (see above)" : `: ${firstLine(error ?? "")}`
      const what = hasFinished ? "finished (exit code 0)" : how
      const text = `${name} ${what}${error === undefined ? "" : cause}`
      const took = expected && record?.state === "stopping" ? at - record.since : null
      const exit = { code, signal, expected, took, error }
      return { type: "exit", level, at, reason, text, ...about, ...exit }
    }
    case "fork-failed": {
      const { about, name } = worker(event.worker, input)
      const { error } = event
      const reason = oneLine(error)
      const text = `${name} could not be started: ${reason}`
      return { type: "fork-failed", level: "warn", at, reason, text, ...about, error }
    }
    default:
      return undefined
  }
}

function noticesOfCommand(
  command: Command,
  event: Event,
  at: number,
  input: NoticeInput,
): Notice[] {
  const reason = describeReason(command.reason)
  switch (command.type) {
    case "fork-worker": {
      if (!isSpare(command.worker, input)) return noticesOfWorker(command, event, at, input)
      const { about, name } = spare(command.worker, input)
      const text = `${name} started`
      return [{ type: "spare", level: "info", at, reason, text, phase: "started", ...about }]
    }
    case "run-worker":
      return command.reason.rule === "hello" ? [] : noticesOfWorker(command, event, at, input)
    case "kill-worker": {
      const { about, name, record } = worker(command.worker, input)
      const level = command.reason.rule === "stop-while-booting" ? "info" : "warn"
      const text = `${name} killed: ${killText(command.reason, record, input)}`
      const kill = { level, at, reason, text } as const
      const { rule } = command.reason
      if (!isSpare(command.worker, input)) return [{ type: "kill", ...kill, ...about, rule }]
      return [{ type: "spare", phase: "killed", ...kill, ...spare(command.worker, input).about }]
    }
    case "announce-scale": {
      const { from, to } = command
      const signal = event.type === "signal-received" ? event.signal : null
      const by = signal === null ? "on request" : oneLine(signal)
      const text = `scaling from ${from} to ${counted(to, "worker")} (${by})`
      return [{ type: "scale", level: "info", at, reason, text, from, to, signal }]
    }
    case "announce-reload": {
      const { phase } = command
      const level = phase === "aborted" ? "error" : "info"
      const text = `reload ${phase}: ${reloadText(command.reason, event, input.plan, input.roster)}`
      return [{ type: "reload", level, at, reason, text, phase }]
    }
    case "announce-upgrade": {
      const { phase } = command
      const level = phase === "aborted" ? "error" : "info"
      const text = `upgrade ${phase}: ${upgradeText(command.reason, input.successor)}`
      const pid = input.successor?.pid
      return [{ type: "upgrade", level, at, reason, text, phase, pid }]
    }
    case "announce-incident":
      return [noticeOfIncident(command.reason, at, reason)]
    case "announce-stop-delay": {
      const { signal } = command
      const delay = input.plan.stopDelayMs
      const text = stopDelayText(signal, delay)
      return [{ type: "stop-delay", level: "info", at, reason, text, signal, delay }]
    }
    case "announce-stop": {
      const { signal } = command
      const text = stopText(signal, input)
      return [{ type: "stop", level: "info", at, reason, text, signal }]
    }
    case "announce-give-up": {
      const text = giveUpText(command.reason, input.roster)
      return [{ type: "give-up", level: "error", at, reason, text }]
    }
    case "finish": {
      const { code } = command
      const text = `stopped, exit code ${code}${finishText(command.reason, input.roster)}`
      return [{ type: "done", level: code === 0 ? "info" : "error", at, reason, text, code }]
    }
    case "grant-leadership":
    case "stop-worker":
    case "start-successor":
    case "stop-successor":
    case "kill-successor":
      return []
  }
}

/** That a worker was started, by a fork or as a spare. */
function noticesOfWorker(
  { worker: ref, reason: cause }: Extract<Command, { readonly type: "fork-worker" | "run-worker" }>,
  event: Event,
  at: number,
  input: NoticeInput,
): Notice[] {
  const { about, record } = worker(ref, input)
  const reason = describeReason(cause)
  const level = cause.rule === "respawn" ? "warn" : "info"
  const text = forkText(ref, cause, event.at, record)
  const { wasSpare = false } = record ?? {}
  const { rule } = cause
  const fork = { type: "fork", level, at, reason, text, ...about, rule, wasSpare } as const
  return level === "warn" ? [...signalNotices(record?.previous, at), fork] : [fork]
}

/** What has happened to a process that has no slot. */
function noticeOfSpare(
  event: Extract<Event, { readonly worker: WorkerRef }>,
  at: number,
  input: NoticeInput,
): Notice | undefined {
  const { about, name, record } = spare(event.worker, input)
  switch (event.type) {
    case "worker-said-hello": {
      const reason = "it has loaded the program"
      const text = `${name} has loaded the program`
      return { type: "spare", level: "info", at, reason, text, phase: "loaded", ...about }
    }
    case "worker-exited": {
      const { level, reason, how } = exitOf(event, record)
      const text = `${name} ${how}`
      return { type: "spare", level, at, reason, text, phase: "exited", ...about }
    }
    case "fork-failed": {
      const reason = oneLine(event.error)
      const text = `${name} could not be started: ${reason}`
      return { type: "spare", level: "warn", at, reason, text, phase: "failed", ...about }
    }
    default:
      return undefined
  }
}

/** What an exit is to an operator. */
function exitOf(
  { code, signal }: Extract<Event, { readonly type: "worker-exited" }>,
  record: ProcessRecord | undefined,
): {
  readonly level: "info" | "warn"
  readonly reason: string
  /** Whether the pool had asked for it. */
  readonly expected: boolean
  /** Whether nothing follows, and it has not failed. */
  readonly hasFinished: boolean
  readonly how: string
} {
  const { wasEnded: expected = false, killedBy = null, isFinal = false } = record ?? {}
  const wasKilled = killedBy !== null
  const hasFinished = isFinal && code === 0
  const isPlanned = wasKilled || hasFinished || (expected && code === 0)
  return {
    level: isPlanned ? "info" : "warn",
    reason: wasKilled ? "killed" : expected ? "asked to stop" : unaskedReason(signal),
    expected,
    hasFinished,
    how: exitText(code, signal, wasKilled),
  }
}

/** Why a process ended that was not asked to. Who has sent a signal is not known. */
function unaskedReason(signal: string | null): string {
  return signal === null ? "exited on its own" : "the signal is not from kamisama"
}

/** Whether a process has no slot, as far as is known. */
function isSpare(ref: WorkerRef, { roster }: NoticeInput): boolean {
  return (roster.of(ref)?.worker ?? ref).slot === 0
}

function spare(
  ref: WorkerRef,
  input: NoticeInput,
): {
  readonly about: Pick<SpareNotice, "incarnation" | "pid">
  readonly name: string
  readonly record: ProcessRecord | undefined
} {
  const { about, name, record } = worker(ref, input)
  return { about: { incarnation: about.incarnation, pid: about.pid }, name, record }
}

/** That a signal stopped the worker whose replacement is being started. */
function signalNotices(stopped: ProcessRecord | undefined, at: number): SignalNotice[] {
  if (stopped === undefined || stopped.signal === null) return []
  const { worker, pid, signal } = stopped
  const reason = `${oneLine(signal)} reached this worker alone`
  const text = `${processName(worker.slot, pid)} received ${oneLine(signal)}, replacing it`
  return [{ type: "signal", level: "warn", at, reason, text, ...aboutOf(worker, pid), signal }]
}

function noticeOfIncident(cause: CorrelatedFailures, at: number, reason: string): IncidentNotice {
  const { slots: ids, of, withinMs: within, code, signal, killed, uptime } = cause
  const isAlike = code !== null || signal !== null || killed
  return {
    type: "incident",
    level: "error",
    at,
    reason,
    text: `${reason}${isAlike ? ": probably one cause (database? release? memory?)" : ""}`,
    ids,
    of,
    within,
    code,
    signal,
    killed,
    uptime: typeof uptime === "string" ? null : { least: uptime.leastMs, most: uptime.mostMs },
  }
}

function worker(
  ref: WorkerRef,
  { roster }: NoticeInput,
): {
  readonly about: ReturnType<typeof aboutOf>
  readonly name: string
  readonly record: ProcessRecord | undefined
} {
  const record = roster.of(ref)
  const { slot, incarnation } = record?.worker ?? ref
  const pid = record?.pid
  return {
    about: aboutOf({ slot, incarnation }, pid),
    name: processName(slot, pid),
    record,
  }
}

function aboutOf(
  { slot, incarnation }: WorkerRef,
  pid: number | undefined,
): Pick<WorkerNoticeBase, "id" | "incarnation" | "pid"> {
  return { id: slot, incarnation, pid }
}
