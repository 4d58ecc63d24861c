/**
 * The handle that `kamisama()` returns. In a worker, and in a process outside of the pool, it has the same shape and does
 * nothing: see inert.ts.
 */
import type { Notice } from "../core/notice.ts"

/** A supervised pool of workers. */
export interface Supervisor {
  /** Whether this process is the primary. All other members are useful only there. */
  readonly isPrimary: boolean

  /**
   * `"starting"` until all workers have been ready once, then `"running"`; `"stopping"` after the first stop, also during `stopDelay`; finally
   * `"done"`.
   */
  readonly state: "starting" | "running" | "stopping" | "done"

  /** The workers by number. While a worker is being replaced, its number is there twice. */
  readonly workers: readonly WorkerInfo[]

  /**
   * Resolves once, when all workers are ready or finished. Rejects if the pool ends first. You may ignore it: it never
   * causes an unhandled rejection.
   */
  readonly ready: Promise<void>

  /** Resolves when the pool is done. Never rejects. With the option `exit`, the process exits right after that. */
  readonly done: Promise<Outcome>

  /**
   * Sets the number of workers. New workers get the lowest free numbers. When the pool shrinks, workers that are not
   * serving go first, then the highest numbers.
   *
   * @param target an integer, 1 or more.
   * @returns resolves when that many workers are ready and the others are gone. Rejects if another target is set first, if
   *   the pool is stopping, in a worker, and with a TypeError or RangeError if the target is no positive integer. You may
   *   ignore it.
   * @example
   * ```ts
   * await pool.scale(4)
   * ```
   */
  scale(target: number): Promise<void>

  /**
   * Replaces every worker by one that runs the new code: a rolling restart, new before old, one worker at a time, or as
   * many as `reload.atOnce` says. An old worker is asked to stop once its replacement has been ready for
   * `reload.minReadyTime`. If a new worker exits or is not ready in time, the reload is aborted, and the workers that were not
   * replaced stay. A reload requested during a reload starts after it. Workers load the entry script again. Options and
   * environment stay those of the primary.
   *
   * @returns resolves with its outcome. Rejects before the pool is ready, while it is stopping, and in a worker. You may
   *   ignore it.
   * @example
   * ```ts
   * const outcome = await pool.reload()
   * console.log(outcome.ok ? "deployed" : `still on the old code: ${outcome.reason}`)
   * ```
   */
  reload(): Promise<ReloadOutcome>

  /**
   * Starts a new primary from what is on disk now: program, options, files of variables, runtime. It gets the open ports, and once its
   * workers are ready, this pool stops and this process exits with code 0. Otherwise the new one is ended, and this pool serves on.
   * On Node, not on Windows, and not where a container ends with this process.
   *
   * @returns resolves with its outcome. Rejects before the pool is ready, while it is stopping, where it is not possible, and in
   *   a worker. You may ignore it.
   * @example
   * ```ts
   * const outcome = await pool.upgrade()
   * if (!outcome.ok) console.error(outcome.reason)
   * ```
   */
  upgrade(): Promise<UpgradeOutcome>

  /**
   * Replaces one worker, the new one first, as `context.recycle()` does: not during a reload, one worker at a time, and at the
   * earliest 5 s after it became ready. If the new worker fails, the old one serves on, and a minute later it is tried again.
   *
   * @param id the number of the worker.
   * @returns resolves with the outcome of the first try. Rejects if no such worker runs, in a worker, and with a TypeError or
   *   RangeError if the number is no positive integer. You may ignore it.
   * @example
   * ```ts
   * const outcome = await pool.recycle(2)
   * ```
   */
  recycle(id: number): Promise<ReloadOutcome>

  /**
   * Stops the pool, as a signal would. After the first stop, further calls change nothing.
   *
   * @param signal the signal that `shutdown` gets. Default: `"SIGTERM"`.
   * @returns `done`. Rejects in a worker, and with a TypeError if the signal is no string.
   */
  stop(signal?: string): Promise<Outcome>

  /**
   * Listens to one type of notice. A listener that throws is reported, and changes nothing else. Tools that trace a process
   * without changing it get each notice from the channel `kamisama:<type>` of node:diagnostics_channel.
   *
   * @returns ends the listening.
   * @throws {TypeError} if there is no such type, or the listener is no function.
   * @example
   * ```ts
   * const off = pool.on("exit", ({ id, code, expected }) => metrics.count("exit", { id, code, expected }))
   * ```
   */
  on<Type extends Notice["type"]>(
    type: Type,
    listener: (notice: Extract<Notice, { readonly type: Type }>) => void,
  ): () => void

  /**
   * The state of the pool as plain data, for a health check or a status page.
   *
   * @throws {Error} in a worker.
   * @example
   * ```ts
   * createServer((_, response) => response.end(JSON.stringify(pool.status()))).listen("/run/app/status.sock")
   * ```
   */
  status(): PoolStatus

