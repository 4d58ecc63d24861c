/**
 * The handle that `kamisama()` returns, and what it tells. In a worker, and in a process that has nothing to do with the
 * pool, it has the same shape and does nothing.
 */
import type { Notice } from "../core/notice.ts"

/** A supervised pool of workers. */
export interface Supervisor {
  /** Whether this process is the primary. Everything below is meaningful only there. */
  readonly isPrimary: boolean

  /** "starting" until every worker was ready once, then "running", from the first stop on "stopping", at last "done". */
  readonly state: "starting" | "running" | "stopping" | "done"

  /** The slots as they are now, by number; while a worker is being replaced, its slot is there twice. */
  readonly workers: readonly WorkerInfo[]

  /**
   * Resolves when for the first time every wanted slot is ready or finished. Rejects when the pool ends before. It need
   * not be handled.
   */
  readonly ready: Promise<void>

  /** Resolves when nothing is left to do; never rejects. With the option `exit`, the process exits right after. */
  readonly done: Promise<Outcome>

  /**
   * Sets the number of workers. New ones get the lowest free numbers; of too many, those that serve nobody go first, then
   * the highest numbers.
   *
   * @param target an integer, 1 or more.
   * @returns resolves when that many are ready and the others have ended. Rejects when another target is set before that,
   *   when the pool is stopping, and with a TypeError or RangeError where the target cannot be meant. It need not be
   *   handled.
   */
  scale(target: number): Promise<void>

  /**
   * Loads the program anew, without a gap: one slot after the other, a new worker first, and the one before it is asked
   * to stop only once the new one has been ready for `reload.minReadyTime`. Where a new worker ends or is not ready in
   * time, the reload is aborted, and whoever was not replaced stays. One that is asked for while another runs follows it.
   * The entry script is loaded anew; options and environment stay as the primary has them.
   *
   * @returns resolves with how it ended. Rejects before `ready`, when the pool is stopping, and in a worker. It need not
   *   be handled.
   */
  reload(): Promise<ReloadOutcome>

  /**
   * Stops the pool, as a signal would. Calls after the first stop change nothing.
   *
   * @param signal what `shutdown` gets. Default: "SIGTERM".
   * @returns what `done` resolves with.
   */
  stop(signal?: string): Promise<Outcome>

  /**
   * Listens to what happens. A listener that throws is reported and harms nothing. Tools that trace a process from outside
   * of its code find each notice on the channel `kamisama:<type>` of node:diagnostics_channel as well.
   *
   * @returns ends the listening.
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
   * How the pool is doing, as plain data: `JSON.stringify(pool.status())` is what a status page or a health check tells.
   *
   * @throws {Error} in a worker.
   * @example
   * ```ts
   * createServer((_, response) => response.end(JSON.stringify(pool.status()))).listen("/run/app/status.sock")
   * ```
   */
  status(): PoolStatus

  /**
   * What the pool went through, for `replay` and `describe` of `kamisama/core`: its plan, the latest 10 000 events, and how
   * things stood before the first of them. Also when it is done. Nothing of the user's is in it but signal names and
   * what the operating system said of forks that failed.
   *
   * @returns lines of JSON, about 100 bytes an event.
   * @throws {Error} in a worker.
   * @example
   * ```ts
   * pool.on("give-up", () => writeFileSync("incident.jsonl", pool.recording()))
   * ```
   */
  recording(): string
}

/** How a pool is doing at the moment. Nothing in it is undefined, Infinity or NaN. */
export interface PoolStatus {
  /** As `state` of the pool. */
  readonly state: Supervisor["state"]
  /** How many workers are wanted. */
  readonly target: number
  /** How many are ready: they serve, and are not on their way out. While one is being replaced there may be one more. */
  readonly ready: number
  /** How many reloads have finished. */
  readonly generation: number
  /** Whether a reload is running. */
  readonly isReloading: boolean
  /** How near the pool is to giving up. */
  readonly respawns: RespawnStatus
  /** What is due next, unless something happens before; null where nothing is. */
  readonly next: DueStatus | null
  /** The slots by number; while a worker is being replaced, its slot is there twice. */
  readonly workers: readonly WorkerStatus[]
}

/** How many respawns still count: with one more than `limit` of them the pool gives up. */
export interface RespawnStatus {
  /** How many were made within the last `intervalMs`; none are counted where there is no limit. */
  readonly counted: number
  /** How many there may be; null where there is no limit. */
  readonly limit: number | null
  /** How long a respawn counts, in ms. */
  readonly intervalMs: number
}

/** What is due, and when. */
export interface DueStatus {
  /** In ms since the epoch. */
  readonly at: number
  /** In ms from now; 0 where it is overdue. */
  readonly inMs: number
  /** What will be done then. */
  readonly why: string
}

/** A slot and the process in it, as `workers` of the pool has it. */
export interface WorkerStatus {
  /** The number of the slot. */
  readonly id: number
  /** Null while no process lives in the slot. */
  readonly pid: number | null
  /** What it is doing: see `WorkerInfo`. */
  readonly state: WorkerInfo["state"]
  /** Since when it has been in this state, in ms since the epoch. */
  readonly since: number
  /** For how long it has been in this state, in ms. */
  readonly forMs: number
  /** The serial number of the latest fork into the slot. */
  readonly incarnation: number
  /** How many respawns the slot has had. */
  readonly respawns: number
}

/** How a reload ended. */
export type ReloadOutcome =
  { readonly ok: true } | { readonly ok: false; /** Why it was aborted. */ readonly reason: string }

/** How a pool ended. */
export interface Outcome {
  /** The exit code: 0 or 1. */
  readonly code: 0 | 1
  /** The rule that led to the end, with its figures. */
  readonly reason: string
}

/** A slot and the process in it. */
export interface WorkerInfo {
  /** The number of the slot. */
  readonly id: number
  /** Undefined while no process lives in the slot. */
  readonly pid: number | undefined
  /**
   * "booting" until its script says hello, "starting" until it is ready, "stopping" once it is on its way out; "waiting"
   * for its next process, or "finished" for good.
   */
  readonly state: "booting" | "starting" | "ready" | "stopping" | "waiting" | "finished"
  /** The serial number of the latest fork into the slot. */
  readonly incarnation: number
  /** How many respawns the slot has had. */
  readonly respawns: number
  /** Since when it has been in this state, in ms since the epoch. */
  readonly since: number
}
