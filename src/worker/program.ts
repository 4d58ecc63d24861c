/**
 * The user's program in a worker: the options that are used there, and the context that each function gets.
 */
import type { StopCause } from "../core/state.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { RuntimeAbortSignal } from "./abort-signal.ts"

/** Why a worker stops: what the primary decided, or that the primary is gone. */
export type ShutdownReason = Exclude<StopCause, "discard"> | "primary-gone"

/** What `run` gets besides the number of its slot. */
export interface WorkerContext {
  /** The number of the slot, 1…N. A replacement has the number of the worker that it replaces. */
  readonly id: number
  /** The serial number of this process among all that the primary forked. */
  readonly incarnation: number
  /**
   * Aborted when the worker is asked to stop. A `run` that reads it is expected to react to it. Without a `shutdown`, a
   * pending `run` is then awaited, and rejecting with the signal's reason counts as success.
   */
  readonly signal: RuntimeAbortSignal
  /** Marks the worker as ready, if that is not when `run` resolves. Calls after the first have no effect. */
  readonly ready: () => void
  /**
   * Asks for a replacement: once the new worker is ready, this one is asked to stop with the reason "recycle". The pool
   * replaces one worker at a time. Calls after the first have no effect.
   */
  readonly recycle: () => void
  /**
   * Elects one worker of the pool, for example to run a schedule or a migration that must run once. It resolves in the
   * worker of the lowest wanted slot, once every earlier worker in which it resolved is dead. In all other workers it stays
   * pending until they are elected. This also holds during a reload.
   */
  readonly exclusive: () => Promise<void>
  /**
   * Tells whether this worker can serve clients. With `false` it does not count for `/readyz`, until it says `true`; nothing else
   * follows. A worker is healthy at first.
   */
  readonly healthy: (isHealthy: boolean) => void
  /**
   * Adds metrics of the program to those of the pool. The function is called whenever somebody asks for them. It returns a text in the
   * format of Prometheus, or what `getMetricsAsJSON()` of `prom-client` returns, or a promise of either.
   */
  readonly metrics: (read: () => unknown) => void
  /**
   * A port of this worker's own: `base` + `id` − 1. A replacement gets the port of the worker that it replaces, and both
   * listen on it until that one stops.
   *
   * @throws {RangeError} if there is no such port.
   */
  readonly port: (base: number) => number
}

/** What `shutdown` gets besides the number of its slot and the signal. */
export interface StopContext {
  /** The number of the slot. */
  readonly id: number
  /** The serial number of this process. */
  readonly incarnation: number
  /** Why the worker stops. */
  readonly reason: ShutdownReason
}

/** What runs in each worker. */
export interface WorkerProgram {
  /** The checked options of the pool. */
  readonly plan: Plan
  /** How long clients may keep a connection open after the stop, in ms. */
  readonly closeTimeoutMs: number
  /** What becomes of a worker that is always respawned and has nothing to do. */
  readonly idle?: "stay" | "fail"
  /** Whether it gets the standard input of the primary. */
  readonly takesStdin?: boolean
  /** Whether requests are measured from the beginning, because somebody will ask for metrics. */
  readonly measuresRequests?: boolean
  /** Does the work. */
  run(id: number, context: WorkerContext): unknown
  /** Called when the worker stops. If undefined, what `run` returned is closed. */
  readonly shutdown: ((id: number, signal: string, context: StopContext) => unknown) | undefined
}
