/**
 * The verb `check`: the options in use, each with where it came from, and what the option checks find.
 */
import { isRecord } from "../core/plan/checks.ts"
import { grouped } from "../core/plan/forms.ts"
import { optionTable } from "../core/plan/options.ts"
import type { Finding } from "../core/lint/finding.ts"
import { optionFlags } from "./flags.ts"
import type { Settings } from "./settings.ts"

/** The report, as lines. */
export function reportOf(
  { options, origins }: Settings,
  findings: readonly Finding[],
): readonly string[] {
  const rows = optionFlags.map(({ path }) => {
    const name = path.join(".")
    const [option = "", member] = path
    const given = options[option]
    const value = member === undefined ? given : isRecord(given) ? given[member] : given
    const origin = origins.get(name) ?? origins.get(option)
    return [
      name,
      value === undefined ? defaultOf(path) : shown(value),
      origin ?? "default",
    ] as const
  })
  const [first, second] = [0, 1].map((at) => Math.max(...rows.map((row) => (row[at] ?? "").length)))
  const table = rows.map(
    ([name, value, origin]) =>
      `${name.padEnd(first ?? 0)}  ${value.padEnd(second ?? 0)}  ${origin}`,
  )
  return [...table, ...findings.map(({ level, rule, text }) => `${level}: ${rule}: ${text}`)]
}

function defaultOf([option = "", member]: readonly string[]): string {
  const { otherwise, default: value } = optionTable[option] ?? {}
  if (member === undefined) return otherwise ?? shown(value)
  return isRecord(value) && value[member] !== undefined ? shown(value[member]) : "false"
}

function shown(value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? grouped(value) : String(value)
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value))
}
