/**
 * What your options make of an outage: many runs of it, each with jitter and delays of its own, and what they come to.
 * Decides how the runs are summed up.
 */
import { checkOptions, planFrom, type PlanOptions } from "../../core/plan/plan.ts"
import { type Outage, type RehearseOptions, scriptOf } from "./outage.ts"
import { runOnce } from "./run.ts"

/** The least, the middle and the most of all runs. */
export interface Spread {
  /** The least of all runs. */
  readonly least: number
  /** The middle one. */
  readonly median: number
  /** The most. */
  readonly most: number
}

/** What a rehearsal has shown. */
export interface Rehearsal {
  /** How many runs there were. */
  readonly runs: number
  /** In how many of them the pool gave up. */
  readonly gaveUp: number
  /** When it did, in ms from the start; undefined where it never did. */
  readonly gaveUpAt: Spread | undefined
  /** How often a worker was respawned. */
  readonly respawns: Spread
  /**
   * How many workers were ready at the worst moment: from when all were for the first time, or from the beginning of the
   * outage where that comes before.
   */
  readonly leastReady: Spread
  /** In how many runs all were ready again after the outage, and stayed so. The others gave up, or had too little time. */
  readonly recovered: number
  /** How long after the outage that was, in ms, in those runs; undefined where there are none. */
  readonly recoveredAfter: Spread | undefined
}

/**
 * Rehearses an outage.
 *
 * @param options what `kamisama()` gets; only what supervision follows is looked at. Without `workers` there are 2.
 * It takes longer the more workers there are: some 5 s for 100 runs of 64.
 *
 * @throws {TypeError} where an option has an unknown name, or the wrong type.
 * @throws {RangeError} where a value of the options, of the outage or of the rehearsal cannot be meant.
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
  checkOptions(options, "rehearse")
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
