/**
 * What a pool was asked to do, checked, with every default filled in and every unit fixed: the Plan.
 *
 * Decides which options make sense. A plan is plain data and holds no functions: those go their own way, to the worker
 * and the driver. Constants of the policies stand in the plan too, so that a proof can run with small ones.
 */
import {
  check,
  checkDuration,
  checkInteger,
  checkNames,
  isRecord,
  longestMs,
  shown,
} from "./checks.ts"
import { suggestion } from "./suggestion.ts"

/** What a signal to the primary does. */
export type SignalAction = "stop" | "reload" | "scale-up" | "scale-down" | "ignore"

/** After which exits a worker is respawned: all, those that failed, none. */
export type RespawnPolicy = "always" | "on-failure" | "never"

/** The options that supervision follows, as a user gives them. Durations in ms. */
export interface PlanOptions {
  /** How many workers. Default: WEB_CONCURRENCY, else the number of cores. */
  readonly workers?: number | undefined
  /** From asking a worker to stop until it is killed. Default: 10 000. */
  readonly timeout?: number | undefined
  /** Whether a stop waits for the workers. Default: true. */
  readonly waitForWorkers?: boolean | undefined
  /** After which exits a worker is respawned. Default: `"always"`. */
  readonly respawn?: RespawnPolicy | undefined
  /** How many respawns are allowed within the interval. Default: 8 × workers. */
  readonly respawnLimit?: number | undefined
  /** How long a respawn counts. Default: 60 000. */
  readonly respawnInterval?: number | undefined
  /** The pause between the respawns of a slot. Default: from 100 to 30 000. */
  readonly backoff?:
    false | { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  /** Within what a worker must be ready. Default: false, no limit. */
  readonly startTimeout?: number | false | undefined
  /** Within what a worker that is ready must answer, again and again. Default: false, it need not. */
  readonly heartbeatTimeout?: number | false | undefined
  /** How workers are replaced when the program is loaded anew. Default: no time on trial. */
  readonly reload?: { readonly minReadyTime?: number | undefined } | undefined
  /** When a worker is replaced by plan, in ms of age and bytes of memory. Default: false, never. */
  readonly recycle?:
    | false
    | { readonly maxAge?: number | undefined; readonly maxMemory?: number | undefined }
    | undefined
  /** What each signal does, over the default. */
  readonly signals?: { readonly [signal: string]: SignalAction | false | undefined } | undefined
}

/** The names of all options, also of those that supervision itself does not look at: any other is a slip. */
export const optionNames = [
  "run",
  "shutdown",
  "workers",
  "timeout",
  "waitForWorkers",
  "respawn",
  "respawnLimit",
  "respawnInterval",
  "backoff",
  "startTimeout",
  "heartbeatTimeout",
  "reload",
  "recycle",
  "signals",
  "scheduling",
  "log",
  "beforeFork",
  "exit",
  "platform",
] as const

/** The options as supervision follows them: checked, complete, durations in ms. */
export interface Plan {
  /** How many workers there are at first. */
  readonly workers: number
  /** From asking a worker to stop until it is killed. */
  readonly timeoutMs: number
  /** Whether the primary waits for its workers when it stops. */
  readonly waitForWorkers: boolean
  /** After which exits a worker is respawned. */
  readonly respawn: RespawnPolicy
  /** May be Infinity. */
  readonly respawnLimit: number
  /** How long a respawn counts. */
  readonly respawnIntervalMs: number
  /** The pause between the respawns of a slot: the first one, and the longest. */
  readonly backoff: { readonly minMs: number; readonly maxMs: number } | false
  /** Within what a worker must be ready; false where there is no limit. */
  readonly startTimeoutMs: number | false
  /** Within what a worker that is ready must answer, again and again; false where it need not. */
  readonly heartbeatTimeoutMs: number | false
  /** How often such a worker answers; 0 where it need not. */
  readonly heartbeatIntervalMs: number
  /** How much longer it has: it may be blocked right before it would have answered. */
  readonly heartbeatGraceMs: number
  /** How long a worker that replaces another one must have been ready before that one is asked to stop. */
  readonly minReadyMs: number
  /** When a worker that is ready is replaced; false where it may get as old as it likes. */
  readonly maxAgeMs: number | false
  /** What a worker may take of memory before it is replaced; false where it may take all. */
  readonly maxMemoryBytes: number | false
  /** What the signals do that are listened to; the others are not in it. */
  readonly signals: { readonly [signal: string]: SignalAction }
  /** What jitter is drawn from. */
  readonly seed: number
  /** A failed fork is not tried again sooner. */
  readonly forkRetryMs: number
  /** `startTimeoutMs` of those that replace others, where there is none. */
  readonly reloadStartTimeoutMs: number
  /** How long a worker must have been ready for its memory to count. */
  readonly recycleHoldMs: number
  /** How long a worker must have been ready for its own wish to be replaced: another one may wish the same at once. */
  readonly requestHoldMs: number
  /** How long after a planned replacement has failed it is tried again. */
  readonly recycleRetryMs: number
  /** How long a worker must have been ready for its slot to start over with its backoff. */
  readonly stablePeriodMs: number
  /** How long after a signal to a worker the same one may still be on its way to the primary. */
  readonly groupSignalWindowMs: number
  /** Failures within so long are told of as one; false where they never are. */
  readonly incidentMs: number | false
  /** A deadline that is reached this much too late tells of a suspend or a stalled primary. */
  readonly stallMs: number
  /** How long after a kill its exit may take to be reported before the pool is done without it. */
  readonly killReportMs: number
}

/** What the defaults depend on. */
export interface Environment {
  /** The value of WEB_CONCURRENCY, if it is set. */
  readonly webConcurrency?: string | undefined
  /** How many cores there are to use; asked only where it matters. */
  readonly cores: () => number
  /** Draws the plan's seed. */
  readonly seed: number
  /** Why nobody would end the workers that an early exit of the primary leaves behind; undefined where they are ended. */
  readonly cannotLeaveWorkers?: string | undefined
}

const defaultSignals: { readonly [signal: string]: SignalAction } = {
  SIGINT: "stop",
  SIGTERM: "stop",
  SIGHUP: "stop",
  SIGBREAK: "stop",
  SIGUSR2: "stop",
  SIGTTIN: "scale-up",
  SIGTTOU: "scale-down",
}

const actions = ["stop", "reload", "scale-up", "scale-down", "ignore"]

/** Signals that a program may give a meaning of its own. */
const mappableSignals = Object.keys(defaultSignals).concat(
  ["SIGQUIT", "SIGCONT", "SIGTSTP", "SIGWINCH", "SIGALRM", "SIGVTALRM", "SIGURG", "SIGIO"],
  ["SIGPWR", "SIGXCPU", "SIGXFSZ"],
)

/** Signals that exist and cannot be mapped, with the reason. */
const refusedSignals: { readonly [signal: string]: string } = {
  SIGKILL: "cannot be caught",
  SIGSTOP: "cannot be caught",
  SIGUSR1: "is the runtime's debugger",
  SIGPROF: "is the runtime's profiler",
  SIGCHLD: "is how the runtime learns of exits",
  SIGPIPE: "is ignored by the runtime, and fatal once it was listened to",
  SIGSEGV: "tells of a fault that no program recovers from",
  SIGBUS: "tells of a fault that no program recovers from",
  SIGILL: "tells of a fault that no program recovers from",
  SIGFPE: "tells of a fault that no program recovers from",
  SIGABRT: "tells of a fault that no program recovers from",
  SIGTRAP: "tells of a fault that no program recovers from",
  SIGSYS: "tells of a fault that no program recovers from",
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} where an option has the wrong type.
 * @throws {RangeError} where its value cannot be meant.
 */
export function planFrom(options: PlanOptions, environment: Environment): Plan {
  const {
    workers = defaultWorkers(environment),
    timeout: timeoutMs = 10_000,
    waitForWorkers = true,
    respawn = "always",
    respawnLimit = typeof workers === "number" ? 8 * workers : 0,
    respawnInterval: respawnIntervalMs = 60_000,
    startTimeout: startTimeoutMs = false,
    heartbeatTimeout: heartbeatTimeoutMs = false,
  } = options
  checkInteger("workers", workers, 1, Infinity, "a positive integer")
  checkDuration("timeout", timeoutMs)
  check(
    typeof waitForWorkers === "boolean",
    TypeError,
    "waitForWorkers",
    "a boolean",
    waitForWorkers,
  )
  if (!waitForWorkers && environment.cannotLeaveWorkers !== undefined) {
    const rule = `true ${environment.cannotLeaveWorkers}`
    check(false, RangeError, "waitForWorkers", rule, waitForWorkers)
  }
  const policies: readonly unknown[] = ["always", "on-failure", "never"]
  const policyRule = `"always", "on-failure" or "never"`
  check(typeof respawn === "string", TypeError, "respawn", policyRule, respawn)
  check(policies.includes(respawn), RangeError, "respawn", policyRule, respawn)
  if (respawnLimit !== Infinity) {
    const rule = "an integer, 0 or more, or Infinity"
    checkInteger("respawnLimit", respawnLimit, 0, Infinity, rule)
  }
  checkDuration("respawnInterval", respawnIntervalMs)
  if (startTimeoutMs !== false) checkDuration("startTimeout", startTimeoutMs, " or false")
  if (heartbeatTimeoutMs !== false) {
    checkDuration("heartbeatTimeout", heartbeatTimeoutMs, " or false")
  }
  const heartbeatIntervalMs = Math.min(Math.ceil(Number(heartbeatTimeoutMs) / 4), 2_000)
  return {
    workers,
    timeoutMs,
    waitForWorkers,
    respawn,
    respawnLimit,
    respawnIntervalMs,
    backoff: backoffFrom(options.backoff),
    startTimeoutMs,
    heartbeatTimeoutMs,
    heartbeatIntervalMs,
    heartbeatGraceMs: Math.min(heartbeatIntervalMs, 1_000),
    minReadyMs: minReadyFrom(options.reload),
    ...recyclingFrom(options.recycle),
    signals: signalsFrom(options.signals),
    seed: environment.seed,
    forkRetryMs: 100,
    reloadStartTimeoutMs: 30_000,
    recycleHoldMs: 20_000,
    requestHoldMs: 5_000,
    recycleRetryMs: 60_000,
    stablePeriodMs: 60_000,
    groupSignalWindowMs: 250,
    incidentMs: 1_000,
    stallMs: 1_000,
    killReportMs: 5_000,
  }
}

function defaultWorkers({ webConcurrency, cores }: Environment): number {
  if (webConcurrency === undefined || webConcurrency.trim() === "") return cores()
  const workers = Number(webConcurrency)
  if (Number.isSafeInteger(workers) && workers >= 1) return workers
  throw new RangeError(
    `Cannot supervise as the environment variable WEB_CONCURRENCY must be a positive integer: current value is ${shown(webConcurrency)}`,
  )
}

function backoffFrom(backoff: unknown = {}): Plan["backoff"] {
  if (backoff === false) return false
  check(isRecord(backoff), TypeError, "backoff", "false or an object with min and max", backoff)
  checkNames("backoff.", backoff, ["min", "max"])
  const { min, max } = backoff
  if (min !== undefined) checkDuration("backoff.min", min)
  if (max !== undefined) checkDuration("backoff.max", max)
  const maxMs = max ?? Math.max(30_000, min ?? 0)
  const minMs = min ?? Math.min(100, maxMs)
  check(minMs <= maxMs, RangeError, "backoff.min", `at most backoff.max (${maxMs})`, minMs)
  return { minMs, maxMs }
}

function minReadyFrom(reload: unknown = {}): number {
  check(isRecord(reload), TypeError, "reload", "an object with minReadyTime", reload)
  checkNames("reload.", reload, ["minReadyTime"])
  const { minReadyTime = 0 } = reload
  const rule = `a whole number of milliseconds from 0 to ${longestMs}`
  checkInteger("reload.minReadyTime", minReadyTime, 0, longestMs, rule)
  return minReadyTime
}

function recyclingFrom(recycle: unknown = false): Pick<Plan, "maxAgeMs" | "maxMemoryBytes"> {
  if (recycle === false) return { maxAgeMs: false, maxMemoryBytes: false }
  const rule = "false or an object with maxAge and maxMemory"
  check(isRecord(recycle), TypeError, "recycle", rule, recycle)
  checkNames("recycle.", recycle, ["maxAge", "maxMemory"])
  const { maxAge: maxAgeMs = false, maxMemory: maxMemoryBytes = false } = recycle
  if (maxAgeMs !== false) checkDuration("recycle.maxAge", maxAgeMs)
  if (maxMemoryBytes !== false) {
    const bytes = "a whole number of bytes, 1 or more"
    checkInteger("recycle.maxMemory", maxMemoryBytes, 1, Infinity, bytes)
  }
  return { maxAgeMs, maxMemoryBytes }
}

function signalsFrom(mapped: unknown = {}): Plan["signals"] {
  const signals: { [signal: string]: SignalAction } = { ...defaultSignals }
  check(isRecord(mapped), TypeError, "signals", "an object from signals to actions", mapped)
  for (const [signal, action] of Object.entries(mapped)) {
    if (action === undefined) continue
    checkSignal(signal)
    if (action === false) {
      delete signals[signal]
      continue
    }
    const option = `signals.${signal}`
    const rule = `${actions.map(shown).join(", ")} or false`
    check(typeof action === "string", TypeError, option, rule, action)
    check(actions.includes(action), RangeError, option, rule, action)
    signals[signal] = action as SignalAction
  }
  return signals
}

/** Whether there is a signal of that name. */
export function isSignal(name: unknown): name is string {
  return (
    typeof name === "string" &&
    (mappableSignals.includes(name) || Object.hasOwn(refusedSignals, name))
  )
}

function checkSignal(signal: string): void {
  if (mappableSignals.includes(signal)) return
  if (Object.hasOwn(refusedSignals, signal)) {
    const why = refusedSignals[signal]
    throw new RangeError(`Cannot supervise as "signals" must not map ${signal}: it ${why}`)
  }
  const meant = suggestion(signal, mappableSignals)
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`
  throw new RangeError(
    `Cannot supervise as "signals" must map signals: current value has ${shown(signal)}${hint}`,
  )
}

/**
 * Checks that options are an object and have no names but those of options.
 *
 * @throws {TypeError} where they are none, or naming the unknown one and what was probably meant.
 */
export function checkOptions(options: unknown, what?: string): void {
  check(isRecord(options), TypeError, "options", "an object", options, what)
  checkNames("", options, optionNames, what)
}
