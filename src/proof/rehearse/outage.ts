/**
 * An outage, and what the workers of a rehearsal do in it and outside of it: the options, their defaults and their checks.
 */
import { checkNames, shown } from "../../core/plan/checks.ts"

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

/** @throws {RangeError} if a figure is out of range. @throws {TypeError} if a name is unknown. */
export function scriptOf(outage: Outage, options: RehearseOptions): Script {
  if (typeof outage !== "object" || outage === null) {
    throw new TypeError(
      `Cannot rehearse as "outage" must be an object with until and crashAfter: current value is ${shown(outage)}`,
    )
  }
  checkNames("outage.", { ...outage }, ["from", "until", "crashAfter"], "rehearse")
  checkNames("", { ...options }, ["runs", "boot", "ready", "after"], "rehearse")
  const { from = 60_000, until, crashAfter } = outage
  const { runs = 100, boot = 500, ready = 100, after = 120_000 } = options
  const figures = { "outage.from": from, "outage.crashAfter": crashAfter, boot, ready, after }
  for (const [name, value] of Object.entries(figures)) {
    const isDuration = typeof value === "number" && value >= 0 && value < Infinity
    check(isDuration, name, "a number of milliseconds, 0 or more", value)
  }
  const isLater = typeof until === "number" && until > from
  check(isLater, "outage.until", `a number, more than outage.from (${from})`, until)
  check(Number.isSafeInteger(runs) && runs >= 1, "runs", "a positive integer", runs)
  const endAt = (until === Infinity ? from : until) + after
  return { from, until, crashAfter, runs, boot, ready, endAt }
}

function check(isFine: boolean, name: string, rule: string, value: unknown): void {
  if (isFine) return
  throw new RangeError(
    `Cannot rehearse as "${name}" must be ${rule}: current value is ${shown(value)}`,
  )
}
