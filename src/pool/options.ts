/**
 * The options of `kamisama()`, with those that supervision itself does not follow. The rules of all of them are in
 * core/plan/options.ts.
 */
import { check, wrong } from "../core/plan/checks.ts"
import {
  checkKamisamaOptions,
  defaults,
  isServer,
  optionTable,
  type PlanOptions,
} from "../core/plan/options.ts"
import { grouped } from "../core/plan/forms.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { Log } from "./log.ts"
import type { LogFormat } from "../platform/log-format.ts"
import type { Host, Scheduling } from "../platform/platform.ts"
import type { Supervisor } from "./handle.ts"
import type { StopContext, WorkerContext } from "../worker/program.ts"

/**
 * The optional functions of the options. They are methods, so that a function with a narrower type for `signal` fits. They
 * have an interface of their own, because an optional method does not accept `undefined`.
 */
export interface Hooks {
  /** Called once in each worker before it exits: see the option of that name. */
  shutdown(id: number, signal: string, context: StopContext): unknown
  /** Called once before the first fork: see the option of that name. */
  beforeFork(pool: Supervisor): unknown
}

/** Where a server listens. */
export interface Address {
  /** The port; 0 for any that is free. */
  readonly port: number
  /** The name or address of this machine. `"0.0.0.0"` is every address. */
  readonly host?: string | undefined
}

/**
 * The options of `kamisama()`. Durations are whole numbers of milliseconds, from 1 to 2³¹ − 1. Set an option to `false` to
 * disable it, if its type allows `false`. `undefined` means the default.
 */
export interface KamisamaOptions extends PlanOptions {
  /**
   * The work. Called once in each worker, asynchronously, once the primary tells the worker to start.
   *
   * The worker is ready once `run` has returned or resolved and the server that it returned is listening. If it returned
   * nothing or a module, the worker is ready at the first `listening` of the process, or 100 ms later. Or it calls
   * `context.ready()`. When the worker stops, all of its servers are drained. What else `run` returns is closed then, unless
   * there is a `shutdown`. If `run` throws or rejects, the error is printed and the worker exits with code 1.
   *
   * @param id the number of the worker, from 1 on. A replacement keeps the id of the worker that it replaces.
   */
  run(id: number, context: WorkerContext): unknown

  /**
   * Called once in each worker before it exits, even if `run` is still pending. It is awaited. Then the worker exits with
   * code 0, or with code 1 if `shutdown` threw or rejected. `signal` is the signal that led to the stop, or `"SIGTERM"`
   * if there was none.
   *
   * @default closes what `run` returned: calls a function, disposes a disposable, and closes anything with `close`
   */
  readonly shutdown?: Hooks["shutdown"] | undefined

  /**
   * How long clients may keep a connection open once a worker stops, in ms: a WebSocket, an event stream, a tunnel, or one
   * that sends nothing. They are told to go at once. What is left then is cut, and the worker exits without being killed.
   * Requests have until `timeout`. It must be less than that.
   *
   * @default half of `timeout`
   */
  readonly closeTimeout?: number | undefined

  /**
   * Who hands out the connections to a shared port: the primary in turn, or the kernel.
   *
   * @default "round-robin", and "os" on Deno and Bun
   */
  readonly scheduling?: Scheduling | undefined

  /**
   * Whether the processes that a worker has started are ended once the worker has ended, in any way: with SIGTERM, and SIGKILL
   * after `timeout`, 5 s at most. After a worker that had to be killed, with SIGKILL at once. Detached ones are left alone.
   * It has an effect on Linux only. On Windows, the runtime ends them in any case.
   *
   * @default true
   */
  readonly killTree?: boolean | undefined

  /**
   * Whether workers keep what they have compiled, so that later ones start sooner. By default in a folder of the user's own
   * in the temporary one, or in the given folder. It has an effect on Node from 22.12. Where `NODE_COMPILE_CACHE`,
   * `NODE_DISABLE_COMPILE_CACHE` or `NODE_V8_COVERAGE` is set, that counts.
   *
   * @default true
   */
  readonly compileCache?: boolean | string | undefined

  /**
   * Whether the pool can be observed and steered from outside, by the command or by HTTP on a unix socket, which only its user
   * can open. Its path follows from the name and the process id, or it is the given one. If that cannot be opened, the primary
   * exits with code 1. See docs/control.md.
   *
   * @default false, and true in the command
   */
  readonly control?: boolean | string | undefined

  /**
   * Where the metrics of the pool can be read by HTTP, in the format of Prometheus. Nothing else is served there. `host` is
   * `"127.0.0.1"` by default. They are on the control socket as well. See docs/metrics.md.
   *
   * @default false
   */
  readonly metrics?: Address | false | undefined

  /**
   * Where `/livez`, `/readyz` and `/startupz` can be read by HTTP. `host` is `"127.0.0.1"` by default. It may be the same port as
   * that of `metrics`. They are on the control socket as well. See docs/control.md.
   *
   * @default false
   */
  readonly health?: Address | false | undefined

