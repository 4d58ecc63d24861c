/** The real platform for the contract, on whatever runtime this is. */
import cluster from "node:cluster"
import diagnostics from "node:diagnostics_channel"
import { fileURLToPath } from "node:url"
import type { LogEntry } from "../../src/platform/log-entry.ts"
import { nodePlatform } from "../../src/platform/node/index.ts"
import type { Behaviour, World } from "./contract.ts"

export function realWorld(behaviour: Behaviour): World {
  const exec = fileURLToPath(new URL("contract-worker.ts", import.meta.url))
  const host = nodePlatform({ exec, args: [behaviour], execArgv: [] })
  if (behaviour === "cannot be forked") cluster.setupPrimary({ cwd: "/nowhere" })
  const entries: LogEntry[] = []
  const note = (entry: unknown): void => void entries.push(entry as LogEntry)
  diagnostics.subscribe("kamisama:log", note)
  let printed = ""
  const write = process.stderr.write
  process.stderr.write = (text: unknown): boolean => {
    printed += String(text)
    return true
  }
  return {
    host,
    async until(what, holds) {
      const deadline = performance.now() + 30_000
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`${what} did not come`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    signalWorker: ({ pid = 0 }, signal) => process.kill(pid, signal),
    signal: (signal) => process.kill(process.pid, signal),
    printed: () => printed,
    observed: () => entries,
    end() {
      delete cluster.settings.cwd
      host.finish(undefined)
      // The next world runs in the same process.
      Reflect.deleteProperty(globalThis, Symbol.for("kamisama.claimed"))
      diagnostics.unsubscribe("kamisama:log", note)
      process.stderr.write = write
      return Promise.resolve()
    },
  }
}
