/**
 * The operating system as supervision sees it, and the process that `kamisama()` is called in.
 *
 * `Platform` is what the supervision loop needs: fork, signals and a clock. `Host` adds what the rest of the package needs
 * of the calling process. Both are contracts: test/platform/contract.ts runs the same scripts on the real and the simulated
 * implementation. A platform chooses how a stop travels, and sees to it that no worker outlives its primary.
 */
import type { StopCause } from "../core/state.ts"
import type { Fact, WorkerFact, WorkerRef } from "../core/event.ts"
import type { LintEnvironment } from "../core/lint/finding.ts"
import type { Plan, Environment } from "../core/plan/plan.ts"
import type { Notice } from "../core/notice.ts"
import type { WorkerFailure } from "../worker/message.ts"
import type { WorkerProgram } from "../worker/program.ts"
import type { LogEntry } from "./log-entry.ts"
import type { LogFormat } from "./log-format.ts"

/** A real or a simulated operating system: what the supervision loop needs of it. */
export interface Platform {
  /** The time, for decisions and for people. */
  readonly clock: Clock

  /**
   * Starts a process that runs the program as the given worker, or as a spare: one of slot 0.
   *
   * Never throws: if the fork fails, `fork-failed` is reported, then or later. The platform reports
   *
   * - `worker-said-hello` at most once, and after it `worker-became-ready` at most once;
   * - `worker-sent-heartbeat` and `worker-measured` repeatedly after that, if the plan asks for them;
   * - what else a worker reports about itself any number of times after the hello;
   * - `worker-was-signaled` also if the channel closed and the worker still lives `closedChannelMs` later. It has then begun
   *   to end on its own, and may hang;
   * - `worker-exited` or `fork-failed` exactly once, and after it nothing but a `worker-failed`.
   */
  fork(
    worker: WorkerRef,
    program: WorkerProgram,
    report: (report: WorkerReport) => void,
  ): WorkerProcess

  /**
   * Reports what is only known by looking: heartbeats that no message brings. Called before a deadline is judged. Absent if
   * everything is reported by itself.
   */
  look?(): void

  /**
   * Starts a new primary from what is on disk now, on the ports that are open here. It reports `successor-became-ready` at most once
   * and before it was told to stop, and `successor-exited` or `successor-failed` exactly once and last, but for one that has become
   * ready: what becomes of that is not reported. Absent if a platform cannot.
   */
  startSuccessor?(report: (fact: SuccessorFact) => void): SuccessorProcess

  /** Why it cannot here, in a few words; undefined if it can. */
  whyNoUpgrade?(): string | undefined

  /**
   * The pool is about to stop, and serves on meanwhile. From now on, clients are told with each response to come back on another
   * connection, which leads elsewhere. Absent if a platform has no connections.
   */
  sendClientsElsewhere?(): void

  /**
   * From now on, a port closes with the last worker that listens on it. Until then it stays open, and connections wait for
   * the next worker. Absent if a platform has no ports.
   */
  releasePorts?(): void

  /**
   * Listens to a signal to this process. From then on, the signal has no other effect. A signal that does not exist here
   * is never reported.
   *
   * @returns removes the listener.
   */
  onSignal(signal: string, listener: (signal: string) => void): () => void
}

/** The process that `kamisama()` is called in, with its platform: everything that the package needs of its surroundings. */
export interface Host extends Platform {
  /**
   * The role of this process: the primary of a pool, a worker of this pool or of someone else's cluster, or a bystander
   * with nothing to do. A bystander is a thread, or what the primary forks beside its pool.
   */
  readonly role: "primary" | "worker" | "bystander"

  /** What people want to know about this process. */
  readonly process: ProcessInfo

  /** What the defaults of the options depend on, and what can defeat them. */
  readonly environment: Environment &
    Pick<LintEnvironment, "signalFlags"> & {
      /** The limits of the place. Called only if they matter. Absent if nothing is known of it. */
      readonly limits?: () => Pick<LintEnvironment, "grace" | "unreadableGrace" | "memory" | "heap">
      /** What a service manager has told this process, by the names of its variables. Absent if there is none. */
      readonly service?: { readonly [variable: string]: string }
    }

  /**
   * Claims this process for a pool.
   *
   * @throws {Error} if it was claimed before.
   */
  claim(): void

  /**
   * Names this process, as the option `title` says: in lists of processes. Called right after `claim()`. Absent if a host has
   * no such list.
   */
  name?(title: string | false | undefined): void

  /**
   * Asks every worker how busy it is, by process id. One that does not answer in time is not among them, and one that begins to
   * measure it has null. Never rejects. Absent if a host does not measure.
   */
  loads?(withinMs: number): Promise<WorkerLoads>

  /**
   * Begins to read the metrics of workers. `reported` gets what a worker sends, by process id: each part as its source gives it. If
   * `isExpected`, workers report from their start on; otherwise from the first question on.
   *
   * @returns asks every worker, and resolves with those that have answered in time. Never rejects. Absent if a host has none.
   */
  watchMetrics?(
    reported: (pid: number, metrics: readonly unknown[]) => void,
    isExpected: boolean,
  ): (withinMs: number) => Promise<ReadonlySet<number>>

  /** The workers whose programs say that they cannot serve clients, by process id. Absent if a host does not know. */
  unhealthy?(): ReadonlySet<number>

