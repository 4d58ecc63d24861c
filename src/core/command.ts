/**
 * Everything the core can order, in the imperative, each with its reason.
 *
 * A command names what happens, never how: the platform decides whether a stop travels as a message or as a signal. An
 * announcement asks nothing of the operating system. It reports a decision that no single command shows.
 */
import type { WorkerRef } from "./event.ts"
import type { Incident, StopCause } from "./state.ts"

/** How a replacement failed, or a worker with the new code. */
export type ReplacementFailure = "exited" | "late" | "unresponsive" | "signaled" | "not-forked"

/** The rule that led to a command, and the figures it was applied to. `describe` turns it into words. */
export type Reason =
  /** A process that waits to fill a slot: one of at most `spares`. */
  | { readonly rule: "spare"; readonly spares: number }
  /** A new primary is to take over. */
  | { readonly rule: "upgrade" }
  /** The new primary serves. */
  | { readonly rule: "handed-over" }
  /** The new primary has ended before its workers were ready. */
  | {
      readonly rule: "successor-exited"
      readonly code: number | null
      readonly signal: string | null
    }
  /** The new primary could not be started. */
  | { readonly rule: "successor-failed"; readonly error: string }
  /** The workers of the new primary were not ready in time. */
  | { readonly rule: "successor-late"; readonly upgradeTimeoutMs: number }
  /** The first workers of the pool. */
  | { readonly rule: "start"; readonly workers: number }
  | { readonly rule: "scale-up"; readonly from: number; readonly to: number }
  | { readonly rule: "scale-down"; readonly from: number; readonly to: number }
  /** A slot that was taken back while its process was stopping is filled again. Does not count toward the limit. */
  | { readonly rule: "restore" }
  /** Counted: the `respawns`-th of at most `limit` within `intervalMs`; the slot's `attempt`-th in a row. */
  | {
      readonly rule: "respawn"
      readonly attempt: number
      readonly respawns: number
      readonly limit: number
      readonly intervalMs: number
    }
  /** Every worker is replaced by one that loads the new code. There were this many. */
  | { readonly rule: "reload"; readonly workers: number }
  /** No worker with the old code is left. */
  | { readonly rule: "all-replaced" }
  /** A worker with the new code did not become ready, or did not stay ready for long enough. */
  | {
      readonly rule: "replacement-failed"
      readonly worker: WorkerRef
      readonly failure: ReplacementFailure
    }
  /** A worker is recycled because it has been ready for long enough: at most `maxAgeMs`. */
  | { readonly rule: "max-age"; readonly maxAgeMs: number }
  /** A worker is recycled because it uses too much memory. */
  | {
      readonly rule: "max-memory"
      readonly memoryBytes: number
      readonly maxMemoryBytes: number
    }
  /** A worker is recycled because it has served this many requests: at most `maxRequests`. */
  | {
      readonly rule: "max-requests"
      readonly requests: number
      readonly maxRequests: number
    }
  /** A worker is recycled because it has asked for it. */
  | { readonly rule: "recycle-requested" }
  /** A worker is the leader: its slot is the lowest that is wanted and not finished, and no earlier leader lives. */
  | { readonly rule: "leadership"; readonly slot: number }
  /** A worker said hello and is not to stop, so it runs. */
  | { readonly rule: "hello" }
  | { readonly rule: "stop"; readonly cause: StopCause; readonly signal: string }
  /** The pool was asked to stop, and begins to in `stopDelayMs`. */
  | { readonly rule: "stop-delay"; readonly signal: string; readonly stopDelayMs: number }
  /** A worker was to stop while it booted: it has nothing to shut down. */
  | { readonly rule: "stop-while-booting"; readonly cause: StopCause; readonly signal: string }
  /** A worker had not ended `timeoutMs` after it was to stop. */
  | { readonly rule: "stop-timeout"; readonly timeoutMs: number }
  /** A worker was not ready `startTimeoutMs` after its fork. */
  | { readonly rule: "start-timeout"; readonly startTimeoutMs: number }
  /** A ready worker had sent no heartbeat for `heartbeatTimeoutMs`. */
  | { readonly rule: "heartbeat-timeout"; readonly heartbeatTimeoutMs: number }
  /** One more respawn was due while `respawns` (= `limit`) still counted. */
  | {
      readonly rule: "respawn-limit"
      readonly respawns: number
      readonly limit: number
      readonly intervalMs: number
    }
  /** The first worker of every slot has failed, and none was ever ready. There were this many slots. */
  | { readonly rule: "no-worker-started"; readonly workers: number }
  | CorrelatedFailures
  | { readonly rule: "start-failed" }
  /**
   * Every worker has ended after a stop. `failed` of them ended with another code than 0, and had not been stopped before
   * their hello.
   */
  | { readonly rule: "all-stopped"; readonly failed: number }
  /** The plan says not to wait: the workers are asked and end by themselves. */
  | { readonly rule: "not-waiting" }
  /** Exits of killed workers were not reported in time, or only that of a new primary, which is none of them. */
  | { readonly rule: "exits-unreported"; readonly workers: number }
  /** The respawn policy has let every slot finish. */
  | { readonly rule: "all-finished"; readonly failed: boolean }

