/**
 * What an operator is told, and how: one notice for each thing that happened to a pool, each with its one line of text.
 *
 * Decides what is worth telling and how loudly. Who listens, and what is printed, is decided in log.ts and pool.ts.
 */
import { describeExit, describeReason } from "./describe.ts"
import type { CorrelatedFailures, Command } from "./command.ts"
import type { Event, WorkerRef } from "./event.ts"
import type { Finding } from "./lint/finding.ts"

/** What every notice has. */
export interface NoticeBase {
  /** How loud it is; the names are those of pino's methods, so that `logger[notice.level](notice.text)` works. */
  readonly level: "info" | "warn" | "error"
  /** When it happened, in ms since the epoch. */
  readonly at: number
  /** Why: the rule that led to it, with its figures. */
  readonly reason: string
  /** All of it in one line. */
  readonly text: string
}

/** What every notice about a worker has. */
export interface WorkerNoticeBase extends NoticeBase {
  /** The number of the slot. */
  readonly id: number
  /** The serial number of the fork. */
  readonly incarnation: number
  /** The process id; undefined where there never was a process. */
  readonly pid: number | undefined
}

/** A worker was forked. A warning where it replaces one that died. */
export interface ForkNotice extends WorkerNoticeBase {
  /** A worker was forked. */
  readonly type: "fork"
}

/** A worker serves. */
export interface ReadyNotice extends WorkerNoticeBase {
  /** A worker serves. */
  readonly type: "ready"
}

/** A worker has died. */
export interface ExitNotice extends WorkerNoticeBase {
  /** A worker has died. */
  readonly type: "exit"
  /** Its exit code; null where a signal ended it. */
  readonly code: number | null
  /** The signal that ended it; null where it exited. */
  readonly signal: string | null
  /** Whether it was asked to stop, or killed, before. */
  readonly expected: boolean
  /** What `run` or `shutdown` threw in it, with the stack. */
  readonly error: string | undefined
}

/** The operating system has refused a fork. It is tried again. */
export interface ForkFailedNotice extends WorkerNoticeBase {
  /** A fork was refused. */
  readonly type: "fork-failed"
  /** What the operating system said. */
  readonly error: string
}

/** A worker was killed, because it did not end or did not become ready in time. */
export interface KillNotice extends WorkerNoticeBase {
  /** A worker was killed. */
  readonly type: "kill"
}

/** The number of wanted workers has changed. */
export interface ScaleNotice extends NoticeBase {
  /** The target has changed. */
  readonly type: "scale"
  /** The target before. */
  readonly from: number
  /** The target from now on. */
  readonly to: number
}

/** Every worker is being replaced by one that loads the program anew, or was, or will not be. */
export interface ReloadNotice extends NoticeBase {
  /** A reload has begun or is over. */
  readonly type: "reload"
  /** How far it has come. */
  readonly phase: "started" | "finished" | "aborted"
}

/** Most workers have failed within a second, and so most likely of one cause. Told a second after the first one did. */
export interface IncidentNotice extends NoticeBase {
  /** Workers have failed together. */
  readonly type: "incident"
  /** The numbers of their slots, in the order in which they failed. */
  readonly ids: readonly number[]
  /** How many workers were wanted. */
  readonly of: number
  /** From the first to the last of them, in ms. */
  readonly within: number
  /** The exit code of each; null where they differ, or have none. */
  readonly code: number | null
  /** The signal that ended each; null where they differ, or there was none. */
  readonly signal: string | null
  /** Whether each had to be killed: it did not become ready, answer or stop in time. */
  readonly killed: boolean
  /** For how long they had been ready, in ms: the least and the most. Null where not all of them were. */
  readonly uptime: { readonly least: number; readonly most: number } | null
}

/** The pool begins to stop. */
export interface StopNotice extends NoticeBase {
  /** The pool begins to stop. */
  readonly type: "stop"
  /** The signal that it stops by; SIGTERM where there was none. */
  readonly signal: string
}

/** The pool stops because workers die too fast. */
export interface GiveUpNotice extends NoticeBase {
  /** The pool gives up. */
  readonly type: "give-up"
}

/** The primary has nothing left to do. */
export interface DoneNotice extends NoticeBase {
  /** The pool is done. */
  readonly type: "done"
  /** The exit code. */
  readonly code: 0 | 1
}

/** Options work against each other: told before the first fork. */
export interface LintNotice extends NoticeBase {
  /** Options work against each other. */
  readonly type: "lint"
  /** Which rule has found it, and on which options. */
  readonly rule: Finding["rule"]
  /** The names of these options. */
  readonly options: Finding["options"]
}

/** Everything that an operator may be told. */
export type Notice =
  | ForkNotice
  | ReadyNotice
  | ExitNotice
  | ForkFailedNotice
  | KillNotice
  | ScaleNotice
  | ReloadNotice
  | IncidentNotice
  | StopNotice
  | GiveUpNotice
  | DoneNotice
  | LintNotice

