/**
 * The options that a run has in the end, each with where it came from: a flag, an environment variable or the configuration
 * file, in this order.
 */
import { checkOptions, errorOf, type Fields, isRecord } from "../core/plan/checks.ts"
import { func, text } from "../core/plan/forms.ts"
import { aliases, elsewhere, optionTable } from "../core/plan/options.ts"
import type { KamisamaConfig } from "../pool/define-config.ts"
import { type Flag, optionFlags } from "./flags.ts"
import type { GivenFlag } from "./parse.ts"
import { UsageError } from "./usage-error.ts"
import { type Machine, valueOf } from "./values.ts"

/** A configuration, and the file that it is from. */
export interface LoadedConfig {
  readonly path: string
  readonly config: KamisamaConfig
}

export interface Settings {
  /** The options, without those that are code. */
  readonly options: { readonly [name: string]: unknown }
  /** Where each option came from, by the name that it has in the documentation, such as "recycle.maxMemory". */
  readonly origins: ReadonlyMap<string, string>
}

const { run: _run, platform: _platform, exit: _exit, ...shared } = optionTable

/** What a configuration may have. */
const configFields: Fields = {
  ...shared,
  beforeFork: func,
  beforeRun: func,
  script: text("the path of a script"),
}

/** @throws {UsageError} if a value is not one of its option. */
export function settingsFrom(
  given: readonly GivenFlag[],
  environment: { readonly [variable: string]: string | undefined },
  loaded: LoadedConfig | undefined,
  machine: Machine,
): Settings {
  const options: { [name: string]: unknown } = {}
  const origins = new Map<string, string>()

  function set({ path, kind }: Flag, value: unknown, origin: string): void {
    const [option = "", member] = path
    const before = options[option]
    origins.set(path.join("."), origin)
    if (kind === "signals")
      options[option] = { ...(isRecord(before) ? before : {}), ...Object(value) }
    else if (member === undefined) options[option] = value
    else options[option] = { ...(isRecord(before) ? before : {}), [member]: value }
  }

  if (loaded !== undefined) {
    checkConfig(loaded)
    for (const [name, value] of Object.entries(loaded.config)) {
      if (name === "script" || value === undefined) continue
      options[name] = value
      for (const part of partsOf(name, value)) origins.set(part, loaded.path)
    }
  }
  for (const flag of optionFlags) {
    const text = environment[flag.variable]
    if (text === undefined || text === "") continue
    for (const one of textsOf(flag, text))
      set(flag, valueOf(flag, one, flag.variable, machine), flag.variable)
  }
  for (const { flag, text } of given) {
    const source = `--${flag.name}`
    for (const one of textsOf(flag, text)) set(flag, valueOf(flag, one, source, machine), source)
  }
  return { options, origins }
}

/** What of an option has a flag of its own, and was given. */
function partsOf(name: string, value: unknown): readonly string[] {
  const members = optionFlags.flatMap(({ path: [option, member] }) =>
    option === name && member !== undefined ? member : [],
  )
  if (members.length === 0 || !isRecord(value)) return [name]
  return members
    .filter((member) => value[member] !== undefined)
    .map((member) => `${name}.${member}`)
}

/** Signals may be several, separated by commas. */
function textsOf({ kind }: Flag, text: string): readonly string[] {
  return kind === "signals" ? text.split(",") : [text]
}

/** @throws {UsageError} if the configuration has an unknown key or a wrong value. */
function checkConfig({ path, config }: LoadedConfig): void {
  const naming = { noun: "key", aliases, elsewhere }
  const error = errorOf(() => checkOptions(path, config, configFields, naming))
  if (error !== undefined) throw new UsageError(error.message)
}
