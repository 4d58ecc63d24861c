/**
 * What the rules remember of a process. It is written from what is seen alone, and never read from the state of the core or
 * of the worker's side.
 */
import type { ShutdownReason } from "../../../worker/program.ts"
import type { StopCause } from "../../../core/state.ts"
import type { ProgramBounds } from "../system-bounds.ts"
import type { Seen } from "./seen.ts"

export interface ProcessRecord {
  readonly runCalls: number
  readonly shutdownCalls: number
  /** The first reason to stop that reached it. */
  readonly toldToStop: StopCause | ShutdownReason | null
  /** When that was. */
  readonly toldAt: number | null
  /** When its primary asked it to stop. */
  readonly askedAt: number | null
  readonly isLeader: boolean
  /** Whether `run` is pending. */
  readonly isRunPending: boolean
  /** Whether its stop waits for `run` alone, which has read the signal to stop. */
  readonly endsByRun: boolean
  /** Whether it has asked to be the leader. */
  readonly isCandidate: boolean
  /** Whether `context.signal` is aborted. */
  readonly isAborted: boolean
  /** Whether `run` has returned something that is to be closed. */
  readonly hasReturned: boolean
  /** Whether that is closed. */
  readonly closesReturned: boolean
  /** Whether its program has said that it is done. */
  readonly saidDone: "no" | "exit" | "idle"
  /** Whether its time was over before it has stopped, so that it must exit with 1. */
  readonly isOverdue: boolean
  /** Whether the error of its program was sent. */
  readonly hasSentFailure: boolean
  /** Whether its program has failed, so that it must exit with 1. */
  readonly hasFailed: boolean
  /** Whether it has nothing to do. */
  readonly isIdle: boolean
  /** Whether a stop signal was sent to it alone, or it has lived on without its channel, which counts as one. */
  readonly wasSignaledAlone: boolean
  /** Whether it has begun to close: no request may begin any more. */
  readonly isClosing: boolean
  /** Whether its event loop was ever blocked. */
  readonly wasBlocked: boolean
  /** What its primary was told of it. */
  readonly reported: "nothing" | "hello" | "ready" | "exit"
}

export const newRecord: ProcessRecord = {
  runCalls: 0,
  shutdownCalls: 0,
  toldToStop: null,
  toldAt: null,
  askedAt: null,
  isLeader: false,
  isRunPending: false,
  endsByRun: false,
  isCandidate: false,
  isAborted: false,
  hasReturned: false,
  closesReturned: false,
  saidDone: "no",
  isOverdue: false,
  hasSentFailure: false,
  hasFailed: false,
  isIdle: false,
  wasSignaledAlone: false,
  isClosing: false,
  wasBlocked: false,
  reported: "nothing",
}

/** The record once that was seen. */
export function follow(
  record: ProcessRecord,
  seen: Seen,
  at: number,
  program: ProgramBounds,
): ProcessRecord {
  switch (seen.type) {
    case "called-run":
      return { ...record, runCalls: record.runCalls + 1, isRunPending: true }
    case "called-shutdown":
      return { ...record, shutdownCalls: record.shutdownCalls + 1 }
    case "asked-to-stop":
      return { ...record, askedAt: at }
    case "told-to-stop": {
      if (record.toldToStop !== null) return record
      const endsByRun =
        record.isRunPending &&
        program.takesSignal &&
        !program.hasShutdown &&
        seen.cause !== "discard"
      return { ...record, toldToStop: seen.cause, toldAt: at, endsByRun }
    }
    case "became-leader":
      return { ...record, isLeader: true }
    case "asked-to-lead":
      return { ...record, isCandidate: true }
    case "run-settled": {
      // While servers are closed, nothing waits for what a run returns late.
      const counts = record.toldToStop === null || record.endsByRun
      const hasReturned = counts && seen.returned === "something"
      return { ...record, isRunPending: false, hasReturned }
    }
    case "run-failed": {
      // A run that breaks off during a stop does so because of it, unless the stop waits for just that.
      const counts = record.toldToStop === null || (record.endsByRun && !seen.isAbort)
      return { ...record, isRunPending: false, hasFailed: record.hasFailed || counts }
    }
    case "failed":
      return { ...record, hasFailed: true }
    case "was-idle":
      return { ...record, isIdle: true }
    case "signaled-alone":
      return { ...record, wasSignaledAlone: true }
    case "began-stopping":
      return { ...record, isAborted: true }
    case "began-closing":
      return {
        ...record,
        isClosing: true,
        closesReturned: record.closesReturned || seen.closes === "close-returned",
      }
    case "said-done":
      return { ...record, saidDone: record.saidDone === "exit" ? "exit" : seen.how }
    case "sends-failure":
      return { ...record, hasSentFailure: true }
    case "overdue":
      return { ...record, isOverdue: true }
    case "blocked":
      return { ...record, wasBlocked: true }
    case "reported":
      return { ...record, reported: reportedAfter(record.reported, seen.fact) }
    case "called-listeners":
    case "accepted":
    case "watches-listeners":
    case "exits":
    case "leaves":
    case "died":
      return record
  }
}

function reportedAfter(before: ProcessRecord["reported"], fact: string): ProcessRecord["reported"] {
  switch (fact) {
    case "worker-said-hello":
      return "hello"
    case "worker-became-ready":
      return "ready"
    case "worker-exited":
    case "fork-failed":
      return "exit"
    default:
      return before
  }
}
