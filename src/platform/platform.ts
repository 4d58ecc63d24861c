/**
 * The whole face of the operating system, as supervision sees it: fork, kill, signals, a clock.
 *
 * What stands here is a contract: test/platform/contract holds the fake and the real one against the same scripts.
 * How a stop travels (a message, a signal, a promise in the same process) is a platform's own business, and so is
 * seeing to it that no worker outlives its primary.
 */
import type { StopCause } from "../core/state.ts"
import type { WorkerFact, WorkerRef } from "../core/event.ts"
import type { Plan, Environment } from "../core/plan/plan.ts"
import type { Notice } from "../core/notice.ts"
import type { WorkerFailure } from "../worker/message.ts"
import type { WorkerProgram } from "../worker/program.ts"
import type { LogEntry } from "./log-entry.ts"

/** A real or a simulated operating system. */
export interface Platform {
  /**
   * What the calling process is: the primary of a pool, one of its workers, or a bystander in which there is nothing to
   * do: a worker of somebody else's pool, or a thread.
   */
  readonly role: "primary" | "worker" | "bystander"

  /** The time, for decisions and for people. */
  readonly clock: Clock

  /** What the defaults of the options depend on here. */
  readonly environment: Environment

  /**
   * Notes that this process uses the platform for a pool.
   *
   * @throws where it already does, or did.
   */
  claim(): void

  /**
   * Called once in the primary, after the options were checked and before the first fork.
   */
  prepare(settings: PrimarySettings): void

  /**
   * Starts a process that runs the program as the given worker.
   *
   * Never throws: what cannot be forked is reported as `fork-failed`, then or later. The platform reports
   *
   * - `worker-said-hello` at most once, `worker-became-ready` at most once and after it,
   * - `worker-sent-heartbeat` again and again after that, where the plan has a heartbeat, and `worker-measured`, where it limits
   *   the memory,
   * - `worker-asked-for-replacement` and `worker-asked-for-leadership` any number of times after the hello,
   * - `worker-was-signaled` any number of times after the hello; also where its channel has closed and it still lives
   *   `closedChannelMs` later: it has begun to end by itself then, and may hang,
   * - `worker-exited` or `fork-failed` exactly once, and nothing after it but a `failure`.
   */
  fork(
    worker: WorkerRef,
    program: WorkerProgram,
    report: (report: WorkerReport) => void,
  ): WorkerProcess

  /**
   * Listens to a signal to this process. From then on the signal has no other effect. A signal that does not exist here
   * is never reported.
   *
   * @returns ends the listening.
   */
  onSignal(signal: string, listener: (signal: string) => void): () => void

  /** Takes up the worker's side in a process whose role is `worker`. */
  work(program: WorkerProgram): void

  /** Writes one or more lines to where errors go. Never throws. */
  printError(text: string): void

  /** Shows an event or an order to whoever observes this platform. Costs next to nothing where nobody does. */
  observe(entry: LogEntry): void

  /**
   * Shows a notice to whoever traces this process from outside of its code. Never throws. A platform that nobody traces
   * has no such method.
   */
  publish?(notice: Notice): void

  /**
   * Everything is done. What the platform keeps for its workers (a sidecar, a listener) is let go; stop signals that
   * still arrive are absorbed.
   *
   * @param exitCode ends the process with this code; undefined where it goes on.
   */
  finish(exitCode: number | undefined): void
}

/** The time of one platform. */
export interface Clock {
  /** ms since some fixed moment; never goes back, whatever happens to the wall clock. May have fractions. */
  now(): number
  /** ms since the epoch, by the wall clock: for people to read, never to decide by. */
  epochNow(): number
  /**
   * Calls back in a later turn of the event loop, once `now()` has reached `at` and what was reported by then has been
   * taken in.
   *
   * @returns cancels it.
   */
  wakeAt(at: number, callback: () => void): () => void
}

/** What the primary's side of a platform needs to know of a pool. */
export interface PrimarySettings {
  /** What is wanted of the pool. */
  readonly plan: Plan
  /** Who hands out connections, if the user has said it. */
  readonly scheduling: Scheduling | undefined
}

/** Who hands out the connections to a shared port: the primary in turn, or the kernel. */
export type Scheduling = "round-robin" | "os"

/** What a platform says about a worker: a fact for the core, or an error for people. */
export type WorkerReport = WorkerFact | WorkerFailure

/** One process, until its exit is reported; afterwards every call changes nothing. None of them throws. */
export interface WorkerProcess {
  /** Undefined where it never lived. */
  readonly pid: number | undefined
  /** Tells a worker that has said hello to call `run`. */
  run(): void
  /** Tells a worker that has asked for it that it is the only one. */
  grantLeadership(): void
  /** Asks a worker that has said hello to finish: by a message, or by the signal itself where no message can reach it. */
  stop(signal: string, cause: StopCause): void
  /** SIGKILL, straight to the process. */
  kill(): void
}

/** A process whose channel has closed is as good as dead, and has this long until it counts as one that hangs. */
export const closedChannelMs = 1_000

/** The handle of a fork that failed. */
export const neverForked: WorkerProcess = {
  pid: undefined,
  run: () => undefined,
  grantLeadership: () => undefined,
  stop: () => undefined,
  kill: () => undefined,
}
