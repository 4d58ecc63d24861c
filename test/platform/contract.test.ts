/** Holds the contract of a platform and its host against the simulated one and the real one. */
import { describe, test } from "vitest"
import { fakePlatform, type WorkerScript } from "../../src/fake.ts"
import { articles, type Behaviour, hold, type World } from "./contract.ts"
import { realWorld } from "./real-world.ts"

const scripts: { readonly [behaviour in Exclude<Behaviour, "throws">]: WorkerScript } = {
  obeys: {},
  "ignores stop": { stop: "ignore" },
  "exits with 3": { dies: { after: 10, since: "run", code: 3 } },
  "never says hello": { boot: false },
  "cannot be forked": { forkError: "spawn ENOENT" },
}

function fakeWorld(behaviour: Behaviour): World {
  const os = fakePlatform(behaviour === "throws" ? {} : { workers: scripts[behaviour] })
  return {
    host: os,
    async until(what, holds) {
      for (let waited = 0; !holds(); waited += 1) {
        if (waited > 60_000) throw new Error(`${what} did not come`)
        await os.advance(1)
      }
    },
    signalWorker: (process, signal) => {
      const worker = os.workers.find(({ pid }) => pid === process.pid)
      if (worker !== undefined) os.signalWorker(worker.id, signal)
    },
    signal: (signal) => os.signal(signal),
    printed: () => os.errors.map((text) => `${text}\n`).join(""),
    observed: () => os.log,
    end: () => Promise.resolve(),
  }
}

describe.for([
  ["fake", fakeWorld],
  ["real", realWorld],
] as const)("the contract of the %s platform", ([, worldOf]) => {
  test.for(Object.keys(articles))("%s", (name) => hold(name, worldOf))
})
