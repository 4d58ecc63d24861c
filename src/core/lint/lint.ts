/**
 * Which options work against each other, or against what runs the program: each rule finds one such thing and says what
 * will happen, and what to do.
 *
 * Decides which rules there are; what each finds stands beside its subject, in lint-starts.ts, lint-respawns.ts,
 * lint-recycling.ts and lint-stops.ts. A finding is a warning where the options contradict each other wherever they run, and information where
 * it depends on what cannot be seen from here, or may well be meant. Nothing is refused: options that make no sense at
 * all are refused in plan.ts. Who is told is decided by the driver.
 *
 * A new option brings its rules along: a function each, which says undefined where all is well.
 */
import type { Finding, LintEnvironment, Rule } from "./finding.ts"
import {
  respawnLimitBelowWorkers,
  respawnLimitOutOfReach,
  respawnNever,
  respawnWithoutBrake,
} from "./respawns.ts"
import { maxAgeShort, maxMemorySmall } from "./recycling.ts"
import { heartbeatTimeoutShort, startTimeoutShort, workersBeyondCores } from "./starts.ts"
import { noStopSignal, sigtermSwallowed, timeoutBeyondGrace, timeoutShort } from "./stops.ts"
import { check, checkNames } from "../plan/checks.ts"
import { checkOptions, type Plan, planFrom, type PlanOptions } from "../plan/plan.ts"

const rules: readonly Rule[] = [
  workersBeyondCores,
  startTimeoutShort,
  heartbeatTimeoutShort,
  maxMemorySmall,
  maxAgeShort,
  respawnLimitOutOfReach,
  respawnLimitBelowWorkers,
  respawnWithoutBrake,
  respawnNever,
  timeoutShort,
  timeoutBeyondGrace,
  sigtermSwallowed,
  noStopSignal,
]

/**
 * Looks for options that work against each other. Pure, and of no effect: made for a test of one's own options. At its
 * start a pool tells the same of itself, as far as it knows its environment.
 *
 * @param environment where the program is to run, as far as it is known.
 * @returns what was found; nothing, where all is well.
 * @throws {TypeError} where an option that supervision follows has the wrong type, or anything an unknown name.
 * @throws {RangeError} where its value cannot be meant.
 * @example
 * ```ts
 * import { lint } from "kamisama/core"
 *
 * const options = { workers: 2, timeout: 45_000, backoff: { min: 1_000 } }
 * for (const { rule, text } of lint(options, { cores: 2, grace: 30_000 })) console.log(`${rule}: ${text}`)
 * // respawn-limit-out-of-reach: the pool never gives up on a crash loop, …
 * // timeout-beyond-grace: a worker may take 45 s to stop, …
 * ```
 */
export function lint(options: PlanOptions, environment: LintEnvironment = {}): readonly Finding[] {
  checkOptions(options)
  checkNames("", { ...environment }, ["cores", "grace"], "lint")
  checkNumber("cores", environment.cores, 1)
  checkNumber("grace", environment.grace, 0)
  const plan = planFrom(options, { cores: () => environment.cores ?? 1, seed: 0 })
  return lintPlan(plan, options, environment)
}

function checkNumber(name: string, value: unknown, least: number): void {
  if (value === undefined) return
  const rule = `a number, ${least} or more`
  check(typeof value === "number", TypeError, name, rule, value)
  check(value >= least, RangeError, name, rule, value)
}

/** The same for a plan that was made already, and the options that it was made from. Never throws. */
export function lintPlan(
  plan: Plan,
  given: PlanOptions,
  environment: LintEnvironment,
): readonly Finding[] {
  return rules.flatMap((rule) => rule(plan, given, environment) ?? [])
}
