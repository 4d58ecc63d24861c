/**
 * What a user may ask for, and how it is read. Decides which names there are and what has no effect on supervision
 * itself; what does is checked in core/plan.ts.
 */
import { check, checkNames, shown } from "../core/plan/checks.ts"
import { optionNames, type RespawnPolicy, type SignalAction } from "../core/plan/plan.ts"
import type { Log } from "./log.ts"
import type { Host, Scheduling } from "../platform/platform.ts"
import type { Supervisor } from "./handle.ts"
import type { StopContext, WorkerContext } from "../worker/program.ts"

/**
 * The optional functions of the options. They are methods so that a function with a narrower type for `signal` can be
 * given, and stand apart because an optional method could not be given as `undefined`.
 */
export interface Hooks {
  /** How a worker ends: see the option of that name. */
  shutdown(id: number, signal: string, context: StopContext): unknown
  /** What happens once, before the first fork: see the option of that name. */
  beforeFork(pool: Supervisor): unknown
}

/**
 * The options of `kamisama()`. Durations are whole numbers of milliseconds, from 1 to 2³¹ − 1. What can be switched off
 * is switched off by `false`. Every optional one also takes `undefined`.
 */
export interface KamisamaOptions {
  /**
   * The work. Called once in each worker process, never within the `kamisama()` call itself.
   *
   * The worker is ready once `run` has returned or resolved and a server that it returned is listening; where it
   * returned nothing, at the first `listening` of the process or 100 ms later; or as soon as it calls
   * `context.ready()`. What it returns is closed at the stop if there is no `shutdown`. When it throws or rejects, the
   * error is printed and the worker exits with code 1.
   */
  run(id: number, context: WorkerContext): unknown

  /**
   * Called when the worker is to stop: at most once in each worker process, however many signals arrive, also while
   * `run` is pending. It is awaited; then the worker exits, with code 0, or 1 if it threw or rejected.
   *
   * `signal` is the signal that led to the stop, SIGTERM where none did. Without this option the default closes what
   * `run` returned: a function is called, a server drained, a disposable disposed, anything with `close` closed.
   */
  readonly shutdown?: Hooks["shutdown"] | undefined

  /**
   * How many workers there are. Default: the environment variable WEB_CONCURRENCY, else the number of usable cores,
   * capped by the CPU quota of the cgroup.
   */
  readonly workers?: number | undefined

  /** How long a worker may take to stop before it is killed, in ms. Default: 10 000. */
  readonly timeout?: number | undefined

  /**
   * Whether the primary waits for its workers when it stops. With `false` it asks them and exits at once; they still end
   * within `timeout`. Default: true.
   */
  readonly waitForWorkers?: boolean | undefined

  /**
   * Which exits are followed by a new worker: all of them, those with a code other than 0, or none. Unless it is
   * "always", a worker ends by itself when its event loop is empty, and the primary ends when every worker has.
   * Default: "always".
   */
  readonly respawn?: RespawnPolicy | undefined

  /**
   * How many respawns are allowed within any `respawnInterval`; one more, and the pool gives up: it stops and exits with
   * code 1. An integer, 0 or more, or Infinity. Default: 8 × `workers`.
   */
  readonly respawnLimit?: number | undefined

  /** How long a respawn counts, in ms. Default: 60 000. */
  readonly respawnInterval?: number | undefined

  /**
   * How long a slot waits between respawns: the first comes at once, then `min` ms later, doubled each time up to `max`;
   * from the start again after 60 s of stable life. `false`: always at once. Default: `{ min: 100, max: 30_000 }`.
   */
  readonly backoff?:
    false | { readonly min?: number | undefined; readonly max?: number | undefined } | undefined

  /** How long a worker may take from its fork until it is ready, in ms, before it is killed. Default: false. */
  readonly startTimeout?: number | false | undefined

  /**
   * A worker that is ready and whose event loop has not turned for so long, in ms, is killed and respawned, within a second
   * more. Default: false.
   */
  readonly heartbeatTimeout?: number | false | undefined

  /**
   * How workers are replaced when the program is loaded anew: one that replaces another must have been ready for
   * `minReadyTime` ms before that one is asked to stop. 0 or more. Default: `{ minReadyTime: 0 }`.
   */
  readonly reload?: { readonly minReadyTime?: number | undefined } | undefined

