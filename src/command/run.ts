/**
 * The primary of the command: a pool whose workers run a script that knows nothing of it.
 *
 * Each worker is the script itself, started as by hand. Before it, the runtime loads worker.ts, which waits until the worker
 * is told to run. On Deno, worker.ts starts the script.
 */
import cluster, { type Address } from "node:cluster"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { logLine, oneLine } from "../core/log-line.ts"
import { signalsFrom } from "../core/plan/signals.ts"
import kamisama from "../index.ts"
import { isOfDatagrams } from "../platform/node/cluster-channel.ts"
import { writeError } from "../platform/node/output.ts"
import { runtime } from "../platform/node/runtime.ts"
import { isTakingOver } from "../platform/node/successor.ts"
import type { Supervisor } from "../pool/handle.ts"
import type { KamisamaOptions } from "../pool/options.ts"
import { defaultsFor } from "./defaults.ts"
import { optionFlags } from "./flags.ts"
import { handOver } from "./handover.ts"
import type { Arguments } from "./parse.ts"
import { scriptAt } from "./script.ts"
import type { LoadedConfig, Settings } from "./settings.ts"
import { messageOf } from "../worker/error-text.ts"
import { UsageError } from "./usage-error.ts"
import { missingOf, watchFolder } from "./watch.ts"
import { welcome } from "./welcome.ts"

/** The file that the workers load before the script: in the package it is beside this one. */
const workerUrl = new URL(
  import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js",
  import.meta.url,
)

/** @throws {UsageError} if there is no such script, or the options do not fit together. */
export function runScript(
  { script: given, args, runtimeFlags, watch }: Arguments,
  settings: Settings,
  loaded: LoadedConfig | undefined,
): void {
  const cwd = process.cwd()
  const script = scriptOf(given, loaded, cwd)
  const { shutdown, beforeFork, beforeRun, ...plain } = settings.options
  const options = { ...defaultsFor(watch !== undefined), ...plain }
  const hasCode = shutdown !== undefined || beforeRun !== undefined
  handOver({ options, config: hasCode ? loaded?.path : undefined })
  becomeScript(script, args, runtimeFlags)
  const code = {
    ...(shutdown !== undefined && { shutdown }),
    ...(beforeFork !== undefined && { beforeFork }),
  }
  const hasTakenOver = isTakingOver()
  const pool = start({ ...options, ...code, run: () => undefined })
  if (watch !== undefined) {
    for (const glob of missingOf(cwd, watch)) {
      writeError(logLine("warn", `--watch: there is no ${oneLine(glob)} in ${oneLine(cwd)}`))
    }
    watchFolder(cwd, watch, (file) => {
      writeError(logLine("info", `${file} has changed, reloading`))
      pool.reload().catch(() => undefined)
    })
  }
  const addresses = new Set<string>()
  const signals = signalsFrom(
    (settings.options["signals"] ?? {}) as KamisamaOptions["signals"] & object,
  )
  let isWelcomed = false
  cluster.on("listening", (_worker, address) => {
    const url = urlOf(address)
    if (url === undefined || addresses.has(url)) return
    addresses.add(url)
    // A script may listen long after it was loaded.
    if (isWelcomed) writeError(logLine("info", `listening on ${url}`))
  })
  if (process.stderr.isTTY !== true) return
  const misplaced = args.find((arg) =>
    optionFlags.some(
      ({ name, short }) => arg.split("=")[0] === `--${name}` || (short && arg === `-${short}`),
    ),
  )
  if (misplaced !== undefined) {
    const text = `${misplaced} goes to the script. If it is for kamisama, write it before the script`
    writeError(logLine("info", text))
  }
  pool.ready.then(
    () => {
      isWelcomed = true
      const workerPids = pool.status().workers.flatMap(({ pid }) => pid ?? [])
      const { pid } = process
      const isControlled = plain["control"] !== false
      const served = {
        addresses: [...addresses],
        pid,
        workerPids,
        signals,
        isControlled,
        hasTakenOver,
      }
      process.stderr.write(welcome(served))
    },
    () => undefined,
  )
}

/** Where a port is reached; undefined for a unix socket, and for a socket of UDP. */
function urlOf(listening: Address): string | undefined {
  const { address, port } = listening
  if (port <= 0 || isOfDatagrams(listening)) return undefined
  const isAny = address === null || address === "::" || address === "0.0.0.0"
  const host = isAny ? "localhost" : address.includes(":") ? `[${address}]` : address
  return `http://${host}:${port}`
}

/** Every option was checked, but for what they are together. */
function start(options: object): Supervisor {
  try {
    return kamisama(options as KamisamaOptions)
  } catch (error) {
    // What the pool says itself is for people. Anything else is a bug.
    const [, text] = /^kamisama: (.*)$/s.exec(messageOf(error)) ?? []
    if (text === undefined) throw error
    throw new UsageError(text)
  }
}

function scriptOf(
  given: string | undefined,
  loaded: LoadedConfig | undefined,
  cwd: string,
): string {
  if (given !== undefined) return scriptAt(given, cwd)
  const script = loaded?.config.script
  if (loaded !== undefined && script !== undefined) return scriptAt(script, dirname(loaded.path))
  throw new UsageError("which script? Write kamisama server.js, or see kamisama --help")
}

/** Makes the script that of this process, so that `kamisama()` forks it: the command has no part in the program. */
function becomeScript(
  script: string,
  args: readonly string[],
  runtimeFlags: readonly string[],
): void {
  const [program = process.execPath] = process.argv
  const worker = workerUrl.protocol === "file:" ? fileURLToPath(workerUrl) : workerUrl.href
  const { preloadFlag } = runtime
  const preload = preloadFlag === "--import" ? workerUrl.href : worker
  process.argv = [program, ...(preloadFlag === undefined ? [worker] : []), script, ...args]
  process.execArgv = [
    ...process.execArgv,
    ...runtimeFlags,
    ...(preloadFlag === undefined ? [] : [preloadFlag, preload]),
  ]
}
