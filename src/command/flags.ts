/**
 * The flags of the command and their environment variables. They follow from the table of options, so that a new option has
 * both without a line here.
 */
import type { Form } from "../core/plan/checks.ts"
import { optionTable } from "../core/plan/options.ts"

export interface Flag {
  /** Its name without the hyphens, such as "max-memory". */
  readonly name: string
  /** A single letter that stands for it, too. */
  readonly short?: string
  /** The environment variable, such as "KAMISAMA_MAX_MEMORY". */
  readonly variable: string
  /** Where its value goes in the options, such as ["recycle", "maxMemory"]. */
  readonly path: readonly string[]
  /** What the value must be. */
  readonly form: Form
  /** A switch takes no value. A range is one such as 100ms..30s, an address is a port or host:port. Signals may be several. */
  readonly kind: "value" | "switch" | "range" | "signals" | "address"
}

/** Options that are code, or that the command sets itself. */
const withoutFlag: readonly string[] = ["run", "shutdown", "beforeFork", "exit", "platform"]

const shortNames: { readonly [name: string]: string } = { workers: "w" }

/** Every flag that stands for an option, in the order of the table. */
export const optionFlags: readonly Flag[] = Object.entries(optionTable)
  .filter(([name]) => !withoutFlag.includes(name))
  .flatMap(([name, form]) => flagsOf(name, form))

function flagsOf(option: string, form: Form): readonly Flag[] {
  if (option === "signals")
    return [{ ...flagAt([option], form), ...named("signal"), kind: "signals" }]
  const { fields } = form
  if (fields === undefined) return [flagAt([option], form)]
  if ("min" in fields && "max" in fields) return [{ ...flagAt([option], form), kind: "range" }]
  if ("port" in fields) return [{ ...flagAt([option], form), kind: "address" }]
  return Object.entries(fields).map(([member, inner]) => flagAt([option, member], inner))
}

function flagAt(path: readonly string[], form: Form): Flag {
  const name = (path.at(-1) ?? "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const short = shortNames[name]
  const kind = form.hasType(true) && !form.hasType("") ? "switch" : "value"
  return { ...named(name), ...(short !== undefined && { short }), path, form, kind }
}

function named(name: string): Pick<Flag, "name" | "variable"> {
  return { name, variable: `KAMISAMA_${name.toUpperCase().replaceAll("-", "_")}` }
}
