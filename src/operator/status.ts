/**
 * The status of a pool as others see it from outside: that of the pool, with who it is and what its workers use.
 */
import type { Notice } from "../core/notice.ts"
import type { WorkerLoad } from "../platform/platform.ts"
import type { PoolStatus, WorkerStatus } from "../pool/handle.ts"

/** What a pool says of itself. */
export interface About {
  /** The version of the package. */
  readonly kamisama: string
  /** The version of what is answered here. It grows when something is taken away or changes its meaning. */
  readonly api: 1
  /** The name of the pool. */
  readonly name: string
  /** The process id of its primary. */
  readonly pid: number
  /** The runtime and its version. */
  readonly runtime: string
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number
}

/** The status of a pool, with what is known from outside. */
export interface OperatorStatus extends About, Omit<PoolStatus, "workers"> {
  /** For how long it has run, in ms. */
  readonly upMs: number
  readonly workers: readonly OperatorWorker[]
}

/** A worker. */
export interface OperatorWorker extends WorkerStatus {
  /** Its resident memory. Null where it is not known. */
  readonly memoryBytes: number | null
  /** The processor time that it has used. Null where it is not known. */
  readonly cpuMs: number | null
  /** Whether it has answered in time when it was asked how busy it is. */
  readonly answers: boolean
  /** How busy it is. Null if it has not answered, or has only begun to measure that. */
  readonly load: WorkerLoad | null
  /** Why it is as it is. Null if that was too long ago. */
  readonly last: LastWord | null
}

/** What was last said about a worker. */
export interface LastWord {
  /** When, in ms since the epoch. */
  readonly at: number
  readonly level: Notice["level"]
  readonly text: string
}
