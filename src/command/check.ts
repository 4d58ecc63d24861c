/**
 * The verb `check`: the options in use, each with where it came from, and what the option checks find.
 */
import { isRecord } from "../core/plan/checks.ts"
import { grouped } from "../core/plan/forms.ts"
import { optionTable } from "../core/plan/options.ts"
import { type SignalOptions, signalsFrom } from "../core/plan/signals.ts"
import type { Finding } from "../core/lint/finding.ts"
import { optionFlags } from "./flags.ts"
import type { Settings } from "./settings.ts"

/** A longer value makes its own row wider, but no other. */
const maxWidth = 30

/** What is known besides the options. */
export interface Known {
  /** The options that the command sets itself. */
  readonly defaults: { readonly [option: string]: unknown }
  /** The script, and where it is from. */
  readonly script: { readonly path: string; readonly origin: string } | undefined
}

/** The report, as lines. */
export function reportOf(
  { options, origins }: Settings,
  findings: readonly Finding[],
  { defaults, script }: Known,
): readonly string[] {
  const ofOptions = optionFlags.map(({ path }) => {
    const name = path.join(".")
    const [option = "", member] = path
    const given = memberOf(options[option], member)
    const value = name === "signals" ? signalsFrom((given ?? {}) as SignalOptions) : given
    const own = memberOf(defaults[option], member)
    const origin = origins.get(name) ?? origins.get(option)
    if (value === undefined && own !== undefined) return [name, shown(own), "command"] as const
    return [
      name,
      value === undefined ? defaultOf(path) : shown(value),
      origin ?? "default",
    ] as const
  })
  const ofScript =
    script === undefined ? [] : [["script", shown(script.path), script.origin] as const]
  const rows = [...ofScript, ...ofOptions]
  const table = rows.map(
    ([name, value, origin]) => `${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${origin}`,
  )
  function width(column: number): number {
    return Math.min(maxWidth, Math.max(...rows.map((row) => (row[column] ?? "").length)))
  }
  return [...table, ...findings.map(({ level, rule, text }) => `${level}: ${rule}: ${text}`)]
}

function memberOf(value: unknown, member: string | undefined): unknown {
  return member !== undefined && isRecord(value) ? value[member] : value
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
