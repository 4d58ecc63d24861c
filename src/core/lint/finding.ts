/**
 * What a rule of lint.ts says, and what it may look at. Decides nothing.
 */
import type { Plan, PlanOptions } from "../plan/plan.ts"

/** Options that will not do what they seem to say. */
export interface Finding {
  /** Which rule has found it; the rules stand in docs/lint.md. */
  readonly rule:
    | "respawn-limit-out-of-reach"
    | "respawn-limit-below-workers"
    | "respawn-without-brake"
    | "respawn-never"
    | "start-timeout-short"
    | "heartbeat-timeout-short"
    | "max-memory-small"
    | "max-age-short"
    | "timeout-short"
    | "timeout-beyond-grace"
    | "sigterm-swallowed"
    | "no-stop-signal"
    | "workers-beyond-cores"
  /** "warn": whatever the environment. "info": it depends on what cannot be seen from here, or may be meant. */
  readonly level: "warn" | "info"
  /** The names of the options that it is about, given or by default. */
  readonly options: readonly (keyof PlanOptions)[]
  /** What will happen, and what to do, in one line. */
  readonly text: string
}

/** What is known of where the program is to run. What is left out is unknown, and not held against the options. */
export interface LintEnvironment {
  /** How many cores there are to use. It is also how many workers there are where the options do not say. */
  readonly cores?: number | undefined
  /**
   * How long whoever stops the program waits before killing it, in ms: terminationGracePeriodSeconds of Kubernetes,
   * TimeoutStopSec of systemd, the time of `docker stop`.
   */
  readonly grace?: number | undefined
}

/** Finds one thing that is wrong with the options; undefined where it is not. Never throws. */
export type Rule = (
  plan: Plan,
  given: PlanOptions,
  environment: LintEnvironment,
) => Finding | undefined
