/**
 * What your options make of an outage: many runs of it, each with jitter and delays of its own, and their figures.
 */
import type { PlanOptions } from "../../core/plan/options.ts"
import { planFrom } from "../../core/plan/plan.ts"
import { type Outage, type RehearseOptions, scriptOf } from "./outage.ts"
import { runOnce } from "./run.ts"

/** The least, the median and the most of all runs. */
export interface Spread {
  /** The least of all runs. */
  readonly least: number
  /** The median of all runs. */
  readonly median: number
  /** The most of all runs. */
  readonly most: number
}

/** What a rehearsal has shown. */
export interface Rehearsal {
  /** How many runs there were. */
  readonly runs: number
  /** In how many of them the pool gave up. */
  readonly gaveUp: number
  /** When it gave up, in ms from the start; undefined if it never did. */
  readonly gaveUpAt: Spread | undefined
  /** How often a worker was respawned. */
  readonly respawns: Spread
  /**
   * How many workers were ready at the worst moment, counted from when all were ready for the first time, or from the
   * beginning of the outage if that comes first.
   */
  readonly leastReady: Spread
  /** In how many runs all workers were ready again after the outage, and stayed so. The others gave up, or ran out of time. */
  readonly recovered: number
  /** How long after the outage that was, in ms; undefined if no run recovered. */
  readonly recoveredAfter: Spread | undefined
}

/**
 * Rehearses an outage (a game day in simulated time): it runs your options through it many times. 100 runs of 64 workers take
 * some 5 s.
 *
 * @param options the options of `kamisama()`; those that do not concern supervision are ignored. Default for `workers`: 2.
 *
 * @throws {TypeError} if an option has an unknown name or a wrong type.
 * @throws {RangeError} if a value of the options, of the outage or of the rehearsal is out of range.
 * @example
 * ```ts
 * import { rehearse } from "kamisama/fake"
 *
 * // From minute 1 to 6 every worker crashes 2 s after it has begun to run.
 * const { gaveUp, respawns, leastReady, recoveredAfter } = rehearse(
 *   { workers: 4, respawnLimit: 60 },
 *   { from: 60_000, until: 360_000, crashAfter: 2_000 },
 * )
 * console.log(gaveUp, respawns, leastReady, recoveredAfter)
 * ```
 */
export function rehearse(
  options: PlanOptions,
  outage: Outage,
  how: RehearseOptions = {},
): Rehearsal {
  const script = scriptOf(outage, how)
  const runs = Array.from({ length: script.runs }, (_, index) => {
    const seed = index + 1
    return runOnce(planFrom(options, { cores: () => 2, seed }), script, seed)
  })
  const gaveUpAt = runs.flatMap((run) => run.gaveUpAt ?? [])
  const recoveredAfter = runs.flatMap(({ recoveredAt }) =>
    recoveredAt === null ? [] : recoveredAt - script.until,
  )
  return {
    runs: runs.length,
    gaveUp: gaveUpAt.length,
    gaveUpAt: spread(gaveUpAt),
    respawns: spreadOf(runs.map((run) => run.respawns)),
    leastReady: spreadOf(runs.map((run) => run.leastReady)),
    recovered: recoveredAfter.length,
    recoveredAfter: spread(recoveredAfter),
  }
}

function spread(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : spreadOf(values)
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number): number => sorted[index] ?? 0
  return { least: at(0), median: at(sorted.length >> 1), most: at(sorted.length - 1) }
}
