/**
 * The messages between a worker and its primary. The platform that carries them checks what arrives: a malformed or
 * foreign message has no effect.
 */
import type { SelfReport, WorkerFact, WorkerRef } from "../core/event.ts"
import type { StopCause } from "../core/state.ts"

/** The user's code in a worker threw or rejected. The exit of the worker is reported separately. */
export interface WorkerFailure {
  /** Tells a failure from the events of a worker. */
  readonly type: "worker-failed"
  /** The process in which it happened. */
  readonly worker: WorkerRef
  /** The user's function that failed; `uncaught` if it was none of them, and nothing has caught the error. */
  readonly during: "run" | "shutdown" | "uncaught"
  /** The error with its stack, as the runtime prints it. */
  readonly error: string
}

/** From a worker to its primary: what it reports about itself, without `worker`. The primary knows who sent it. */
export type FromWorker = WithoutWorker<SelfReport | WorkerFailure>

type WithoutWorker<Report> = Report extends unknown ? Omit<Report, "worker"> : never

/** From the primary to a worker. */
export type ToWorker =
  /**
   * `slot`: the one that it fills. `willListen`: an earlier worker in the slot listens, or did until it was to end, so this one is
   * expected to.
   */
  | { readonly type: "run"; readonly slot: number; readonly willListen: boolean }
  | { readonly type: "grant-leadership" }
  | { readonly type: "stop"; readonly signal: string; readonly cause: StopCause }

/** The report that a message of this worker stands for. */
export function reportOf(worker: WorkerRef, message: FromWorker): WorkerFact | WorkerFailure {
  return Object.assign({ type: message.type, worker }, message)
}
