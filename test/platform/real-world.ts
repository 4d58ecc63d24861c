/** The real platform for the contract, on whatever runtime this is. */
import cluster from "node:cluster"
import { fileURLToPath } from "node:url"
import { nodePlatform } from "../../src/platform/node/index.ts"
import type { Behaviour, World } from "./contract.ts"

export function realWorld(behaviour: Behaviour): World {
  const exec = fileURLToPath(new URL("contract-worker.ts", import.meta.url))
  const platform = nodePlatform({ exec, args: [behaviour], execArgv: [] })
  if (behaviour === "cannot be forked") cluster.setupPrimary({ cwd: "/nowhere" })
  return {
    platform,
    async until(what, holds) {
      const deadline = performance.now() + 30_000
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`${what} did not come`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    signalWorker: ({ pid = 0 }, signal) => process.kill(pid, signal),
    end() {
      delete cluster.settings.cwd
      platform.finish(undefined)
      return Promise.resolve()
    },
  }
}
