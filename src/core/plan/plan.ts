/**
 * The plan: what a pool was asked to do, checked, with every default filled in and the unit in every name.
 *
 * A plan is plain data. Functions are not in it: they go to the worker and to the driver. The constants of the policies are,
 * so that a proof can use small ones.
 */
import { wrong } from "./checks.ts"
import {
  adviceOnWorkers,
  checkKamisamaOptions,
  type Complete,
  defaultBackoff,
  defaults,
  type PlanOptions,
  type RespawnPolicy,
  type StartFailurePolicy,
} from "./options.ts"
import { type SignalMap, signalsFrom } from "./signals.ts"

/** The options as supervision follows them: checked and complete. */
export interface Plan {
  /** How many workers there are at first. */
  readonly workers: number
  /** The grace period: from the request to stop until a worker is killed. */
  readonly timeoutMs: number
  /** How long the pool serves on after it was asked to stop; 0 if it stops at once. */
  readonly stopDelayMs: number
  /** Whether the primary waits for its workers when it stops. */
  readonly waitForWorkers: boolean
  /** After which exits a worker is restarted. */
  readonly respawn: RespawnPolicy
  /** How many restarts are allowed within the interval; Infinity if any number is. */
  readonly respawnLimit: number
  /** How long a restart counts. */
  readonly respawnIntervalMs: number
  /** The first and the longest delay between the restarts of one worker; false if there is none. */
  readonly backoff: { readonly minMs: number; readonly maxMs: number } | false
  /** How long a worker may take until it is ready; false if there is no limit. */
  readonly startTimeoutMs: number | false
  /** Whether the pool gives up at once if the first worker of every slot fails. */
  readonly startFailure: StartFailurePolicy
  /** How long a ready worker may be silent; false if it sends no heartbeat. */
  readonly heartbeatTimeoutMs: number | false
  /** How often it sends its heartbeat; 0 if it sends none. */
  readonly heartbeatIntervalMs: number
  /** How much longer it has, because it may be blocked right before it would have sent one. */
  readonly heartbeatGraceMs: number
  /** How long a replacement must stay ready before the worker that it replaces is asked to stop. */
  readonly minReadyMs: number
  /** How many processes wait to fill a slot. */
  readonly spares: number
  /** How many slots a reload replaces at once; Infinity if all. */
  readonly reloadAtOnce: number
  /** The age at which a ready worker is replaced; false if it may grow as old as it likes. */
  readonly maxAgeMs: number | false
  /** How much memory a worker may use before it is replaced; false if it may use all. */
  readonly maxMemoryBytes: number | false
  /** How many requests a worker may serve before it is replaced; false if any number. */
  readonly maxRequests: number | false
  /** The signals that are handled, each with its action. */
  readonly signals: SignalMap
  /** What jitter is drawn from. */
  readonly seed: number
  /** A failed fork is not tried again sooner. */
  readonly forkRetryMs: number
  /** `startTimeoutMs` of replacements, if that is off. */
  readonly reloadStartTimeoutMs: number
  /** How long the workers of a new primary may take until they are ready. */
  readonly upgradeTimeoutMs: number
  /** How long a worker must have been ready for its memory to count. */
  readonly recycleHoldMs: number
  /** How long a worker must have been ready to ask for a replacement: the next one may ask for the same at once. */
  readonly requestHoldMs: number
  /** How long after a failed replacement recycling is tried again. */
  readonly recycleRetryMs: number
  /** How long a worker must have been ready for its slot to start over with its backoff. */
  readonly stablePeriodMs: number
  /** How long after a signal to a worker the same one may still be on its way to the primary. */
  readonly groupSignalWindowMs: number
  /** Failures within this time are reported as one; false if they never are. */
  readonly incidentMs: number | false
  /** A deadline that is reached this much too late shows that the machine was suspended or the primary blocked. */
  readonly stallMs: number
  /** How long the pool waits for the exit of a killed worker to be reported, before it is done without. */
  readonly killReportMs: number
}

