/**
 * What has happened in a pool so far, in numbers: a pure reducer over its notices. No number ever goes back, but for how many
 * processes live.
 */
import type { Reason } from "../core/command.ts"
import type { Notice } from "../core/notice.ts"

/** Why a worker was started. */
type ForkCause = "start" | "respawn" | "reload" | "recycle" | "scale"

/** How a worker has ended: as it was asked to, by a kill of the pool, by a signal, with an exit code, or with its work done. */
type ExitCause = "expected" | "killed" | "signal" | "crash" | "finished"

/** A number for each cause. */
export type Counts<Cause extends string> = { readonly [One in Cause]?: number }

/** How often something took at most so long, in seconds. */
export interface Histogram {
  /** For each of `bucketSeconds`, how often it took at most that long. */
  readonly buckets: readonly number[]
  readonly sum: number
  readonly count: number
}

/** What has happened so far. */
export interface Totals {
  readonly forks: Counts<ForkCause>
  readonly forksFailed: number
  readonly exits: Counts<ExitCause>
  readonly kills: Counts<Reason["rule"]>
  readonly reloads: Counts<"finished" | "aborted">
  readonly incidents: number
  /** When the latest one was reported, in ms since the epoch; 0 if there was none. */
  readonly incidentAt: number
  readonly gaveUp: number
  /** From the start of a worker until it was ready. */
  readonly starts: Histogram
  /** From the moment when a worker was asked to stop, or killed, to its exit. */
  readonly stops: Histogram
  /** From the beginning of a reload to its end, whether or not it was aborted. */
  readonly reloadTimes: Histogram
  /** The workers that live, by their serial number. */
  readonly living: { readonly [incarnation: number]: Living }
  /** When the running reload began, in ms since the epoch; null if none runs. */
  readonly reloadingSince: number | null
}

/** A worker that lives. */
interface Living {
  /** In ms since the epoch. */
  readonly startedAt: number
  readonly isKilled: boolean
}

/** The upper bounds of the buckets. The last one of all is infinite, and not among them. */
export const bucketSeconds: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

const noTimes: Histogram = { buckets: bucketSeconds.map(() => 0), sum: 0, count: 0 }

export const initialTotals: Totals = {
  forks: {},
  forksFailed: 0,
  exits: {},
  kills: {},
  reloads: {},
  incidents: 0,
  incidentAt: 0,
  gaveUp: 0,
  starts: noTimes,
  stops: noTimes,
  reloadTimes: noTimes,
  living: {},
  reloadingSince: null,
}

/** Takes in one notice. */
export function countNotice(totals: Totals, notice: Notice): Totals {
  const { living } = totals
  switch (notice.type) {
    case "fork": {
      const { incarnation, at, rule } = notice
      return {
        ...totals,
        forks: oneMore(totals.forks, causeOfFork(rule)),
        living: { ...living, [incarnation]: { startedAt: at, isKilled: false } },
      }
    }
    case "fork-failed": {
      const { [notice.incarnation]: _, ...others } = living
      return { ...totals, forksFailed: totals.forksFailed + 1, living: others }
    }
    case "ready": {
      const startedAt = living[notice.incarnation]?.startedAt
      if (startedAt === undefined) return totals
      return { ...totals, starts: withTime(totals.starts, notice.at - startedAt) }
    }
    case "kill": {
      const { incarnation, rule } = notice
      const killed = living[incarnation]
      return {
        ...totals,
        kills: oneMore(totals.kills, rule),
        ...(killed && { living: { ...living, [incarnation]: { ...killed, isKilled: true } } }),
      }
    }
    case "exit": {
      const { [notice.incarnation]: ended, ...others } = living
      const cause = causeOfExit(notice, ended?.isKilled === true)
      const stops = notice.took === null ? totals.stops : withTime(totals.stops, notice.took)
      return { ...totals, exits: oneMore(totals.exits, cause), stops, living: others }
    }
    case "reload": {
      const { phase, at } = notice
      if (phase === "started") return { ...totals, reloadingSince: at }
      return {
        ...totals,
        reloads: oneMore(totals.reloads, phase),
        reloadTimes: withTime(totals.reloadTimes, at - (totals.reloadingSince ?? at)),
        reloadingSince: null,
      }
    }
    case "incident":
      return { ...totals, incidents: totals.incidents + 1, incidentAt: notice.at }
    case "give-up":
      return { ...totals, gaveUp: totals.gaveUp + 1 }
    default:
      return totals
  }
}

function causeOfFork(rule: Reason["rule"]): ForkCause {
  switch (rule) {
    case "respawn":
    case "reload":
    case "start":
      return rule
    case "scale-up":
    case "restore":
      return "scale"
    default:
      return "recycle"
  }
}

function causeOfExit(
  { expected, code, signal }: Extract<Notice, { readonly type: "exit" }>,
  isKilled: boolean,
): ExitCause {
  if (isKilled) return "killed"
  if (expected && code === 0) return "expected"
  if (signal !== null) return "signal"
  return code === 0 ? "finished" : "crash"
}

function oneMore<Cause extends string>(counts: Counts<Cause>, cause: Cause): Counts<Cause> {
  return { ...counts, [cause]: (counts[cause] ?? 0) + 1 }
}

function withTime({ buckets, sum, count }: Histogram, ms: number): Histogram {
  // The wall clock may have been set back meanwhile.
  const seconds = Math.max(0, ms) / 1_000
  return {
    buckets: buckets.map(
      (number, index) => number + (seconds <= (bucketSeconds[index] ?? 0) ? 1 : 0),
    ),
    sum: sum + seconds,
    count: count + 1,
  }
}