/** The types of all notices. */
export const noticeTypes: readonly Notice["type"][] = [
  "fork",
  "ready",
  "exit",
  "fork-failed",
  "kill",
  "scale",
  "reload",
  "incident",
  "stop",
  "give-up",
  "done",
  "lint",
]

/** What the core does not know of a worker and a notice tells. */
export interface WorkerDetails {
  pidOf(worker: WorkerRef): number | undefined
  /** Whether it was asked to stop, or killed. */
  wasEnded(worker: WorkerRef): boolean
  /** What its code threw. */
  errorOf(worker: WorkerRef): string | undefined
}

/** The notice about what is wrong with the options. */
export function noticeOfFinding({ rule, level, options, text }: Finding, at: number): Notice {
  const reason = `${rule}: ${options.join(", ")}`
  return { type: "lint", level, at, reason, text, rule, options }
}

/** The notices about an event and its orders, in order. */
export function noticesOf(
  event: Event,
  commands: readonly Command[],
  at: number,
  details: WorkerDetails,
): Notice[] {
  const first = noticeOfEvent(event, at, details)
  const rest = commands.flatMap((command) => noticeOfCommand(command, at, details) ?? [])
  return first === undefined ? rest : [first, ...rest]
}

function noticeOfEvent(event: Event, at: number, details: WorkerDetails): Notice | undefined {
  switch (event.type) {
    case "worker-became-ready": {
      const { about, name } = worker(event.worker, details)
      const reason = "it said so, or its server listens"
      return { type: "ready", level: "info", at, reason, text: `${name} is ready`, ...about }
    }
    case "worker-exited": {
      const { code, signal } = event
      const { about, name } = worker(event.worker, details)
      const expected = details.wasEnded(event.worker)
      const error = details.errorOf(event.worker)
      const level = expected && code === 0 ? "info" : "warn"
      const reason = expected ? "it was told to end" : "it ended by itself"
      const cause = error === undefined ? "" : `: ${firstLine(error)}`
      const text = `${name} ${describeExit(code, signal)}${cause}`
      return { type: "exit", level, at, reason, text, ...about, code, signal, expected, error }
    }
    case "fork-failed": {
      const { about, name } = worker(event.worker, details)
      const { error } = event
      const text = `${name} could not be forked: ${error}`
      return { type: "fork-failed", level: "warn", at, reason: error, text, ...about, error }
    }
    default:
      return undefined
  }
}

function noticeOfCommand(command: Command, at: number, details: WorkerDetails): Notice | undefined {
  const reason = describeReason(command.reason)
  switch (command.type) {
    case "fork-worker": {
      const { about, name } = worker(command.worker, details)
      const level = command.reason.rule === "respawn" ? "warn" : "info"
      return { type: "fork", level, at, reason, text: `${name} was forked: ${reason}`, ...about }
    }
    case "kill-worker": {
      const { about, name } = worker(command.worker, details)
      const text = `${name} was killed: ${reason}`
      return { type: "kill", level: "warn", at, reason, text, ...about }
    }
    case "announce-scale": {
      const { from, to } = command
      const text = `scaling from ${from} to ${to} workers`
      return { type: "scale", level: "info", at, reason, text, from, to }
    }
    case "announce-reload": {
      const { phase } = command
      const level = phase === "aborted" ? "error" : "info"
      return { type: "reload", level, at, reason, text: `reload ${phase}: ${reason}`, phase }
    }
    case "announce-incident":
      return noticeOfIncident(command.reason, at, reason)
    case "announce-stop": {
      const { signal } = command
      return { type: "stop", level: "info", at, reason, text: `stopping on ${signal}`, signal }
    }
    case "announce-give-up":
      return { type: "give-up", level: "error", at, reason, text: `giving up: ${reason}` }
    case "finish": {
      const { code } = command
      const text = `done, exit code ${code}: ${reason}`
      return { type: "done", level: code === 0 ? "info" : "error", at, reason, text, code }
    }
    case "run-worker":
    case "grant-leadership":
    case "stop-worker":
      return undefined
  }
}

function noticeOfIncident(cause: CorrelatedFailures, at: number, reason: string): IncidentNotice {
  const { slots: ids, of, withinMs: within, code, signal, killed, uptime } = cause
  const isAlike = code !== null || signal !== null || killed
  return {
    type: "incident",
    level: "error",
    at,
    reason,
    text: `workers failed together${isAlike ? ", most likely of one cause" : ""}: ${reason}`,
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
  details: WorkerDetails,
): { about: { id: number; incarnation: number; pid: number | undefined }; name: string } {
  const pid = details.pidOf(ref)
  const name = pid === undefined ? `worker ${ref.slot}` : `worker ${ref.slot} (pid ${pid})`
  return { about: { id: ref.slot, incarnation: ref.incarnation, pid }, name }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? ""
}
