/**
 * What a user gives a worker to do: the part of the options that is used in the worker and not in the primary, and the
 * context that each of its functions gets. Decides nothing.
 */
import type { StopCause } from "../core/state.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { RuntimeAbortSignal } from "./abort-signal.ts"

/** Why a worker is to finish: what the primary decided, or that there is no primary any more. */
export type ShutdownReason = StopCause | "primary-gone"

/** What `run` gets beside the number of its slot. */
export interface WorkerContext {
  /** The number of the slot, 1…N: of several live workers no two have the same. */
  readonly id: number
  /** The serial number of this process among all that the primary has forked. */
  readonly incarnation: number
  /**
   * Aborted when the worker is to stop. A `run` that takes it is trusted to end by it: where there is no `shutdown`, a
   * pending `run` is awaited, and rejecting with the signal's reason counts as success.
   */
  readonly signal: RuntimeAbortSignal
  /** Says that the worker serves, where that is not when `run` resolves. Calls after the first change nothing. */
  readonly ready: () => void
  /**
   * Asks for another worker in the place of this one: once the new one is ready, this one is asked to stop, with the reason
   * "recycle". One worker of the pool is replaced at a time. Calls after the first change nothing.
   */
  readonly recycle: () => void
  /**
   * Resolves in one worker of the pool at a time, for a schedule or a migration that must run once: in the worker of the
   * lowest wanted slot, once no earlier one that it was resolved in lives any more, also during a reload. In the others it
   * stays pending, until it is their turn.
   */
  readonly exclusive: () => Promise<void>
}

/** What `shutdown` gets beside the number of its slot and the signal. */
export interface StopContext {
  /** The number of the slot. */
  readonly id: number
  /** The serial number of this process. */
  readonly incarnation: number
  /** Why the worker is to stop. */
  readonly reason: ShutdownReason
}

/** What runs in each worker. */
export interface WorkerProgram {
  /** What is wanted of the pool. */
  readonly plan: Plan
  /** The work. */
  run(id: number, context: WorkerContext): unknown
  /** How it ends; undefined where the user leaves that to what `run` has returned. */
  readonly shutdown: ((id: number, signal: string, context: StopContext) => unknown) | undefined
}
