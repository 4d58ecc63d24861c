#!/usr/bin/env node
/**
 * The command `kamisama`: runs a script in a supervised pool of workers, without a line of code in it. Observes and steers
 * pools that run.
 */
import { logLine, oneLine } from "../core/log-line.ts"
import { lint } from "../core/lint/lint.ts"
import type { PlanOptions } from "../core/plan/options.ts"
import { planFrom } from "../core/plan/plan.ts"
import { writeError } from "../platform/node/output.ts"
import { sayWhyNoTakeover } from "../platform/node/successor.ts"
import { usableCores } from "../platform/node/cores.ts"
import { graceVariable, limits } from "../platform/node/limits.ts"
import { version } from "../pool/version.ts"
import { type Known, reportOf } from "./check.ts"
import { completionFor } from "./completion.ts"
import { loadConfig } from "./config.ts"
import { defaultsFor } from "./defaults.ts"
import { environmentWith, misspelledVariables } from "./environment.ts"
import { checkHelp, helpText } from "./help.ts"
import { readCalled } from "./operate/arguments.ts"
import { pathInside } from "./init/inside.ts"
import { installationOf } from "./init/figures.ts"
import { initHelp, writerFor } from "./init/init.ts"
import { helpOf, operatingVerbs } from "./operate/verbs.ts"
import { type Arguments, parseArguments } from "./parse.ts"
import { runScript } from "./run.ts"
import { scriptAt } from "./script.ts"
import { type LoadedConfig, settingsFrom } from "./settings.ts"
import { Failure, UsageError } from "./usage-error.ts"

async function main(): Promise<void> {
  const [first = "", ...others] = process.argv.slice(2)
  if (Object.hasOwn(operatingVerbs, first)) {
    if (others.includes("--help")) return console.log(helpOf(first))
    // Whoever reads has seen enough, such as head.
    process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
      process.exit(code === "EPIPE" ? 0 : 1)
    })
    const called = readCalled(others, Object.keys(operatingVerbs[first]?.flags ?? {}))
    process.exitCode = await operatingVerbs[first]?.run(called)
    return
  }
  if (first === "init") return printInstallation(others)
  const given = parseArguments(process.argv.slice(2), isRuntimeFlag)
  if (given.version) return console.log(version)
  if (given.help && given.verb === "check") return console.log(checkHelp())
  if (given.help || given.verb === "help") return console.log(helpText())
  if (given.verb === "completion") return console.log(completionFor(given.script))
  const loaded = await loadConfig(given.config, process.cwd())
  const environment = environmentWith(given.runtimeFlags, process.env)
  const settings = settingsFrom(given.flags, environment, loaded, { cores: usableCores })
  // The pool reads them from there.
  for (const name of ["WEB_CONCURRENCY", graceVariable]) {
    if (environment[name] !== undefined) process.env[name] = environment[name]
  }
  for (const line of misspelledVariables(environment)) writeError(logLine("warn", line))
  if (given.verb === "run") return runScript(given, settings, loaded)
  const defaults = defaultsFor(given.watch !== undefined)
  const { beforeRun: _code, ...options } = settings.options
  const workerFlags = [...process.execArgv, ...given.runtimeFlags]
  const findings = lint(
    { ...defaults, ...options },
    { cores: usableCores(), ...limits(workerFlags) },
  )
  const script = scriptFrom(given, loaded)
  for (const line of reportOf(settings, findings, { defaults, script })) console.log(line)
  if (findings.some(({ level }) => level === "warn")) process.exitCode = 1
}

/** What is printed depends on nothing but flags and the configuration: a variable of this shell is not one of the service. */
async function printInstallation([kind, ...others]: readonly string[]): Promise<void> {
  if ([kind, ...others].includes("--help")) return console.log(initHelp())
  const write = writerFor(kind)
  const given = parseArguments(others, isRuntimeFlag)
  const loaded = await loadConfig(given.config, process.cwd())
  const { options } = settingsFrom(given.flags, {}, loaded, { cores: usableCores })
  const script = given.script ?? loaded?.config.script
  if (script === undefined) throw new UsageError(`init ${kind} needs the script that is to run`)
  const folder = process.cwd()
  const path = scriptAt(script, folder)
  if (kind?.startsWith("systemd") !== true && loaded !== undefined) {
    pathInside(folder, loaded.path, "the configuration")
  }
  const { args } = given
  const flags = others.slice(0, others.length - args.length - (given.script === undefined ? 0 : 1))
  const plan = planFrom(options as PlanOptions, { cores: usableCores, seed: 0 })
  process.stdout.write(
    write(
      installationOf(plan, options, {
        flags,
        script: pathInside(folder, path, "the script"),
        args,
      }),
    ),
  )
}

/** The script that is run, and where it is from. */
function scriptFrom({ script }: Arguments, loaded: LoadedConfig | undefined): Known["script"] {
  if (script !== undefined) {
    return { path: scriptAt(script, process.cwd()), origin: "argument" }
  }
  const path = loaded?.config.script
  return path === undefined ? undefined : { path, origin: loaded?.path ?? "" }
}

function isRuntimeFlag(name: string): boolean {
  return process.allowedNodeEnvironmentFlags.has(name)
}

main().catch((error: unknown) => {
  if (!(error instanceof UsageError || error instanceof Failure)) throw error
  sayWhyNoTakeover(error.message)
  console.error(`kamisama: ${oneLine(error.message)}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
