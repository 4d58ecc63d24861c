#!/usr/bin/env node
/**
 * The command `kamisama`: runs a script in a supervised pool of workers, without a line of code in it.
 */
import { oneLine } from "../core/log-line.ts"
import { lint } from "../core/lint/lint.ts"
import { usableCores } from "../platform/node/cores.ts"
import { version } from "../pool/version.ts"
import { type Known, reportOf } from "./check.ts"
import { completionFor } from "./completion.ts"
import { loadConfig } from "./config.ts"
import { defaultsFor } from "./defaults.ts"
import { helpText } from "./help.ts"
import { type Arguments, parseArguments } from "./parse.ts"
import { runScript } from "./run.ts"
import { type LoadedConfig, settingsFrom } from "./settings.ts"
import { UsageError } from "./usage-error.ts"

async function main(): Promise<void> {
  const given = parseArguments(process.argv.slice(2), isRuntimeFlag)
  if (given.version) return console.log(version)
  if (given.help || given.verb === "help") return console.log(helpText())
  if (given.verb === "completion") return console.log(completionFor(given.script))
  const loaded = await loadConfig(given.config, process.cwd())
  const settings = settingsFrom(given.flags, process.env, loaded, { cores: usableCores })
  if (given.verb === "run") return runScript(given, settings, loaded)
  const defaults = defaultsFor(given.watch !== undefined)
  const findings = lint({ ...defaults, ...settings.options }, { cores: usableCores() })
  const script = scriptFrom(given, loaded)
  for (const line of reportOf(settings, findings, { defaults, script })) console.log(line)
  if (findings.some(({ level }) => level === "warn")) process.exitCode = 1
}

/** The script that is run, and where it is from. */
function scriptFrom({ script }: Arguments, loaded: LoadedConfig | undefined): Known["script"] {
  if (script !== undefined) return { path: script, origin: "argument" }
  const path = loaded?.config.script
  return path === undefined ? undefined : { path, origin: loaded?.path ?? "" }
}

function isRuntimeFlag(name: string): boolean {
  return process.allowedNodeEnvironmentFlags.has(name)
}

main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error
  console.error(`kamisama: ${oneLine(error.message)}`)
  process.exitCode = 2
})
