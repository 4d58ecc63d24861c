/**
 * The types of a pool's world: the pool with what is known of it, what may happen to it, and how much of that a search
 * looks at.
 */
import type { Fact } from "../../core/event.ts"
import type { State } from "../../core/state.ts"
import type { History } from "../rules/history.ts"

/** A fact that reaches the pool, or nothing but time. */
export type PoolMove = Fact | NoOp | TimePassed

/** A fact that ought to change nothing. */
export interface NoOp {
  /** What this is. */
  readonly type: "no-op"
  /** The fact. */
  readonly fact: Fact
  /**
   * Why it ought to: it comes too late, as a report about a process that is dead, whatever has become of its slot; it is
   * said again; or it comes before anything is due.
   */
  readonly why: "late" | "again" | "early"
}

/** Nothing else has happened for a while. */
export interface TimePassed {
  /** What this is. */
  readonly type: "time-passed"
  /** How long, in ms. */
  readonly ms: number
  /** What it was told by: so much time, or the time until the next deadline. */
  readonly timeStep: TimeStep
}

/** ms, or the time that is left to the next deadline. */
export type TimeStep = number | "deadline"

/** A pool and what is known of it. */
export interface PoolWorld {
  /** The pool. */
  readonly state: State
  /**
   * What the rules know of it.
   *
   * @internal
   */
  readonly history: History
  /** In ms. */
  readonly now: number
  /** When something is due next; null where nothing is. */
  readonly due: number | null
}

/** What an operator and a clock may do. */
export interface PoolBounds {
  /** The most workers that are asked for; nobody scales where it is what the plan starts with and `scales` is false. */
  readonly mostWorkers: number
  /** Whether anybody scales the pool. */
  readonly scales: boolean
  /** Whether the program is loaded anew. */
  readonly reloads: boolean
  /** Whether workers ask for others in their place. */
  readonly recycles: boolean
  /** Whether workers ask to be the only one. */
  readonly excludes: boolean
  /** Whether workers that fail together are told of as one. Nothing that is done depends on it. */
  readonly incidents: boolean
  /** How much later than due a deadline may be reached, in ms. */
  readonly latenessMs: number
  /** For how long time may go on without anything else. */
  readonly timeSteps: readonly TimeStep[]
}
