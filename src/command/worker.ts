/**
 * Loaded before the script in each worker of the command. It calls `kamisama()` for the script, and holds the script back
 * until the worker is told to run.
 *
 * In any other process it does nothing: those that a worker forks get its flags, too.
 */
import { pathToFileURL } from "node:url"
import kamisama from "../index.ts"
import { runtime } from "../platform/node/runtime.ts"
import type { KamisamaOptions } from "../pool/options.ts"
import type { KamisamaConfig } from "../pool/define-config.ts"
import { takeOver } from "./handover.ts"

/** After an error of its own the script ends the process itself. This long after, it has not. */
const ownEndMs = 1_000

/** Tells the script the number of its worker. */
const idVariable = "KAMISAMA_ID"

const handover = takeOver()

if (handover !== undefined) {
  const { options, config } = handover
  const { shutdown, beforeRun } = config === undefined ? {} : await configAt(config)
  let begin = (): void => undefined
  const toldToRun = new Promise<void>((resolve) => (begin = resolve))
  const isPreloaded = runtime.preloadFlag !== undefined
  if (isPreloaded) process.execArgv.splice(-2)
  else leaveNoTrace()
  const script = pathToFileURL(process.argv[1] ?? "").href
  const all = { ...options, ...(shutdown !== undefined && { shutdown }) }
  kamisama({
    ...all,
    async run(id, context) {
      process.env[idVariable] = String(id)
      if (beforeRun !== undefined) await beforeRun(id, context)
      begin()
      return isPreloaded ? evaluated(script) : import(script)
    },
  } as KamisamaOptions)
  if (isPreloaded) await toldToRun
}

/** On Deno this module was started with the script as its first argument. */
function leaveNoTrace(): void {
  process.argv.splice(1, 1)
  const { Deno: deno } = globalThis as { readonly Deno?: object }
  if (deno !== undefined) Object.defineProperty(deno, "args", { value: process.argv.slice(2) })
}

async function configAt(path: string): Promise<KamisamaConfig> {
  const { default: config } = (await import(pathToFileURL(path).href)) as {
    default: KamisamaConfig
  }
  return config
}

/** Resolves once the script was evaluated. The runtime is about to load it, and reports its errors. */
function evaluated(script: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      // The very module that the runtime loads: it is evaluated once.
      import(script).then(resolve, (error: unknown) => {
        setTimeout(reject, ownEndMs, error)
      })
    })
  })
}
