/**
 * Writes metrics as text: in the format of Prometheus, or in that of OpenMetrics 1.0. Pure.
 */
import type { Family, Sample } from "./metrics.ts"

/** A format, and how HTTP calls it. */
export type MetricsFormat = "prometheus" | "openmetrics"

export const contentTypes: { readonly [Format in MetricsFormat]: string } = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
}

/** The format that a client asks for in its header `accept`. */
export function formatFor(accept: string | undefined): MetricsFormat {
  return accept?.includes("application/openmetrics-text") === true ? "openmetrics" : "prometheus"
}

/** The text, with a line break at its end. */
export function writeMetrics(families: readonly Family[], format: MetricsFormat): string {
  const lines = families.flatMap((family) => linesOf(family, format))
  const end = format === "openmetrics" ? ["# EOF"] : []
  return `${[...lines, ...end].join("\n")}\n`
}

/** What Prometheus calls what it calls otherwise, or does not know. */
const prometheusTypes: { readonly [Type in Family["type"]]?: string } = {
  info: "gauge",
  unknown: "untyped",
}

function linesOf({ name, type, help, samples }: Family, format: MetricsFormat): readonly string[] {
  if (samples.length === 0) return []
  const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : ""
  // Prometheus takes the name as it stands in the samples, and knows no info.
  const isOpen = format === "openmetrics"
  const family = isOpen ? name : name + suffix
  const kind = isOpen ? type : (prometheusTypes[type] ?? type)
  return [
    `# HELP ${family} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${family} ${kind}`,
    ...samples.map(
      (sample) => `${name}${sample.suffix ?? suffix}${labelsOf(sample)} ${numberOf(sample)}`,
    ),
  ]
}

function labelsOf({ labels = {} }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
}

function numberOf({ value }: Sample): string {
  if (value === Infinity) return "+Inf"
  return value === -Infinity ? "-Inf" : String(value)
}
