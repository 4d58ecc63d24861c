/**
 * Reads the metrics that a program in a worker gives: what `prom-client` calls JSON, or the text format of Prometheus. Pure. What
 * cannot be read is left out, and said.
 */
import { isRecord } from "../core/plan/checks.ts"
import type { Family, Sample } from "./metrics.ts"
import { type Aggregator, mostSeries, type WorkerFamily } from "./merge.ts"

/** What could be read, and what was wrong with the rest. */
export interface ReadMetrics {
  readonly families: readonly WorkerFamily[]
  readonly problem?: string
}

type Labels = Required<Sample>["labels"]

const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const aggregators: readonly unknown[] = ["sum", "first", "min", "max", "average", "omit"]
const suffixes = ["_bucket", "_sum", "_count"]
/** Names that would say that the supervisor has measured it. */
const reserved = /^kamisama(_|$)/

/** A longer text is not read: the primary has other work. */
const mostCharacters = 4 * 2 ** 20

/** What a worker has given: a text, or a list of metrics. At most `mostSeries` series are read. */
export function readMetrics(given: unknown): ReadMetrics {
  if (typeof given === "string") return readText(given)
  if (!Array.isArray(given)) {
    return { families: [], problem: "they must be a text, or what getMetricsAsJSON() returns" }
  }
  const families: WorkerFamily[] = []
  let problem: string | undefined
  let series = 0
  for (const one of given) {
    const family = familyOf(one, mostSeries - series)
    if (typeof family === "string") problem ??= family
    else {
      series += family.samples.length
      families.push(family)
    }
    if (series >= mostSeries) {
      problem ??= `a worker may have ${mostSeries} series`
      break
    }
  }
  return problem === undefined ? { families } : { families, problem }
}

/** @param most how many series are read. @returns what is wrong with it, if anything is. */
function familyOf(given: unknown, most: number): WorkerFamily | string {
  if (!isRecord(given)) return "each must be an object with name, type and values"
  const { name, help, type, aggregator, values } = given
  const problem = wrongName(name)
  if (problem !== undefined) return problem
  if (!Array.isArray(values)) return `${String(name)} must have a list of values`
  const kind = typeOf(type)
  const base = kind === "counter" ? String(name).replace(/_total$/, "") : String(name)
  const samples = values
    .slice(0, most)
    .flatMap((value: unknown) => sampleOf(value, String(name)) ?? [])
  return {
    name: base,
    type: kind,
    help: typeof help === "string" ? help : "",
    samples,
    ...(aggregators.includes(aggregator) && { aggregator: aggregator as Aggregator }),
  }
}

function wrongName(name: unknown): string | undefined {
  if (typeof name !== "string" || !familyName.test(name)) {
    return `a name must consist of letters, digits, _ and :, got ${JSON.stringify(name)}`
  }
  return reserved.test(name) ? `${name} is a name of the pool's own metrics` : undefined
}

function typeOf(type: unknown): Family["type"] {
  switch (type) {
    case "counter":
    case "gauge":
    case "histogram":
    case "summary":
      return type
    default:
      return "unknown"
  }
}

function sampleOf(given: unknown, family: string): Sample | undefined {
  if (!isRecord(given)) return undefined
  const { value, labels = {}, metricName = family } = given
  if (typeof value !== "number" || !isRecord(labels) || typeof metricName !== "string") {
    return undefined
  }
  const suffix = suffixes.find((one) => metricName === family + one)
  const pairs = Object.entries(labels).flatMap(([name, text]) =>
    labelName.test(name) && isLabelText(text) ? [[name, String(text)] as const] : [],
  )
  return {
    ...(suffix !== undefined && { suffix }),
    ...(pairs.length > 0 && { labels: Object.fromEntries(pairs) }),
    value,
  }
}

/** Whether it has a text of its own, which no code of a program makes. */
function isLabelText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
}

