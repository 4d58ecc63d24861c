/**
 * The world of a pool: the pool and what is known of it, what may happen to it, and the bounds of that.
 */
import type { Fact } from "../../core/event.ts"
import type { State } from "../../core/state.ts"
import type { History } from "../rules/history.ts"

/** An event of the pool, one that should change nothing, or the passing of time. */
export type PoolMove = Fact | NoOp | TimePassed

/** An event that should change nothing. */
export interface NoOp {
  /** The discriminant. */
  readonly type: "no-op"
  /** The event. */
  readonly fact: Fact
  /**
   * Why it should change nothing: it comes too late, as a report about a dead process; it happens again; or it comes before
   * anything is due.
   */
  readonly why: "late" | "again" | "early"
}

export function noOp(why: NoOp["why"], fact: Fact): NoOp {
  return { type: "no-op", fact, why }
}

/** Time passes without anything else. */
export interface TimePassed {
  /** The discriminant. */
  readonly type: "time-passed"
  /** How long, in ms. */
  readonly ms: number
  /** How it was chosen: a fixed time, or the time until the next deadline. */
  readonly timeStep: TimeStep
}

/** A time in ms, or the time until the next deadline. */
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
  /** The time, in ms. */
  readonly now: number
  /** When something is due next, in ms; null if nothing is. */
  readonly due: number | null
}

/** What an operator and the clock may do. */
export interface PoolBounds {
  /** The most workers that are asked for, at least as many as the pool starts with. */
  readonly mostWorkers: number
  /** Whether the pool is scaled. */
  readonly scales: boolean
  /** Whether the pool is reloaded. */
  readonly reloads: boolean
  /** Whether a new primary is asked for. */
  readonly upgrades: boolean
  /** Whether workers ask for a replacement. */
  readonly recycles: boolean
  /** Whether workers ask to be the leader. */
  readonly elects: boolean
  /** Whether correlated failures are reported as incidents. No other command depends on it. */
  readonly incidents: boolean
  /** How much later than due a deadline may be reached, in ms. */
  readonly latenessMs: number
  /** The steps in which time passes. */
  readonly timeSteps: readonly TimeStep[]
}
