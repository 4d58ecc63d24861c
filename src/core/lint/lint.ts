/**
 * Finds options that work against each other, or against what runs the program. Options that are invalid on their own are
 * refused by core/plan.
 *
 * The rules are in the other files of this directory, one file a subject. A finding is a warning if the options conflict
 * wherever they run. It is information if it depends on the environment, or may be intentional. A new option brings its
 * rules along: each is a function that returns undefined if all is well.
 */
import { checkOptions, type Fields, type Form, isRecord, onBehalfOf } from "../plan/checks.ts"
import { number, positive, text } from "../plan/forms.ts"
import type { PlanOptions } from "../plan/options.ts"
import { type Plan, planFrom } from "../plan/plan.ts"
import type { Finding, LintEnvironment, Rule } from "./finding.ts"
import {
  respawnLimitBelowWorkers,
  respawnLimitOutOfReach,
  respawnNever,
  respawnWithoutBrake,
} from "./respawns.ts"
import { maxAgeShort, maxMemorySmall, maxRequestsFew } from "./recycling.ts"
import { heartbeatTimeoutShort, startTimeoutShort, workersBeyondCores } from "./starts.ts"
import { memoryBeyondLimit, noInit, signalTakenTwice } from "./surroundings.ts"
import {
  graceUnreadable,
  noStopSignal,
  sigtermSwallowed,
  timeoutBeyondGrace,
  timeoutShort,
} from "./stops.ts"

const rules: readonly Rule[] = [
  workersBeyondCores,
  startTimeoutShort,
  heartbeatTimeoutShort,
  maxMemorySmall,
  maxAgeShort,
  maxRequestsFew,
  respawnLimitOutOfReach,
  respawnLimitBelowWorkers,
  respawnWithoutBrake,
  respawnNever,
  timeoutShort,
  timeoutBeyondGrace,
  graceUnreadable,
  sigtermSwallowed,
  noStopSignal,
  signalTakenTwice,
  noInit,
  memoryBeyondLimit,
]

const signalFlags: Form = {
  rule: `an object of flags with their signals, such as { "--heapsnapshot-signal": "SIGUSR2" }`,
  hasType: isRecord,
  fits: (value) => isRecord(value) && Object.values(value).every((one) => typeof one === "string"),
}

const environmentFields: Fields = {
  cores: number((value) => value >= 1, "a number, 1 or more"),
  grace: number((value) => value >= 0, "a number of milliseconds, 0 or more", "ms"),
  unreadableGrace: text("a text"),
  memory: number((value) => value > 0, "a number of bytes above 0", "bytes"),
  heap: number((value) => value > 0, "a number of bytes above 0", "bytes"),
  pid: positive,
  signalFlags,
}

/**
 * Finds options that work against each other. It has no side effects: use it in a test of your own options. A pool reports
 * the same findings when it starts, as far as it knows its environment.
 *
 * @param options the options of `kamisama()`.
 * @param environment the place where the program is to run, as far as it is known.
 * @returns the findings; none if all is well.
 * @throws {TypeError} if an option is unknown or has the wrong type.
 * @throws {RangeError} if an option breaks its rule.
 * @example
 * ```ts
 * import { lint } from "kamisama/core"
 *
 * const options = { workers: 2, timeout: 45_000, backoff: { min: 1_000 } }
 * for (const { rule, text } of lint(options, { cores: 2, grace: 30_000 })) console.log(`${rule}: ${text}`)
 * // respawn-limit-out-of-reach: with this backoff 2 workers restart at most 12 times within 60 s, …
 * // timeout-beyond-grace: timeout is 45 s, but …
 * ```
 */
export function lint(options: PlanOptions, environment: LintEnvironment = {}): readonly Finding[] {
  const plan = onBehalfOf(lint, () => {
    checkOptions("lint", environment, environmentFields)
    return planFrom(options, { cores: () => environment.cores ?? 1, seed: 0 })
  })
  return lintPlan(plan, options, environment)
}

/** The same for a plan, and the options that it was made from. Never throws. */
export function lintPlan(
  plan: Plan,
  given: PlanOptions,
  environment: LintEnvironment,
): readonly Finding[] {
  return rules.flatMap((rule) => rule(plan, given, environment) ?? [])
}
