/**
 * What is known of one process from events and commands. It is plain data that is never written to.
 */

import { slotName } from "../../core/describe.ts"
import type { StopCause, Recycling } from "../../core/state.ts"

/** One fork and what became of it. Null is what has not happened. */
export interface ProcessRecord {
  readonly slot: number
  readonly incarnation: number
  readonly forkedAt: number
  /** When it is killed unless it becomes ready, and then unless it sends a heartbeat; null if there is no such time. */
  readonly timeout: { readonly fromAt: number; readonly untilAt: number } | null
  /** Whether it has asked to be the leader, and was told that it is. */
  readonly leader: "no" | "asked" | "granted"
  /** Whether it was measured and took no more memory than it may. */
  readonly hasFitted: boolean
  /** When it is recycled, and why; null if it is not. */
  readonly recycling: {
    readonly cause: Recycling["cause"]
    readonly fromAt: number
    readonly untilAt: number
  } | null
  /** Also null if it said hello only after it was killed. */
  readonly helloAt: number | null
  readonly toldToRunAt: number | null
  /** Also null if it became ready only after it was due to stop. */
  readonly readyAt: number | null
  /** When it was to stop: by a scale-down, a signal of its own, or the stop of the pool. Its kill time counts from here. */
  readonly dueToStopAt: number | null
  /** Why, and with which signal; null if it is not. */
  readonly stopsFor: { readonly cause: StopCause; readonly signal: string } | null
  /** When it was asked to. One that boots cannot be asked, and is killed. */
  readonly askedAt: number | null
  readonly killedAt: number | null
  /** When a stop signal last reached it. */
  readonly signaledAt: number | null
  /** A signal that counts only later, because the pool may have got it, too: which one, and when. */
  readonly heldSignal: { readonly signal: string; readonly dueAt: number } | null
  /** Whether it is the process of its slot, is to replace that one, or no longer belongs to it; or waits for a slot. */
  readonly role: "current" | "replacement" | "retired" | "spare"
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
    heldSignal: null,
    role: "current",
  }
}

/** A timeout that begins at that moment; null if there is none. */
export function timeoutAfter(at: number, timeoutMs: number | false): ProcessRecord["timeout"] {
  return timeoutMs === false ? null : { fromAt: at + timeoutMs, untilAt: at + timeoutMs }
}

/** Whether it is on its way out. */
export function isLeaving({ dueToStopAt, killedAt }: ProcessRecord): boolean {
  return dueToStopAt !== null || killedAt !== null
}

/** Whether it was to stop while it booted. It had nothing to shut down, so however it ends, it has not failed. */
export function wasStoppedBooting({ helloAt, dueToStopAt }: ProcessRecord): boolean {
  return helloAt === null && dueToStopAt !== null
}

/** What is known of a process once it must stop. One that is on its way out already keeps its cause. */
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
  return `${slotName(slot)} (#${incarnation})`
}