/** What the defaults depend on. */
export interface Environment {
  /** The value of WEB_CONCURRENCY, if it is set. */
  readonly webConcurrency?: string | undefined
  /** The number of cores that the process may use. Called only if it matters. */
  readonly cores: () => number
  /** Draws the plan's seed. */
  readonly seed: number
  /** Where workers that a primary leaves behind do not get their time to end, such as "as pid 1"; undefined elsewhere. */
  readonly cannotLeaveWorkers?: string | undefined
}

/**
 * Checks the options and fills in the defaults.
 *
 * @param options the options of `kamisama()`. Those that supervision does not follow are checked, but are not in the plan.
 * @param environment what the defaults depend on.
 * @throws {TypeError} if an option is unknown or has the wrong type.
 * @throws {RangeError} if an option breaks its rule.
 */
export function planFrom(options: PlanOptions, environment: Environment): Plan {
  checkKamisamaOptions(options)
  const complete = completed(options, environment)
  const { waitForWorkers, heartbeatTimeout, recycle } = complete
  const { cannotLeaveWorkers } = environment
  if (!waitForWorkers && cannotLeaveWorkers !== undefined) {
    const rule = `"waitForWorkers" must be true ${cannotLeaveWorkers}`
    const advice = "There, leftover workers do not get their time to end."
    throw wrong(RangeError, "kamisama", rule, waitForWorkers, advice)
  }
  const heartbeatIntervalMs = Math.min(Math.ceil(Number(heartbeatTimeout) / 4), 1_000)
  const {
    maxAge = false,
    maxMemory = false,
    maxRequests = false,
  } = recycle === false ? {} : recycle
  return {
    workers: complete.workers,
    timeoutMs: complete.timeout,
    stopDelayMs: complete.stopDelay,
    waitForWorkers,
    respawn: complete.respawn,
    respawnLimit: complete.respawnLimit,
    respawnIntervalMs: complete.respawnInterval,
    backoff: backoffFrom(complete.backoff),
    startTimeoutMs: complete.startTimeout,
    startFailure: complete.startFailure,
    heartbeatTimeoutMs: heartbeatTimeout,
    heartbeatIntervalMs,
    heartbeatGraceMs: heartbeatIntervalMs,
    minReadyMs: complete.reload.minReadyTime ?? 0,
    spares: complete.spares,
    reloadAtOnce: complete.reload.atOnce === "all" ? Infinity : (complete.reload.atOnce ?? 1),
    maxAgeMs: maxAge,
    maxMemoryBytes: maxMemory,
    maxRequests,
    signals: signalsFrom(complete.signals),
    seed: environment.seed,
    forkRetryMs: 100,
    reloadStartTimeoutMs: 30_000,
    // The new primary loads the program, and so do its workers.
    upgradeTimeoutMs: Math.max(60_000, 2 * Number(complete.startTimeout)),
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

function completed(options: PlanOptions, environment: Environment): Complete {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const workers = options.workers ?? defaultWorkers(environment)
  return { ...defaults, respawnLimit: 8 * workers, ...Object.fromEntries(given), workers }
}

function defaultWorkers({ webConcurrency, cores }: Environment): number {
  if (webConcurrency === undefined || webConcurrency.trim() === "") return cores()
  const workers = Number(webConcurrency)
  if (Number.isSafeInteger(workers) && workers >= 1) return workers
  const rule = "the environment variable WEB_CONCURRENCY must be a positive integer"
  throw wrong(RangeError, "kamisama", rule, webConcurrency, adviceOnWorkers(webConcurrency))
}

function backoffFrom(backoff: Complete["backoff"]): Plan["backoff"] {
  if (backoff === false) return false
  const { min, max } = backoff
  const maxMs = max ?? Math.max(defaultBackoff.max, min ?? 0)
  const minMs = min ?? Math.min(defaultBackoff.min, maxMs)
  if (minMs <= maxMs) return { minMs, maxMs }
  throw wrong(RangeError, "kamisama", `"backoff.min" must be at most backoff.max (${maxMs})`, minMs)
}