  /**
   * How many workers must serve for `/readyz` to say that clients may come: a number, a share such as 0.5 of those that are wanted,
   * or `"all"`. More than are wanted means all. It changes nothing else.
   *
   * @default 1
   */
  readonly readyAt?: number | "all" | undefined

  /**
   * The number of a file descriptor to which a line break is written once every worker is ready, as s6 and dinit want it.
   * systemd needs no option. See docs/operate/systemd.md.
   *
   * @default false
   */
  readonly notifyFd?: number | false | undefined

  /**
   * The name of the program in lists of processes: `kamisama: server.js [worker 2]`. With `false`, the titles of the processes
   * stay as they are.
   *
   * @default the file name of the script, if the program has not set `process.title` itself
   */
  readonly title?: string | false | undefined

  /**
   * What is printed to stderr. `"warn"` prints restarts, kills, failures, giving up and conflicting options. `"info"`
   * prints everything, and `"silent"` nothing. On a terminal, `"warn"` also prints the start, each scaling and reload, the
   * stop and the end. A function gets each notice instead. If it returns a promise, the primary waits for it before it exits, for
   * `timeout` at most.
   *
   * @default "warn"
   */
  readonly log?: Log | undefined

  /**
   * How lines of the log look. `"text"` has the time in front. `"json"` is an object a line, also for what workers write: see `prefix`.
   * `"logfmt"` is `name=value`.
   *
   * @default "plain"
   */
  readonly logFormat?: LogFormat | undefined

  /**
   * Whether what workers write to stdout and stderr has the number of the worker in front: `2 | listening`. It then passes through
   * the primary, line by line.
   *
   * @default false, workers write by themselves
   */
  readonly prefix?: boolean | undefined

  /**
   * Called once in the primary and awaited before the first fork. If it throws or rejects, the error is printed and the
   * primary exits with code 1.
   *
   * @default nothing
   */
  readonly beforeFork?: Hooks["beforeFork"] | undefined

  /**
   * What happens to a worker that has nothing to do, where `respawn` is `"always"`: `run` has ended, nothing listens, and
   * no timer, connection or process is open. With `"stay"` it waits until the pool stops. With `"fail"` it fails, with
   * code 1 and an error that says so. Otherwise it ends in any case, and its exit code counts.
   *
   * @default "stay", and "fail" in the command
   */
  readonly idle?: "stay" | "fail" | undefined

  /**
   * Whether the worker gets the standard input of the primary. Only with `workers: 1`, because workers cannot share it.
   *
   * @default false, it is empty
   */
  readonly stdin?: boolean | undefined

  /**
   * Whether the primary calls `process.exit` when the pool is done. With `false`, only `done` resolves.
   *
   * @default true
   */
  readonly exit?: boolean | undefined

  /**
   * Where the pool runs: on a simulated operating system in tests (see `kamisama/fake`).
   *
   * @default this runtime
   */
  readonly platform?: Host | undefined
}

/** The default of `log`. */
export const defaultLog: Log = optionTable.log.default as Log

/** The default of `exit`. */
export const defaultExit: boolean = optionTable.exit.default as boolean

/**
 * Reads what `kamisama()` was called with.
 *
 * @throws {TypeError} if an option is unknown or has the wrong type. @throws {RangeError} if an option breaks its rule.
 */
export function readOptions(given: KamisamaOptions | KamisamaOptions["run"]): KamisamaOptions {
  const options: unknown = typeof given === "function" ? { run: given } : given
  if (!isOptions(options)) {
    const advice = isServer(given) ? "Write kamisama(() => createServer(…).listen(…))." : undefined
    throw wrong(TypeError, "kamisama", "takes a function or an object of options", given, advice)
  }
  checkKamisamaOptions(options)
  check("kamisama", "run", optionTable.run, options.run)
  const { waitForWorkers, exit, closeTimeout = 0, timeout = defaults.timeout } = options
  if (closeTimeout >= timeout) {
    const rule = `"closeTimeout" must be less than "timeout" (${grouped(timeout)})`
    throw wrong(RangeError, "kamisama", rule, closeTimeout)
  }
  if (waitForWorkers === false && exit === false) {
    throw wrong(RangeError, "kamisama", `"exit" must be true if "waitForWorkers" is false`, exit)
  }
  return options
}

/**
 * Checks the options that depend on the plan.
 *
 * @throws {RangeError} if one breaks its rule.
 */
export function checkWithPlan({ stdin = false }: KamisamaOptions, { workers, spares }: Plan): void {
  if (!stdin) return
  if (spares > 0) {
    const rule = `"stdin" must be false with spares (${spares}), because a process gets it at its fork`
    throw wrong(RangeError, "kamisama", rule, stdin, "Set spares: 0.")
  }
  if (workers === 1) return
  const rule = `"stdin" must be false with ${workers} workers, because they cannot share it`
  throw wrong(RangeError, "kamisama", rule, stdin, "Set workers: 1.")
}

/** The default of `closeTimeout`. */
export function defaultCloseTimeout(timeoutMs: number): number {
  return Math.ceil(timeoutMs / 2)
}

function isOptions(value: unknown): value is KamisamaOptions {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value)
  return isObject && !isServer(value) && !(value instanceof Promise)
}
