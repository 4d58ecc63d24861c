/**
 * What is known of one process from facts and orders. Plain data, never written to. Decides nothing.
 */

import type { StopCause, Recycling } from "../../core/state.ts"

/** One fork and what became of it. Null is what has not happened. */
export interface ProcessRecord {
  readonly slot: number
  readonly incarnation: number
  readonly forkedAt: number
  /** From when to when it is killed unless it becomes ready, and then answers; null where there is no such time. */
  readonly timeout: { readonly fromAt: number; readonly untilAt: number } | null
  /** Whether it has asked to be the only one, and was told that it is. */
  readonly leader: "no" | "asked" | "granted"
  /** Whether it has been measured and took no more memory than it may. */
  readonly hasFitted: boolean
  /** From when to when another process takes its place by plan, and why; null where none does. */
  readonly recycling: {
    readonly cause: Recycling["cause"]
    readonly fromAt: number
    readonly untilAt: number
  } | null
  readonly helloAt: number | null
  readonly toldToRunAt: number | null
  /** Null also where it became ready only after it was due to stop. */
  readonly readyAt: number | null
  /** When it was to stop: by a scale-down, a signal of its own, or the stop of the pool. Its kill time counts from here. */
  readonly dueToStopAt: number | null
  /** Why, and with which signal; null where it is not. */
  readonly stopsFor: { readonly cause: StopCause; readonly signal: string } | null
  /** When it was asked to. One that boots cannot be asked yet. */
  readonly askedAt: number | null
  readonly killedAt: number | null
  /** When a stop signal last reached it. */
  readonly signaledAt: number | null
  /** Whether it is its slot's, or a newcomer that is to replace that one, or nothing to its slot any more. */
  readonly role: "current" | "replacement" | "retired"
}

export function newProcess(
  slot: number,
  incarnation: number,
  forkedAt: number,
  startTimeoutMs: number | false,
): ProcessRecord {
  return {
    slot,
    incarnation,
    forkedAt,
    timeout: timeoutAfter(forkedAt, startTimeoutMs),
    leader: "no",
    hasFitted: false,
    recycling: null,
    helloAt: null,
    toldToRunAt: null,
    readyAt: null,
    dueToStopAt: null,
    stopsFor: null,
    askedAt: null,
    killedAt: null,
    signaledAt: null,
    role: "current",
  }
}

/** That it has so long from that moment; null where it may take as long as it likes. */
export function timeoutAfter(at: number, timeoutMs: number | false): ProcessRecord["timeout"] {
  return timeoutMs === false ? null : { fromAt: at + timeoutMs, untilAt: at + timeoutMs }
}

/** Whether it is on its way out. */
export function isLeaving({ dueToStopAt, killedAt }: ProcessRecord): boolean {
  return dueToStopAt !== null || killedAt !== null
}

/** What is known of it once it is to stop; one that is on its way out already goes as it was told. */
export function toStop(
  process: ProcessRecord,
  at: number,
  cause: StopCause,
  signal: string = "SIGTERM",
): ProcessRecord {
  return isLeaving(process) ? process : { ...process, dueToStopAt: at, stopsFor: { cause, signal } }
}

/** How a process is named in a violation. */
export function named({ slot, incarnation }: Pick<ProcessRecord, "slot" | "incarnation">): string {
  return `worker ${slot} (#${incarnation})`
}