  /** What this primary takes over from another one. Absent if it is the first. */
  readonly takeover?: {
    /** The process id of the other one. */
    readonly from: number
    /** Tells the other one that the workers of this one are ready. */
    sayReady(): void
    /** Tells the other one why this one ends instead. */
    sayFailed(error: string): void
    /** Resolves once the other one has closed what only one of them can have open, or is gone. */
    readonly granted: Promise<void>
  }

  /** Called once in the primary, after the options were checked and before the first fork. */
  prepare(settings: PrimarySettings): void

  /** Starts the worker's side in a process with the role `worker`. */
  work(program: WorkerProgram): void

  /** Writes one or more lines to stderr. Never throws. */
  printError(text: string): void

  /** Shows an event or a command to observers of this process. Costs next to nothing if there are none. */
  observe(entry: LogEntry): void

  /** Publishes a notice to tools that trace this process. Never throws. Absent if a host cannot be traced. */
  publish?(notice: Notice): void

  /**
   * Called when everything is done. The host releases what it keeps for its workers, such as a reaper or a listener. Stop
   * signals that still arrive are absorbed. What the process has written arrives before it ends.
   *
   * @param exitCode ends the process with this code; undefined if the process continues.
   * @param withinMs how long that may take. Default: no time.
   */
  finish(exitCode: number | undefined, withinMs?: number): void
}

/** What is reported of a new primary. */
export type SuccessorFact = Extract<Fact, { readonly type: `successor-${string}` }>

/** A new primary. None of the calls throws. */
export interface SuccessorProcess {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined
  /** Why it does not take over, as it has said itself; undefined if it has said nothing. */
  readonly error?: string | undefined
  /** Asks it to stop, as a signal does. */
  stop(): void
  /** Sends SIGKILL. */
  kill(): void
}

/** What people want to know about a process. */
export interface ProcessInfo {
  /** Its process id. */
  readonly pid: number
  /** The name and version of the runtime, such as "node 24.21.0". */
  readonly runtime: string
  /** The number of this worker, or undefined if the process is not a worker of the pool. */
  readonly worker: number | undefined
  /** Whether stderr is a terminal. */
  readonly hasTerminal: boolean
}

/** How busy a worker was in the time before it was asked. */
export interface WorkerLoad {
  /** Which part of the time its event loop was in use, from 0 to 1. Where that is not measured: its processor time. */
  readonly loopUse: number
  /** How late a timer was at most, in ms. */
  readonly lagMs: number
  /** How many connections are open at its servers. */
  readonly connections: number
  /** How many requests began. Null where they are not seen. */
  readonly requestsPerSecond: number | null
}

/** How busy the workers are that have answered, by process id; null if that is not measured yet. */
export type WorkerLoads = ReadonlyMap<number, WorkerLoad | null>

/** The time of a platform. */
export interface Clock {
  /** ms since some fixed moment. Never goes back, whatever happens to the wall clock. May have fractions. */
  now(): number
  /** ms since the epoch, by the wall clock: for people to read, not for decisions. */
  epochNow(): number
  /**
   * Calls back in a later turn of the event loop, once `now()` has reached `at` and everything reported by then was taken
   * in.
   *
   * @returns cancels it.
   */
  wakeAt(at: number, callback: () => void): () => void
}

/** What the primary's side needs to know about a pool. */
export interface PrimarySettings {
  /** The checked options of the pool. */
  readonly plan: Plan
  /** Who distributes connections, if the user chose it. */
  readonly scheduling: Scheduling | undefined
  /** Whether the first worker gets the standard input of this process. */
  readonly stdin: boolean
  /** Whether what a worker has started is ended after it. */
  readonly killTree: boolean
  /** Whether workers keep what they have compiled, or the folder for it. */
  readonly compileCache: boolean | string
  /** How lines of the log look. */
  readonly logFormat: LogFormat
  /** How lines of workers look; undefined if workers write by themselves. */
  readonly workerOutput: "prefix" | "json" | undefined
}

/** Who distributes the connections to a shared port: the primary in turn, or the kernel. */
export type Scheduling = "round-robin" | "os"

/** A report about a worker: an event for the core, or an error for people. */
export type WorkerReport = WorkerFact | WorkerFailure

/** A process, until its exit is reported. After that, every call has no effect. None of them throws. */
export interface WorkerProcess {
  /** Undefined if the fork failed. */
  readonly pid: number | undefined
  /**
   * Tells a process that has said hello to call `run`, as that worker. A spare gets its slot with it, and is reported as of that slot
   * from now on.
   */
  run(worker: WorkerRef): void
  /** Tells a worker that asked for leadership that it is the leader. */
  grantLeadership(): void
  /** Asks a worker that has said hello to stop: by a message, or by the signal itself if no message can reach it. */
  stop(signal: string, cause: StopCause): void
  /** Sends SIGKILL straight to the process. */
  kill(): void
}

/** A process whose channel closed is expected to end within this time. After that it counts as hanging. */
export const closedChannelMs = 1_000

/** The handle of a fork that failed. */
export const neverForked: WorkerProcess = {
  pid: undefined,
  run: () => undefined,
  grantLeadership: () => undefined,
  stop: () => undefined,
  kill: () => undefined,
}
