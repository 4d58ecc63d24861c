/**
 * Reads the arguments of the command. Flags before the script are those of the command or of the runtime. What follows the
 * script belongs to it.
 */
import { parseArgs, type ParseArgsConfig } from "node:util"
import { type Flag, optionFlags } from "./flags.ts"
import { unknownFlag } from "./unknown-flag.ts"
import { UsageError } from "./usage-error.ts"

/** What the command can do. */
export const verbs = ["run", "check", "completion", "help"] as const

type Verb = (typeof verbs)[number]

/** A flag that was given, with its text. A switch that was turned off has the text "off". */
export interface GivenFlag {
  readonly flag: Flag
  readonly text: string
}

export interface Arguments {
  readonly verb: Verb
  readonly flags: readonly GivenFlag[]
  readonly config: string | undefined
  /** What is watched, as globs: none if it was given without a value. Undefined if nothing is watched. */
  readonly watch: readonly string[] | undefined
  readonly help: boolean
  readonly version: boolean
  /** Flags for the runtime of the workers. */
  readonly runtimeFlags: readonly string[]
  /** The script, or the shell of `completion`. */
  readonly script: string | undefined
  readonly args: readonly string[]
}

/** Flags of Node that take a value of their own, and that people give to a program. */
const runtimeFlagsWithValue: { readonly [name: string]: string | undefined } = {
  import: undefined,
  require: "r",
  "env-file": undefined,
  "env-file-if-exists": undefined,
  conditions: "C",
  "max-old-space-size": undefined,
  "max-semi-space-size": undefined,
  loader: undefined,
  "experimental-loader": undefined,
  "inspect-port": undefined,
  "stack-trace-limit": undefined,
}

const ownFlags = ["config", "watch", "help", "version"]

type Options = NonNullable<ParseArgsConfig["options"]>

/** The names and types of all flags, as `parseArgs` takes them. */
const parsed: Options = {
  ...Object.fromEntries(
    optionFlags.flatMap(({ name, short, kind }) => [
      [name, { type: kind === "switch" ? "boolean" : "string", ...(short && { short }) }],
      [`no-${name}`, { type: "boolean" }],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(runtimeFlagsWithValue).map(([name, short]) => [
      name,
      { type: "string", ...(short !== undefined && { short }) },
    ]),
  ),
  config: { type: "string" },
  watch: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as Options

interface Token {
  readonly kind: "option" | "positional" | "option-terminator"
  readonly index: number
  readonly name?: string
  readonly rawName?: string
  readonly value?: string | undefined
}

/** @throws {UsageError} if a flag is unknown or lacks its value. */
export function parseArguments(
  given: readonly string[],
  isRuntimeFlag: (name: string) => boolean,
): Arguments {
  const all = tokensOf(given)
  const [first, second] = all.filter(({ kind }) => kind === "positional")
  const named = verbs.find((verb) => verb === first?.value)
  const script = named === undefined ? first : second
  // Behind the script, everything is the script's.
  const ours = script === undefined ? given : given.slice(0, script.index)
  const flags: GivenFlag[] = []
  const runtimeFlags: string[] = []
  let config: string | undefined
  let watch: readonly string[] | undefined
  let help = false
  let version = false
  for (const { kind, name = "", rawName = "", value } of tokensOf(ours)) {
    if (kind !== "option") continue
    const flag = optionFlags.find((one) => one.name === name)
    const negated = optionFlags.find((one) => `no-${one.name}` === name)
    if (flag !== undefined) flags.push({ flag, text: textOf(flag, rawName, value) })
    else if (negated !== undefined) flags.push({ flag: negated, text: "off" })
    else if (name === "config") config = needed(rawName, value, "a file")
    else if (name === "watch") watch = value === undefined ? [] : globsIn(value)
    else if (name === "help") help = true
    else if (name === "version") version = true
    else if (name in runtimeFlagsWithValue) {
      runtimeFlags.push(`--${name}=${needed(rawName, value, "a value")}`)
    } else if (isRuntimeFlag(rawName)) {
      runtimeFlags.push(value === undefined ? rawName : `${rawName}=${value}`)
    } else {
      throw unknownFlag(rawName, [...optionFlags.map((one) => one.name), ...ownFlags])
    }
  }
  const verb = help && named === undefined && script === undefined ? "help" : (named ?? "run")
  const args = script === undefined ? [] : given.slice(script.index + 1)
  return { verb, flags, config, watch, help, version, runtimeFlags, script: script?.value, args }
}

/** The globs of a list. A comma within braces is part of its glob. */
function globsIn(list: string): readonly string[] {
  return list.match(/(?:\{[^}]*\}|[^,{]|\{)+/g) ?? []
}

function tokensOf(args: readonly string[]): readonly Token[] {
  const { tokens } = parseArgs({
    args: [...args],
    options: parsed,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  return tokens as readonly Token[]
}

function textOf({ kind }: Flag, rawName: string, value: string | undefined): string {
  return kind === "switch" ? (value ?? "on") : needed(rawName, value, "a value")
}

function needed(rawName: string, value: string | undefined, what: string): string {
  if (value !== undefined && value !== "") return value
  throw new UsageError(`${rawName} needs ${what}, such as ${rawName}=…`)
}
