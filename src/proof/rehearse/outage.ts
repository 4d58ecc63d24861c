/**
 * An outage, and what the workers of a rehearsal do in it and outside of it: the options, their defaults and their checks.
 */
import { check, checkOptions, wrong } from "../../core/plan/checks.ts"
import { number, positive, record, span } from "../../core/plan/forms.ts"

/** A time in which every worker soon crashes: a database that is away, a broken release. */
export interface Outage {
  /** When it begins, in ms from the start of the pool. Default: 60 000. */
  readonly from?: number | undefined
  /** When it ends, in ms from the start of the pool; Infinity: never. */
  readonly until: number
  /** How long a worker lives in it, in ms: from its `run`, or from the beginning of the outage if it ran before. */
  readonly crashAfter: number
}

/** How a rehearsal is made. */
export interface RehearseOptions {
  /** How many runs, each with jitter and delays of its own. Default: 100. */
  readonly runs?: number | undefined
  /** From the fork until a worker is told to run, in ms, plus or minus up to 20 %. Default: 500. */
  readonly boot?: number | undefined
  /** From its `run` until it is ready, in ms, plus or minus up to 20 %. Default: 100. */
  readonly ready?: number | undefined
  /** How long a run continues after the outage, in ms; from its beginning if it never ends. Default: 120 000. */
  readonly after?: number | undefined
}

/** With everything filled in. */
export interface Script {
  readonly from: number
  readonly until: number
  readonly crashAfter: number
  readonly runs: number
  readonly boot: number
  readonly ready: number
  readonly endAt: number
}

const outageFields = {
  from: span,
  until: {
    ...number((value) => value > 0, "a number of milliseconds, or Infinity", "ms"),
    isRequired: true,
  },
  crashAfter: { ...span, isRequired: true },
}

const optionFields = { runs: positive, boot: span, ready: span, after: span }

/** @throws {TypeError} if a name is unknown or a type is wrong. @throws {RangeError} if a figure breaks its rule. */
export function scriptOf(outage: Outage, options: RehearseOptions): Script {
  check("rehearse", "outage", record(outageFields, "{ until: 120_000, crashAfter: 2_000 }"), outage)
  checkOptions("rehearse", options, optionFields)
  const { from = 60_000, until, crashAfter } = outage
  const { runs = 100, boot = 500, ready = 100, after = 120_000 } = options
  if (until <= from) {
    throw wrong(
      RangeError,
      "rehearse",
      `"outage.until" must be more than outage.from (${from})`,
      until,
    )
  }
  const endAt = (until === Infinity ? from : until) + after
  return { from, until, crashAfter, runs, boot, ready, endAt }
}