/** Workers of several slots, more than half of all, failed within a moment. Says what they have in common. */
export interface CorrelatedFailures extends Pick<
  Incident,
  "slots" | "of" | "code" | "signal" | "killed" | "uptime"
> {
  /** It is this rule. */
  readonly rule: "correlated-failures"
  /** From the first of them to the last. */
  readonly withinMs: number
}

/** What the core orders. */
export type Command =
  | { readonly type: "fork-worker"; readonly worker: WorkerRef; readonly reason: Reason }
  /**
   * Tell a worker that said hello to call `run`. A spare fills that slot from now on, for the reason for which another process
   * would have been forked.
   */
  | { readonly type: "run-worker"; readonly worker: WorkerRef; readonly reason: Reason }
  /** Tell a worker that it is the leader. One worker at a time. */
  | { readonly type: "grant-leadership"; readonly worker: WorkerRef; readonly reason: Reason }
  /** Ask a worker that said hello to finish. At most once per incarnation. */
  | {
      readonly type: "stop-worker"
      readonly worker: WorkerRef
      readonly signal: string
      readonly cause: StopCause
      readonly reason: Reason
    }
  /** SIGKILL. */
  | { readonly type: "kill-worker"; readonly worker: WorkerRef; readonly reason: Reason }
  | {
      readonly type: "announce-scale"
      readonly from: number
      readonly to: number
      readonly reason: Reason
    }
  | {
      readonly type: "announce-reload"
      readonly phase: "started" | "finished" | "aborted"
      readonly reason: Reason
    }
  /** Start a new primary on the sockets of this one. */
  | { readonly type: "start-successor"; readonly reason: Reason }
  /** Ask it to stop. */
  | { readonly type: "stop-successor"; readonly reason: Reason }
  /** SIGKILL. */
  | { readonly type: "kill-successor"; readonly reason: Reason }
  | {
      readonly type: "announce-upgrade"
      readonly phase: "started" | "finished" | "aborted"
      readonly reason: Reason
    }
  | { readonly type: "announce-incident"; readonly reason: CorrelatedFailures }
  /** The pool was asked to stop, and serves on for now. */
  | { readonly type: "announce-stop-delay"; readonly signal: string; readonly reason: Reason }
  | { readonly type: "announce-stop"; readonly signal: string; readonly reason: Reason }
  | { readonly type: "announce-give-up"; readonly reason: Reason }
  /** The last command: the primary is done and exits with `code`. */
  | { readonly type: "finish"; readonly code: 0 | 1; readonly reason: Reason }