/** The text format of Prometheus: comments with the help and the type of a family, and a line for each sample. */
function readText(text: string): ReadMetrics {
  if (text.length > mostCharacters) {
    return { families: [], problem: `a text may have ${mostCharacters} characters` }
  }
  const types = new Map<string, string>()
  const helps = new Map<string, string>()
  const samples = new Map<string, { metricName: string; labels: Labels; value: number }[]>()
  let problem: string | undefined
  for (const line of text.split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line)
    if (comment !== null) {
      const [, what, name = "", rest = ""] = comment
      ;(what === "TYPE" ? types : helps).set(name, rest)
      continue
    }
    if (line.trim() === "" || line.startsWith("#")) continue
    const sample = readSample(line)
    if (sample === undefined) {
      problem ??= `a line must be name{label="value"} number, got ${JSON.stringify(line.slice(0, 80))}`
      continue
    }
    const { metricName } = sample
    const family = familyOfSample(metricName, types)
    // OpenMetrics says when a counter began, which is of no use in a sum.
    if (metricName === `${family}_created`) continue
    const known = samples.get(family)
    if (known === undefined) samples.set(family, [sample])
    else known.push(sample)
  }
  const read = readMetrics(
    [...samples].map(([name, values]) => ({
      name,
      help: (helps.get(name) ?? "").replaceAll("\\n", "\n").replaceAll("\\\\", "\\"),
      type: types.get(name),
      values,
    })),
  )
  const first = problem ?? read.problem
  return first === undefined ? read : { families: read.families, problem: first }
}

/** The family of a sample: one of a histogram or a summary has a longer name, and so has a counter in OpenMetrics. */
function familyOfSample(metricName: string, types: ReadonlyMap<string, string>): string {
  if (types.has(metricName)) return metricName
  const suffix = [...suffixes, "_total", "_created"].find((one) => metricName.endsWith(one))
  const base = suffix === undefined ? metricName : metricName.slice(0, -suffix.length)
  return types.has(base) ? base : metricName
}

/**
 * A name, labels in braces or none, a number, and a time that is not needed. Character by character: no line takes longer than its
 * length, whatever stands in it.
 */
function readSample(
  line: string,
): { metricName: string; labels: Labels; value: number } | undefined {
  const name = /^[a-zA-Z_:][\w:]*/.exec(line)?.[0]
  if (name === undefined) return undefined
  let at = name.length
  const pairs: (readonly [string, string])[] = []
  if (line[at] === "{") {
    at = afterSpaces(line, at + 1)
    while (line[at] !== "}") {
      const pair = pairAt(line, at)
      if (pair === undefined) return undefined
      pairs.push([pair.name, pair.text])
      at = afterSpaces(line, pair.end)
      if (line[at] === ",") at = afterSpaces(line, at + 1)
      else if (line[at] !== "}") return undefined
    }
    at += 1
  }
  // What OpenMetrics says about an example follows after #.
  const rest = line.slice(at).split(" # ", 1)[0] ?? ""
  const [number = "", , surplus] = rest.trim().split(/\s+/, 3)
  const value = valueOf(number)
  if (value === undefined || surplus !== undefined || afterSpaces(line, at) === at) return undefined
  return { metricName: name, labels: Object.fromEntries(pairs), value }
}

/** A label and its text in quotes, and where they end. */
function pairAt(
  line: string,
  begin: number,
): { readonly name: string; readonly text: string; readonly end: number } | undefined {
  let at = begin
  while (/\w/.test(line[at] ?? "")) at += 1
  const name = line.slice(begin, at)
  at = afterSpaces(line, at)
  if (name === "" || line[at] !== "=") return undefined
  at = afterSpaces(line, at + 1)
  if (line[at] !== '"') return undefined
  let text = ""
  for (at += 1; at < line.length; at += 1) {
    const one = line[at] ?? ""
    if (one === '"') return { name, text, end: at + 1 }
    if (one === "\\") {
      at += 1
      const escaped = line[at] ?? ""
      text += escaped === "n" ? "\n" : escaped
    } else text += one
  }
  return undefined
}

function afterSpaces(line: string, begin: number): number {
  let at = begin
  while (line[at] === " " || line[at] === "\t") at += 1
  return at
}

function valueOf(text: string): number | undefined {
  if (text === "") return undefined
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity
  if (text === "NaN") return Number.NaN
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
