/**
 * What a test gives to a simulated operating system, and what it can do with it: the options and the handle of `fakePlatform()`.
 */
import type { Host } from "../platform.ts"
import type { LogEntry } from "../log-entry.ts"
import type { FakeClock } from "./clock.ts"
import type { WorkerScripts } from "./script.ts"

/** Which kind of operating system is simulated. */
export type FakeSystemName = "posix" | "windows"

/** How a simulated operating system behaves. */
export interface FakePlatformOptions {
  /**
   * What the workers do, as plain data. Default: they call the `run` and `shutdown` given to `kamisama()`, within the
   * process of the test. Such a worker must not call `process.exit`, which would end the test. What its code has started
   * continues after its death. Its server counts as listening as soon as `run` has returned it.
   */
  readonly workers?: WorkerScripts | undefined
  /**
   * The clock. "own" affects nothing else. With "global", the global timers, `Date` and `performance` follow it until
   * `restore()`. Or a clock of @sinonjs/fake-timers that the test already has. Default: "own".
   */
  readonly clock?: "own" | "global" | FakeClock | undefined
  /** From the fork of a worker that runs your code until it reaches `kamisama()`, in ms. Default: 10. */
  readonly boot?: number | undefined
  /** How many cores there are. Default: 2. */
  readonly cores?: number | undefined
  /** The value of the environment variable WEB_CONCURRENCY. Default: unset. */
  readonly webConcurrency?: string | undefined
  /** The seed of all jitter. Default: 1. */
  readonly seed?: number | undefined
  /** Whether the next fork gets the process id of a dead worker. Default: false. */
  readonly reusePids?: boolean | undefined
  /**
   * What a new primary does in an upgrade, in ms: its workers are ready after `ready` (default: 500) or never, it exits with code 1 after
   * `dies` (default: never), and it ends `stop` after it was told to (default: 10), or never.
   */
  readonly successor?:
    | {
        readonly ready?: number | false | undefined
        readonly dies?: number | undefined
        readonly stop?: number | false | undefined
      }
    | undefined
  /**
   * On "windows", SIGINT, SIGBREAK and SIGHUP come from the console, SIGTERM, SIGKILL and SIGQUIT end a process at once with
   * code 1, other signals do nothing, and workers end at once with their primary. Default: "posix".
   */
  readonly system?: FakeSystemName | undefined
  /**
   * Where nothing can kill the workers that the primary leaves behind, such as "in a process with pid 1". They then live
   * on. Default: they are killed after their `timeout`.
   */
  readonly cannotLeaveWorkers?: string | undefined
}

/** The state of a process, as it sees itself. A spare is loaded until it fills a slot. */
export type FakeProcessState = "booting" | "loaded" | "starting" | "ready" | "stopping" | "dead"

/** A snapshot of a living worker of the simulation. */
export interface FakeWorker {
  /** The number of its slot; 0 if it is a spare. */
  readonly id: number
  /** The serial number of its fork. */
  readonly incarnation: number
  /** Its process id, made up. */
  readonly pid: number
  /** Its own state, which the primary may not know yet. */
  readonly state: FakeProcessState
  /** The signals of the stop requests that reached it from its primary: at most one. */
  readonly asked: readonly string[]
}

/** A simulated operating system, and what a test can do with it. */
export interface FakePlatform extends Host {
  /** The simulated time since the beginning, in ms. */
  readonly now: number
  /** The workers that live, in the order of their forks. */
  readonly workers: readonly FakeWorker[]
  /** The worker that lives in a slot, the youngest of several; undefined if none does. */
  worker(id: number): FakeWorker | undefined
  /** The exit code of the primary; undefined while it lives, if it was killed, and if the option `exit` is false. */
  readonly exitCode: number | undefined
  /** What was printed to stderr. */
  readonly errors: readonly string[]
  /** Every event and command, and what the workers did. */
  readonly log: readonly LogEntry[]
  /** How many timers of the simulation are pending: 0 when everything has ended. Timers of your own code do not count. */
  readonly pendingTimers: number
  /** Lets time pass, in ms. Everything that is due until then happens. */
  advance(ms: number): Promise<void>
  /**
   * Lets time pass until a moment, in ms since the beginning.
   *
   * @throws {RangeError} where that has passed.
   */
  advanceTo(at: number): Promise<void>
  /** Suspends the machine for some ms. What is due meanwhile happens late, when it wakes up. */
  suspend(ms: number): Promise<void>
  /**
   * Sends a signal to the primary. SIGKILL kills it, as does any other that it does not listen to and that ends a
   * process; its workers learn of it, and none outlives its timeout. A signal that would suspend it does nothing.
   */
  signal(signal: string): void
  /**
   * Sends a signal to the primary and to every worker, as a terminal does.
   *
   * @param first whom it reaches first: where that is the workers, their reports of it are there before the primary gets
   *   it. Default: "primary".
   * @param apart from one process to the next in ms, as when a program sends them one by one. Default: 0.
   */
  signalGroup(signal: string, first?: "primary" | "workers", apart?: number): void
  /**
   * Sends a signal to one worker alone.
   *
   * @throws {Error} where no worker lives in that slot.
   */
  signalWorker(id: number, signal: string): void
  /**
   * Lets a worker die by itself, with the exit code 1 unless another or a signal is given.
   *
   * @throws {Error} where no worker lives in that slot.
   */
  crash(id: number, how?: { readonly code?: number; readonly signal?: string }): void
  /**
   * What has happened, as text: each event with its time and, below it, the orders it led to with their reasons. "·"
   * marks what a worker did, "!" what befell the world unseen by the primary.
   */
  transcript(): string
  /** Gives the global timers back, with the clock "global". */
  restore(): void
}
