/**
 * Notices: the events of a pool that operators and tools learn about, as plain data. How each is worded is in
 * src/pool/notices.ts, and what is printed is in src/pool/log.ts.
 */
import type { Reason } from "./command.ts"
import type { Finding } from "./lint/finding.ts"

/** The fields of every notice. */
export interface NoticeBase<Type extends string = string> {
  /** What happened. */
  readonly type: Type
  /** How serious it is. The levels are named like the methods of pino: `logger[notice.level](notice.text)`. */
  readonly level: "info" | "warn" | "error"
  /** When it happened, in ms since the epoch. */
  readonly at: number
  /** Why it happened: the rule, with its figures. */
  readonly reason: string
  /** The line that is printed, without `[kamisama]` and the level. Control characters in it are escaped. */
  readonly text: string
}

/** What befalls the pool as a whole, and somebody may have caused: they want to see it, although nothing is wrong. */
export const typesOfPool: readonly Notice["type"][] = [
  "start",
  "scale",
  "reload",
  "upgrade",
  "stop-delay",
  "stop",
  "done",
]

/** The fields of every notice about a worker. */
export interface WorkerNoticeBase<Type extends string = string> extends NoticeBase<Type> {
  /** The number of the worker, 1 to N. */
  readonly id: number
  /** The serial number of the fork. */
  readonly incarnation: number
  /** The process id, or undefined if there never was a process. */
  readonly pid: number | undefined
}

/** All workers are ready for the first time. */
export interface StartNotice extends NoticeBase<"start"> {
  /** How many workers are ready. Workers that have finished by now are not among them. */
  readonly workers: number
  /** How long it took since the call of `kamisama()`, in ms. */
  readonly took: number
  /** The process id of the primary. */
  readonly pid: number
}

/** A worker was started. The level is `warn` if it is a restart. */
export interface ForkNotice extends WorkerNoticeBase<"fork"> {
  /** The rule that called for it, such as `"respawn"`. */
  readonly rule: Reason["rule"]
  /** Whether it waited as a spare, so that it need not load the program. */
  readonly wasSpare: boolean
}

/** Something has happened to a spare: a process that waits to fill the place of a worker. */
export interface SpareNotice extends NoticeBase<"spare"> {
  /** What has happened. `"failed"`: it could not be started. */
  readonly phase: "started" | "loaded" | "killed" | "exited" | "failed"
  /** The serial number of its fork. */
  readonly incarnation: number
  /** Its process id, or undefined if there never was a process. */
  readonly pid: number | undefined
}

/** A worker is ready. */
export type ReadyNotice = WorkerNoticeBase<"ready">

/** A stop signal reached this worker alone. Reported when it is replaced, because then the pool is not stopping. */
export interface SignalNotice extends WorkerNoticeBase<"signal"> {
  /** The signal. */
  readonly signal: string
}

/** A worker has exited. */
export interface ExitNotice extends WorkerNoticeBase<"exit"> {
  /** Its exit code, or null if a signal ended it. */
  readonly code: number | null
  /** The signal that ended it, or null if it exited. */
  readonly signal: string | null
  /** Whether the pool had asked it to stop, or had killed it. */
  readonly expected: boolean
  /** How long it took, in ms, from the moment when it was asked to stop or killed. Null if it was not. */
  readonly took: number | null
  /** What `run` or `shutdown` threw in it, with the stack. */
  readonly error: string | undefined
}

/** A worker could not be started (for example EAGAIN). The pool retries. */
export interface ForkFailedNotice extends WorkerNoticeBase<"fork-failed"> {
  /** The message of the operating system. */
  readonly error: string
}

/**
 * The pool has killed a worker that did not stop, did not become ready, or sent no heartbeat in time. The level is `info` if
 * the worker was to stop while it still loaded its script: it had nothing to shut down.
 */
export interface KillNotice extends WorkerNoticeBase<"kill"> {
  /** The rule that called for it, such as `"heartbeat-timeout"`. */
  readonly rule: Reason["rule"]
}

/** The desired number of workers has changed. */
export interface ScaleNotice extends NoticeBase<"scale"> {
  /** The number before. */
  readonly from: number
  /** The number from now on. */
  readonly to: number
  /** The signal that asked for it, or null if `pool.scale()` or `kamisama scale` did. */
  readonly signal: string | null
}

/** A reload has started, finished, or was aborted. */
export interface ReloadNotice extends NoticeBase<"reload"> {
  /** What has happened to it. */
  readonly phase: "started" | "finished" | "aborted"
}

/** An upgrade has begun, its new primary has taken over, or it was aborted. */
export interface UpgradeNotice extends NoticeBase<"upgrade"> {
  /** What has happened to it. */
  readonly phase: "started" | "finished" | "aborted"
  /** The process id of the new primary, or undefined if there is none yet. */
  readonly pid: number | undefined
}

/** More than half of the workers failed within one second. Reported one second after the first failure. */
export interface IncidentNotice extends NoticeBase<"incident"> {
  /** The numbers of the workers, in the order in which they failed. */
  readonly ids: readonly number[]
  /** How many workers were desired. */
  readonly of: number
  /** The time from the first failure to the last, in ms. */
  readonly within: number
  /** The exit code of all of them, or null if they differ or have none. */
  readonly code: number | null
  /** The signal that ended all of them, or null if they differ or there was none. */
  readonly signal: string | null
  /** Whether all of them had to be killed, because they did not become ready, send a heartbeat or stop in time. */
  readonly killed: boolean
  /** How long they had been ready, in ms: the shortest and the longest. Null if not all of them had been ready. */
  readonly uptime: { readonly least: number; readonly most: number } | null
}

/** The pool was asked to stop, and serves on for `stopDelay`. Reported only if there is such a delay. */
export interface StopDelayNotice extends NoticeBase<"stop-delay"> {
  /** The signal that asked for it. SIGTERM if none did. */
  readonly signal: string
  /** How long it serves on, in ms. */
  readonly delay: number
}

/** The pool begins to stop. */
export interface StopNotice extends NoticeBase<"stop"> {
  /** The signal that the workers get. SIGTERM if no signal asked for the stop. */
  readonly signal: string
}

/** The pool stops because its workers needed too many restarts. */
export type GiveUpNotice = NoticeBase<"give-up">

/** The pool is done: the primary has nothing left to do. */
export interface DoneNotice extends NoticeBase<"done"> {
  /** The exit code. */
  readonly code: 0 | 1
}

/** Options defeat each other. Reported while the first workers start, or before `beforeFork`. */
export interface LintNotice extends NoticeBase<"lint"> {
  /** The rule that found it. */
  readonly rule: Finding["rule"]
  /** The names of the options. */
  readonly options: Finding["options"]
}

/** Any notice. */
export type Notice =
  | StartNotice
  | ForkNotice
  | SpareNotice
  | ReadyNotice
  | SignalNotice
  | ExitNotice
  | ForkFailedNotice
  | KillNotice
  | ScaleNotice
  | ReloadNotice
  | UpgradeNotice
  | IncidentNotice
  | StopDelayNotice
  | StopNotice
  | GiveUpNotice
  | DoneNotice
  | LintNotice

/** The types of all notices. */
export const noticeTypes: readonly Notice["type"][] = [
  "start",
  "fork",
  "spare",
  "ready",
  "signal",
  "exit",
  "fork-failed",
  "kill",
  "scale",
  "reload",
  "upgrade",
  "incident",
  "stop-delay",
  "stop",
  "give-up",
  "done",
  "lint",
]
