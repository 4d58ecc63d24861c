/**
 * The world of a whole system: a primary, its workers, the channels between them, the reaper beside them, and the operating
 * system below. Plain data. What decides is what is shipped: the core, the worker's side, the link, the wire and the reaper.
 */
import type { WorkerRef } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { initialState, type State } from "../../core/state.ts"
import type { Link } from "../../platform/link.ts"
import { beginKeeping, type KeepingState } from "../../platform/reaper-keeping.ts"
import type { ReaperState } from "../../platform/reaper-life.ts"
import type { PrimaryMessage, WorkerMessage } from "../../platform/wire.ts"
import type { Leaving } from "../../worker/leaving.ts"
import type { Work } from "../../worker/step.ts"
import type { ProcessRecord } from "./rules/record.ts"
import type { Exit } from "./rules/seen.ts"

/** Everything, at one moment. */
export interface SystemWorld {
  readonly now: number
  /** Null once the primary is dead. */
  readonly primary: Primary | null
  /** How the primary has ended; null while it lives. */
  readonly end: PrimaryEnd | null
  /** The processes that live, and those that the primary has not heard all of, in the order of their forks. */
  readonly processes: readonly Process[]
  /** Null before its start, after its end, and where it was killed. */
  readonly reaper: Reaper | null
}

/** The primary: the core's state, and what the operating system keeps for it. */
export interface Primary {
  readonly state: State
  /** When the core wants to be woken. */
  readonly due: number | null
  /** Signals that have been sent to it and are not taken in yet. */
  readonly pending: readonly string[]
  /** What it knows of its reaper. */
  readonly keeping: KeepingState
  /** Whether a client is connected and its connection was handed to nobody yet. */
  readonly holdsConnection: boolean
  /** The slots whose processes have died of a signal to the group that has not reached the primary. */
  readonly groupVictims: readonly number[]
}

/** How a primary has ended. */
interface PrimaryEnd {
  readonly how: "killed" | "finished"
  readonly at: number
}

/** The reaper: the shipped decisions, and when it looks again. */
export interface Reaper {
  readonly state: ReaperState
  /** Null while it waits for its primary. */
  readonly looksAt: number | null
  /** When the latest moment began. */
  readonly lookedAt: number
}

/** What is under way on a channel from the primary. A connection is one that a client has made. */
export type ToProcess = PrimaryMessage | Item<"connection"> | Item<"closed">

/** What is under way on a channel to the primary: messages, those of node:cluster, and the end of the channel. */
export type FromProcess =
  WorkerMessage | Item<"unlisten"> | Item<"listens"> | Item<"refused"> | Item<"closed">

interface Item<Type extends string> {
  readonly type: Type
}

/** One process of a worker, as the operating system has it, and both ends of its channel. */
export interface Process {
  readonly worker: WorkerRef
  /** `dead`: what it has sent, or its exit, is still to be reported. */
  readonly os: "booting" | "running" | "dead"
  readonly isBlocked: boolean
  /** Signals that were sent to it and are not taken in yet. */
  readonly pending: readonly string[]
  /** Whether its end of the channel is open. */
  readonly isConnected: boolean
  readonly down: readonly ToProcess[]
  readonly up: readonly FromProcess[]
  /** How it has exited, until that is reported. */
  readonly exit: Exit | null
  /** What the primary knows of it. */
  readonly link: Link
  /** Whether the primary's end of the channel is open. */
  readonly isLinked: boolean
  /** When the primary takes a closed channel for a hang; null if it does not. */
  readonly hangUpAt: number | null
  /** Whether the primary hands connections to it. */
  readonly isListed: boolean
  /** The worker's side; null before its hello. */
  readonly side: Side | null
  readonly record: ProcessRecord
}

/** The worker's side in its process: what is shipped, and what the user's program does at the moment. */
export interface Side {
  readonly work: Work
  readonly run: "uncalled" | "pending" | "settled"
  readonly shutdown: "uncalled" | "pending" | "settled"
  /** What is awaited before it counts as ready; `first-within` only for a while. */
  readonly awaits: "nothing" | "listening" | "first" | "first-within"
  /** What is closed: all servers, or what `run` returned with them. */
  readonly closing: "nothing" | "drain" | "close-returned"
  /** Its own listeners to the signal. `pending`: a promise of theirs is. `untold`: they have started something. */
  readonly listeners: "uncalled" | "called" | "pending" | "untold" | "done"
  readonly isWatchedForIdleness: boolean
  readonly countsRequests: boolean
  readonly measures: boolean
  readonly heartbeatAt: number | null
  readonly deadlineAt: number | null
  readonly listenersAt: number | null
  readonly leaving: Departure | null
  /** Whether clients reach it. */
  readonly accepts: boolean
  /** How many requests are in progress. */
  readonly requests: number
}

/** A worker that leaves. */
export interface Departure {
  readonly step: Leaving
  readonly code: number
  readonly overdueAt: number
}

/** The primary before anything has happened. */
export function newPrimary(plan: Plan): Primary {
  return {
    state: initialState(plan),
    due: null,
    pending: [],
    keeping: beginKeeping(),
    holdsConnection: false,
    groupVictims: [],
  }
}

/** The worker's side right after its hello. */
export function newSide(work: Work): Side {
  return {
    work,
    run: "uncalled",
    shutdown: "uncalled",
    awaits: "nothing",
    closing: "nothing",
    listeners: "uncalled",
    isWatchedForIdleness: false,
    countsRequests: false,
    measures: false,
    heartbeatAt: null,
    deadlineAt: null,
    listenersAt: null,
    leaving: null,
    accepts: false,
    requests: 0,
  }
}
