/**
 * The metrics of many workers as those of one program: a pure reducer over what the workers report. What only grows is summed, and
 * what a worker had counted stays in the sum when it has ended, so that no sum goes back. What goes up and down counts while its
 * worker answers.
 */
import type { Family, Sample } from "./metrics.ts"

/** How the values of several workers become one. */
export type Aggregator = "sum" | "first" | "min" | "max" | "average" | "omit"

/** Samples of one kind, of one worker. */
export interface WorkerFamily extends Family {
  /** How gauges are put together. Default: their sum. */
  readonly aggregator?: Aggregator
}

/** What was reported so far. */
export interface Reports {
  /** The latest report of each worker that lives, by process id. */
  readonly living: ReadonlyMap<number, readonly WorkerFamily[]>
  /** What workers that have ended had counted, summed. */
  readonly ended: readonly WorkerFamily[]
}

/** So many series are kept. What comes after them is left out, and told of. */
export const mostSeries = 10_000

export const noReports: Reports = { living: new Map(), ended: [] }

/** A worker has reported. What it had counted and cannot tell any more, as while it stops, stays as it was. */
export function reported(
  { living, ended }: Reports,
  pid: number,
  families: readonly WorkerFamily[],
): Reports {
  const names = new Set(families.map(({ name }) => name))
  const missing = (living.get(pid) ?? []).filter(
    (family) => isCounting(family) && !names.has(family.name),
  )
  return { living: new Map(living).set(pid, [...families, ...missing]), ended }
}

/** A worker has ended: what it had counted stays. */
export function workerEnded(reports: Reports, pid: number): Reports {
  const last = reports.living.get(pid)
  if (last === undefined) return reports
  const living = new Map(reports.living)
  living.delete(pid)
  return { living, ended: summed([reports.ended, last.filter(isCounting)]).families }
}

/**
 * The metrics of all workers.
 *
 * @param answered the workers whose gauges count. What the others had counted is in the sums all the same.
 */
export function merged(
  { living, ended }: Reports,
  answered: ReadonlySet<number>,
): { readonly families: readonly Family[]; readonly dropped: number } {
  // What lives says what a metric is: another version may have made a gauge of a counter.
  return summed([...current(living, answered).map(([, families]) => families), ended])
}

/**
 * The metrics of each worker that lives, with its number as the label `worker`.
 *
 * @param numberOf the number of a worker, by its process id; undefined for one that has none any more.
 */
export function byWorker(
  { living }: Reports,
  answered: ReadonlySet<number>,
  numberOf: (pid: number) => number | undefined,
): { readonly families: readonly Family[]; readonly dropped: number } {
  const reports = current(living, answered).flatMap(([pid, families]) => {
    const number = numberOf(pid)
    return number === undefined ? [] : [labeled(families, { worker: String(number) })]
  })
  return summed(reports)
}

/** What counts now of what each worker has reported. */
function current(
  living: Reports["living"],
  answered: ReadonlySet<number>,
): readonly (readonly [number, readonly WorkerFamily[]])[] {
  return [...living].map(([pid, families]) => [
    pid,
    answered.has(pid) ? families : families.filter(isCounting),
  ])
}

function labeled(
  families: readonly WorkerFamily[],
  labels: Required<Sample>["labels"],
): readonly WorkerFamily[] {
  return families.map(({ aggregator = "sum", ...family }) => ({
    ...family,
    // What makes no sense for all of them together does for one.
    aggregator: aggregator === "omit" ? "sum" : aggregator,
    samples: family.samples.map((sample) => ({
      ...sample,
      labels: { ...sample.labels, ...labels },
    })),
  }))
}

/** Whether it only grows. */
function isCounting({ type }: Family): boolean {
  return type === "counter" || type === "histogram" || type === "summary"
}

/** A family in the making, with its samples by what distinguishes them. */
interface Merging {
  readonly family: WorkerFamily
  readonly samples: Map<string, { readonly sample: Sample; readonly values: number[] }>
}

function summed(all: readonly (readonly WorkerFamily[])[]): {
  readonly families: readonly WorkerFamily[]
  readonly dropped: number
} {
  const merging = new Map<string, Merging>()
  let series = 0
  let dropped = 0
  for (const family of all.flat()) {
    if (family.aggregator === "omit") continue
    const name = writtenName(family)
    const known = merging.get(name) ?? { family, samples: new Map() }
    // Two workers of different versions may not agree on what it is. The first one counts.
    if (known.family.type !== family.type) continue
    merging.set(name, known)
    for (const sample of family.samples) {
      // Quantiles of several workers say nothing about all of them.
      if (family.type === "summary" && sample.suffix === undefined) continue
      const key = keyOf(sample)
      const values = known.samples.get(key)?.values
      if (values !== undefined) values.push(sample.value)
      else if (series === mostSeries) dropped += 1
      else {
        series += 1
        known.samples.set(key, { sample, values: [sample.value] })
      }
    }
  }
  const families = [...merging.values()].map(({ family, samples }) => ({
    ...family,
    samples: [...samples.values()].map(({ sample, values }) => ({
      ...sample,
      value: together(isCounting(family) ? "sum" : (family.aggregator ?? "sum"), values),
    })),
  }))
  return { families, dropped }
}

/** A counter `jobs` and a gauge `jobs_total` would have one name. */
function writtenName({ name, type }: Family): string {
  return type === "counter" ? `${name}_total` : name
}

function keyOf({ suffix = "", labels = {} }: Sample): string {
  return JSON.stringify([suffix, ...Object.entries(labels).toSorted(byName)])
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1
}

function together(aggregator: Aggregator, values: readonly number[]): number {
  const [first = 0] = values
  switch (aggregator) {
    case "first":
      return first
    case "min":
      return values.reduce((least, value) => Math.min(least, value))
    case "max":
      return values.reduce((most, value) => Math.max(most, value))
    case "average":
      return values.reduce((sum, value) => sum + value, 0) / values.length
    default:
      return values.reduce((sum, value) => sum + value, 0)
  }
}