  /**
   * A replayable log of what happened, for `replay` and `describe` of `kamisama/core`: the options, the latest 10 000 events,
   * and the state before them. It works after the pool is done, too. It contains nothing your program printed or received,
   * except for signal names, exit codes, and the error text of failed forks.
   *
   * @returns lines of JSON, about 100 bytes per event.
   * @throws {Error} in a worker.
   * @example
   * ```ts
   * pool.on("give-up", () => writeFileSync("incident.jsonl", pool.recording()))
   * ```
   */
  recording(): string
}

/** The state of a pool at one moment. No value is undefined, Infinity or NaN. */
export interface PoolStatus {
  /** `state` of the pool. */
  readonly state: Supervisor["state"]
  /** The desired number of workers. */
  readonly target: number
  /** How many workers are ready and not stopping. During a replacement, more than `target` are possible. */
  readonly ready: number
  /** How many reloads have finished. */
  readonly generation: number
  /** Whether a reload is running. */
  readonly isReloading: boolean
  /** How near the pool is to giving up. */
  readonly respawns: RespawnStatus
  /** What the pool does next if nothing else happens. Null if nothing is due. */
  readonly next: DueStatus | null
  /** The workers by number. While a worker is being replaced, its number is there twice. */
  readonly workers: readonly WorkerStatus[]
  /** The processes that wait to fill the place of a worker, the oldest first. */
  readonly spares: readonly SpareStatus[]
}

/** A spare. */
export interface SpareStatus {
  /** Its process id. Null while there is no process. */
  readonly pid: number | null
  /** `"booting"` until its script calls `kamisama()`, then `"loaded"`; `"stopping"` once it was asked to stop or killed. */
  readonly state: "booting" | "loaded" | "stopping"
  /** Since when it has been in this state, in ms since the epoch. */
  readonly since: number
  /** How long it has been in this state, in ms. */
  readonly forMs: number
  /** The serial number of its fork. */
  readonly incarnation: number
}

/** The restarts that count. If one more than `limit` is needed, the pool gives up. */
export interface RespawnStatus {
  /** How many restarts there were within the last `intervalMs`. 0 if there is no limit. */
  readonly counted: number
  /** How many are allowed. Null if there is no limit. */
  readonly limit: number | null
  /** How long a restart counts, in ms. */
  readonly intervalMs: number
}

/** What the pool does next. */
export interface DueStatus {
  /** When, in ms since the epoch. */
  readonly at: number
  /** The same in ms from now. 0 if it is overdue. */
  readonly inMs: number
  /** What it does then, in words. */
  readonly why: string
}

/** A worker, as in `workers` of the pool. */
export interface WorkerStatus {
  /** Its number, 1 to N. */
  readonly id: number
  /** Its process id. Null while there is no process. */
  readonly pid: number | null
  /** What it is doing: see `WorkerInfo`. */
  readonly state: WorkerInfo["state"]
  /** Since when it has been in this state, in ms since the epoch. */
  readonly since: number
  /** How long it has been in this state, in ms. */
  readonly forMs: number
  /** The serial number of its latest fork. */
  readonly incarnation: number
  /** How often it was restarted. */
  readonly respawns: number
  /** False if its program has said that it cannot serve clients, with `context.healthy(false)`. */
  readonly healthy: boolean
}

/** How a reload ended, or the replacement of one worker. */
export type ReloadOutcome =
  { readonly ok: true } | { readonly ok: false; /** Why it failed. */ readonly reason: string }

/** How an upgrade ended. */
export type UpgradeOutcome =
  | { readonly ok: true; /** The process id of the new primary. */ readonly pid: number }
  | { readonly ok: false; /** Why it failed. */ readonly reason: string }

/** How a pool ended. */
export interface Outcome {
  /** The exit code: 0 or 1. */
  readonly code: 0 | 1
  /** Why it ended: the rule, with its figures. */
  readonly reason: string
}

/** A worker. */
export interface WorkerInfo {
  /** Its number, 1 to N. */
  readonly id: number
  /** Its process id. Undefined while there is no process. */
  readonly pid: number | undefined
  /**
   * `"booting"` until its script calls `kamisama()`, `"starting"` until it is ready, then `"ready"`; `"stopping"` once it was
   * asked to stop or killed; `"waiting"` for its restart, or `"finished"` for good.
   */
  readonly state: "booting" | "starting" | "ready" | "stopping" | "waiting" | "finished"
  /** The serial number of its latest fork. */
  readonly incarnation: number
  /** How often it was restarted. */
  readonly respawns: number
  /** Since when it has been in this state, in ms since the epoch. */
  readonly since: number
}
