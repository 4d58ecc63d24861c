/**
 * A finding of the option checks, and what a rule looks at to make one.
 */
import type { PlanOptions } from "../plan/options.ts"
import type { Plan } from "../plan/plan.ts"

/** Options that do not do what they seem to say. */
export interface Finding {
  /** The rule that has found it: see the option checks in the documentation. */
  readonly rule:
    | "respawn-limit-out-of-reach"
    | "respawn-limit-below-workers"
    | "respawn-without-brake"
    | "respawn-never"
    | "start-timeout-short"
    | "heartbeat-timeout-short"
    | "max-memory-small"
    | "max-age-short"
    | "max-requests-few"
    | "timeout-short"
    | "timeout-beyond-grace"
    | "grace-unreadable"
    | "sigterm-swallowed"
    | "no-stop-signal"
    | "workers-beyond-cores"
    | "signal-taken-twice"
    | "no-init"
    | "memory-beyond-limit"
  /** `"warn"`: wherever the program runs. `"info"`: depends on the environment, or may be intentional. */
  readonly level: "warn" | "info"
  /** The names of the options that it is about, whether they were given or are defaults. None if it is about none. */
  readonly options: readonly (keyof PlanOptions)[]
  /** What the options lead to, and what to do, in one line. */
  readonly text: string
}

/** What is known of the place where the program is to run. What is left out is not held against the options. */
export interface LintEnvironment {
  /** The number of cores that the program may use. It is also the default of `workers`. */
  readonly cores?: number | undefined
  /**
   * The time in ms from the stop of the program to its kill: terminationGracePeriodSeconds of Kubernetes, TimeoutStopSec
   * of systemd, the time of `docker stop`.
   */
  readonly grace?: number | undefined
  /** What `KAMISAMA_GRACE_SECONDS` says in place of a grace period, if it cannot be read as one. */
  readonly unreadableGrace?: string | undefined
  /** How much memory all processes of the program may use together, in bytes: the limit of its container. */
  readonly memory?: number | undefined
  /** How large the heap of one worker may grow, in bytes: the `heap_size_limit` of `node:v8`, with the flags of the workers. */
  readonly heap?: number | undefined
  /** The process id of the primary. It is 1 in a container that was started without an init. */
  readonly pid?: number | undefined
  /** The flags of the runtime that act on a signal, each with its signal: `{ "--heapsnapshot-signal": "SIGUSR2" }`. */
  readonly signalFlags?: { readonly [flag: string]: string } | undefined
}

/** Finds one thing that is wrong with the options; undefined if it is not. Never throws. */
export type Rule = (
  plan: Plan,
  given: PlanOptions,
  environment: LintEnvironment,
) => Finding | undefined
