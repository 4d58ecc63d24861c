/**
 * Reads the metrics that a program in a worker gives: what `prom-client` calls JSON, or the text format of Prometheus. Pure. What
 * cannot be read is left out, and said.
 */
import { isRecord } from "../core/plan/checks.ts"
import type { Family, Sample } from "./metrics.ts"
import type { Aggregator, WorkerFamily } from "./merge.ts"

/** What could be read, and what was wrong with the rest. */
export interface ReadMetrics {
  readonly families: readonly WorkerFamily[]
  readonly problem?: string
}

type Labels = Required<Sample>["labels"]

const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const aggregators: readonly unknown[] = ["sum", "first", "min", "max", "average", "omit"]
/** A name, labels in braces or none, a number, and a time that is not needed. */
const sampleLine =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:\s*\w+\s*=\s*"(?:[^"\\]|\\.)*"\s*,?)*)\s*\})?\s+(\S+)(?:\s+\S+)?\s*$/
const suffixes = ["_bucket", "_sum", "_count"]
/** Names that would say that the supervisor has measured it. */
const reserved = /^kamisama(_|$)/

/** What a worker has given: a text, or a list of metrics. */
export function readMetrics(given: unknown): ReadMetrics {
  if (typeof given === "string") return readText(given)
  if (!Array.isArray(given)) {
    return { families: [], problem: "they must be a text, or what getMetricsAsJSON() returns" }
  }
  const families: WorkerFamily[] = []
  let problem: string | undefined
  for (const one of given) {
    const family = familyOf(one)
    if (typeof family === "string") problem ??= family
    else families.push(family)
  }
  return problem === undefined ? { families } : { families, problem }
}

/** @returns what is wrong with it, if anything is. */
function familyOf(given: unknown): WorkerFamily | string {
  if (!isRecord(given)) return "each must be an object with name, type and values"
  const { name, help, type, aggregator, values } = given
  const problem = wrongName(name)
  if (problem !== undefined) return problem
  if (!Array.isArray(values)) return `${String(name)} must have a list of values`
  const kind = typeOf(type)
  const base = kind === "counter" ? String(name).replace(/_total$/, "") : String(name)
  const samples = values.flatMap((value: unknown) => sampleOf(value, String(name)) ?? [])
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
  const pairs = Object.entries(labels)
    .filter(([name]) => labelName.test(name))
    .map(([name, text]) => [name, String(text)] as const)
  return {
    ...(suffix !== undefined && { suffix }),
    ...(pairs.length > 0 && { labels: Object.fromEntries(pairs) }),
    value,
  }
}

/** The text format of Prometheus: comments with the help and the type of a family, and a line for each sample. */
function readText(text: string): ReadMetrics {
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

/** The family of a sample: one of a histogram or a summary has a longer name. */
function familyOfSample(metricName: string, types: ReadonlyMap<string, string>): string {
  if (types.has(metricName)) return metricName
  const suffix = suffixes.find((one) => metricName.endsWith(one))
  const base = suffix === undefined ? metricName : metricName.slice(0, -suffix.length)
  return types.has(base) ? base : metricName
}

function readSample(
  line: string,
): { metricName: string; labels: Labels; value: number } | undefined {
  const parts = sampleLine.exec(line)
  if (parts === null) return undefined
  const [, metricName = "", pairs = "", number = ""] = parts
  const value = valueOf(number)
  if (value === undefined) return undefined
  const labels: { [name: string]: string } = {}
  for (const [, name = "", text = ""] of pairs.matchAll(/(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = text.replaceAll(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one))
  }
  return { metricName, labels, value }
}

function valueOf(text: string): number | undefined {
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity
  if (text === "NaN") return Number.NaN
  const value = Number(text)
  return Number.isNaN(value) ? undefined : value
}
