/**
 * Orders: everything the core may want done, in the imperative, each with its reason.
 *
 * An order names what is to happen, never how: whether a stop travels as a message or as a signal is the platform's
 * business. The announcements order nothing of the operating system; they tell the operator of a decision that no
 * single order shows.
 */
import type { WorkerRef } from "./event.ts"
import type { Incident, StopCause } from "./state.ts"

/** How a worker failed that was to replace another one. */
export type ReplacementFailure = "exited" | "late" | "unresponsive" | "signaled" | "not-forked"

/** The rule that led to an order, and the figures it was applied to. `describe` turns it into words. */
export type Reason =
  /** The first workers of the pool. */
  | { readonly rule: "start"; readonly workers: number }
  | { readonly rule: "scale-up"; readonly from: number; readonly to: number }
  | { readonly rule: "scale-down"; readonly from: number; readonly to: number }
  /** A slot that was taken back while its process was stopping is filled again. Not charged. */
  | { readonly rule: "restore" }
  /** Charged: the `respawns`-th of at most `limit` within `intervalMs`; the slot's `attempt`-th in a row. */
  | {
      readonly rule: "respawn"
      readonly attempt: number
      readonly respawns: number
      readonly limit: number
      readonly intervalMs: number
    }
  /** Every worker is to be replaced by one that loads the program anew; this many there were. */
  | { readonly rule: "reload"; readonly workers: number }
  /** Nobody is left who was there when the reload began. */
  | { readonly rule: "all-replaced" }
  /** A worker that loaded the program anew did not become and stay ready for as long as it had to. */
  | {
      readonly rule: "replacement-failed"
      readonly worker: WorkerRef
      readonly failure: ReplacementFailure
    }
  /** A worker is replaced as it has been ready for long enough: at most `maxAgeMs`. */
  | { readonly rule: "max-age"; readonly maxAgeMs: number }
  /** A worker is replaced as it takes more memory than it may. */
  | {
      readonly rule: "max-memory"
      readonly memoryBytes: number
      readonly maxMemoryBytes: number
    }
  /** A worker is replaced as it has asked for it. */
  | { readonly rule: "recycle-requested" }
  /** A worker is the only one, as its slot is the lowest that is wanted and no earlier one lives. */
  | { readonly rule: "leadership"; readonly slot: number }
  /** A worker that said hello and is not to stop runs. */
  | { readonly rule: "hello" }
  | { readonly rule: "stop"; readonly cause: StopCause; readonly signal: string }
  /** A worker had not ended `timeoutMs` after it was to stop. */
  | { readonly rule: "stop-timeout"; readonly timeoutMs: number }
  /** A worker was not ready `startTimeoutMs` after its fork. */
  | { readonly rule: "start-timeout"; readonly startTimeoutMs: number }
  /** A worker that was ready had not answered for `heartbeatTimeoutMs`. */
  | { readonly rule: "heartbeat-timeout"; readonly heartbeatTimeoutMs: number }
  /** One more respawn was due while `respawns` (= `limit`) still counted. */
  | {
      readonly rule: "respawn-limit"
      readonly respawns: number
      readonly limit: number
      readonly intervalMs: number
    }
  | CorrelatedFailures
  | { readonly rule: "start-failed" }
  /** Every worker has ended after a stop; `failed` of them neither with code 0 nor, before hello, by a stop signal. */
  | { readonly rule: "all-stopped"; readonly failed: number }
  /** The plan says not to wait: the workers are asked and end by themselves. */
  | { readonly rule: "not-waiting" }
  /** Exits of killed workers were not reported in time. */
  | { readonly rule: "exits-unreported"; readonly workers: number }
  /** The respawn policy has let every slot finish. */
  | { readonly rule: "all-finished"; readonly failed: boolean }

/** Workers of several slots, more than half of all there were, failed within a moment; and what they have in common. */
export interface CorrelatedFailures extends Pick<
  Incident,
  "slots" | "of" | "code" | "signal" | "killed" | "uptime"
> {
  /** It is this rule. */
  readonly rule: "correlated-failures"
  /** From the first of them to the last. */
  readonly withinMs: number
}

/** What the core wants done. */
export type Command =
  | { readonly type: "fork-worker"; readonly worker: WorkerRef; readonly reason: Reason }
  /** Tell a worker that said hello to call `run`. */
  | { readonly type: "run-worker"; readonly worker: WorkerRef; readonly reason: Reason }
  /** Tell a worker that has asked for it that it is the only one. Given to one at a time. */
  | { readonly type: "grant-leadership"; readonly worker: WorkerRef; readonly reason: Reason }
  /** Ask a worker that said hello to finish. Given at most once an incarnation. */
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
  | { readonly type: "announce-incident"; readonly reason: CorrelatedFailures }
  | { readonly type: "announce-stop"; readonly signal: string; readonly reason: Reason }
  | { readonly type: "announce-give-up"; readonly reason: Reason }
  /** The last order: the primary is done and exits with `code`. */
  | { readonly type: "finish"; readonly code: 0 | 1; readonly reason: Reason }
