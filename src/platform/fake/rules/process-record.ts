/**
 * What is known of one process from facts and orders. Decides nothing.
 */

/** One fork and what became of it. */
export interface ProcessRecord {
  readonly slot: number
  readonly incarnation: number
  readonly forkedAt: number
  helloAt?: number
  /** Not set where it became ready only after it was due to stop. */
  readyAt?: number
  /** When it was to stop: by a scale-down, a signal of its own, or the stop of the pool. Its kill time counts from here. */
  dueToStopAt?: number
  /** When it was asked to. One that boots cannot be asked yet. */
  askedAt?: number
  killedAt?: number
  /** When a stop signal last reached it. */
  signalledAt?: number
  /** When its exit was reported, or that it could not be forked. */
  endedAt?: number
}

/** Whether the process lives, as far as its primary knows. */
export function isAlive(process: ProcessRecord): boolean {
  return process.endedAt === undefined
}

/** Whether it is on its way out. */
export function isLeaving({ dueToStopAt, killedAt }: ProcessRecord): boolean {
  return dueToStopAt !== undefined || killedAt !== undefined
}

/** How a process is named in a violation. */
export function named({ slot, incarnation }: Pick<ProcessRecord, "slot" | "incarnation">): string {
  return `worker ${slot} (#${incarnation})`
}