  /**
   * When a worker is replaced by plan, the new one first and one worker at a time: once it has been ready for `maxAge` ms,
   * or up to a fifth sooner, so that not all are due together; or once it takes more than `maxMemory` bytes (resident),
   * 20 s after it was ready at the earliest. Default: false.
   */
  readonly recycle?:
    | false
    | { readonly maxAge?: number | undefined; readonly maxMemory?: number | undefined }
    | undefined

  /**
   * What a signal to the primary does, merged over the default: "stop" for SIGINT, SIGTERM, SIGHUP, SIGBREAK and
   * SIGUSR2, "scale-up" for SIGTTIN, "scale-down" for SIGTTOU. "reload" loads the program anew, "ignore" swallows a signal, `false` leaves it alone, in
   * the primary and in the workers.
   */
  readonly signals?: { readonly [signal: string]: SignalAction | false | undefined } | undefined

  /**
   * Who hands out the connections to a shared port: the primary in turn, or the operating system's kernel.
   * Default: "round-robin".
   */
  readonly scheduling?: Scheduling | undefined

  /**
   * What is printed to stderr: "warn" (respawns, kills, failures, giving up, options that work against each
   * other), "info" (everything) or "silent"; or a
   * function that gets each notice instead. Default: "warn".
   */
  readonly log?: Log | undefined

  /**
   * Called once in the primary and awaited before the first fork. When it throws or rejects, the error is printed and
   * the primary exits with code 1.
   */
  readonly beforeFork?: Hooks["beforeFork"] | undefined

  /** Whether the primary calls `process.exit` when it is done; with `false`, only `done` resolves. Default: true. */
  readonly exit?: boolean | undefined

  /** Where it runs: a fake one in tests (see `kamisama/fake`). Default: this runtime. */
  readonly platform?: Host | undefined
}

/** What `log` is where it is not given. */
export const defaultLog: Log = "warn"

const names: readonly (keyof KamisamaOptions)[] = optionNames

/**
 * Reads what `kamisama()` was called with.
 *
 * @throws {TypeError} where a name is unknown or a type is wrong. @throws {RangeError} where a value cannot be meant.
 */
export function readOptions(given: KamisamaOptions | KamisamaOptions["run"]): KamisamaOptions {
  const options: unknown = typeof given === "function" ? { run: given } : given
  if (!isOptions(options)) {
    throw new TypeError(
      `Cannot supervise as kamisama() takes a function or an object of options: current value is ${shown(given)}`,
    )
  }
  checkNames("", { ...options }, names)
  const { run, shutdown, beforeFork, scheduling, log = defaultLog, exit = true } = options
  check(typeof run === "function", TypeError, "run", "a function", run)
  checkOptionalFunction("shutdown", shutdown)
  checkOptionalFunction("beforeFork", beforeFork)
  const schedulings: readonly unknown[] = [undefined, "round-robin", "os"]
  const isString = scheduling === undefined || typeof scheduling === "string"
  check(isString, TypeError, "scheduling", `"round-robin" or "os"`, scheduling)
  check(
    schedulings.includes(scheduling),
    RangeError,
    "scheduling",
    `"round-robin" or "os"`,
    scheduling,
  )
  const logs: readonly unknown[] = ["silent", "warn", "info"]
  const logRule = `"silent", "warn", "info" or a function`
  check(typeof log === "string" || typeof log === "function", TypeError, "log", logRule, log)
  check(typeof log === "function" || logs.includes(log), RangeError, "log", logRule, log)
  check(typeof exit === "boolean", TypeError, "exit", "a boolean", exit)
  const { platform } = options
  const isPlatform = platform === undefined || (isOptions(platform) && "environment" in platform)
  check(isPlatform, TypeError, "platform", "one of kamisama/fake", platform)
  if (options.waitForWorkers === false) {
    check(exit, RangeError, "exit", `true where "waitForWorkers" is false`, exit)
  }
  return options
}

function isOptions(value: unknown): value is KamisamaOptions {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function checkOptionalFunction(option: string, value: unknown): void {
  const isFunction = value === undefined || typeof value === "function"
  check(isFunction, TypeError, option, "a function", value)
}
