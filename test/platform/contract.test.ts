/**
 * The contract of a platform, held against the simulated one and the real one: the same scripts, the same facts. Without
 * it a proof by simulation would be about the simulation.
 */
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, test } from "vitest"
import { fakePlatform, type WorkerScript } from "../../src/platform/fake/index.ts"
import { nodePlatform } from "../../src/platform/node/index.ts"
import type { Platform, WorkerProcess, WorkerReport } from "../../src/platform/platform.ts"
import { planOf } from "../core/pool-in-steps.ts"

type Behaviour =
  "obeys" | "ignores stop" | "throws" | "exits with 3" | "never says hello" | "cannot be forked"

interface World {
  readonly platform: Platform
  /** Lets time pass until something is the case. */
  until(what: string, holds: () => boolean): Promise<void>
  signalWorker(process: WorkerProcess, signal: string): void
  end(): Promise<void>
}

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
    platform: os,
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
    end: () => Promise.resolve(),
  }
}

function realWorld(behaviour: Behaviour): World {
  const exec = fileURLToPath(new URL("contract-worker.ts", import.meta.url))
  const platform = nodePlatform({ exec, args: [behaviour], execArgv: [] })
  const program = process.execPath
  if (behaviour === "cannot be forked") process.execPath = "/nowhere/node"
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
      process.execPath = program
      platform.finish(undefined)
      return Promise.resolve()
    },
  }
}

const plan = planOf({ timeout: 60_000 })
const worker = { slot: 1, incarnation: 1 }
const program = {
  plan,
  run: () => {
    throw new Error("no database")
  },
  shutdown: () => undefined,
}

let cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const clean of cleanUp) await clean()
  cleanUp = []
})

describe.for([
  ["fake", fakeWorld],
  ["real", realWorld],
] as const)("the contract of the %s platform", ([, worldOf]) => {
  interface Running {
    readonly world: World
    readonly process: WorkerProcess
    readonly reports: WorkerReport[]
    /** The types of the reports so far. */
    types(): string[]
    untilReported(type: WorkerReport["type"]): Promise<void>
  }

  function fork(behaviour: Behaviour): Running {
    const world = worldOf(behaviour)
    const reports: WorkerReport[] = []
    world.platform.prepare({ plan, scheduling: undefined })
    const process = world.platform.fork(worker, program, (report) => reports.push(report))
    const types = (): string[] => reports.map(({ type }) => type)
    cleanUp.push(async () => {
      process.kill()
      await world.until("its end", () => {
        const seen = types()
        return seen.includes("worker-exited") || seen.includes("fork-failed")
      })
      await world.end()
    })
    return {
      world,
      process,
      reports,
      types,
      untilReported: (type) => world.until(type, () => types().includes(type)),
    }
  }

  test("fork() reports nothing before it has returned", () => {
    expect(fork("obeys").reports).toEqual([])
  })

  test("a worker says hello, becomes ready once it was told to run, and ends with 0 when asked", async () => {
    const { process, reports, types, untilReported, world } = fork("obeys")
    expect(process.pid).toBeGreaterThan(0)
    await untilReported("worker-said-hello")
    const before = world.platform.clock.now()
    await world.until("a while", () => world.platform.clock.now() > before + 150)
    expect(types()).toEqual(["worker-said-hello"])
    process.run()
    await untilReported("worker-became-ready")
    expect(types()).toEqual(["worker-said-hello", "worker-became-ready"])
    process.stop("SIGTERM", "stop")
    await untilReported("worker-exited")
    expect(reports.at(-1)).toEqual({ type: "worker-exited", worker, code: 0, signal: null })
  })

  test("a worker that is asked to stop before it runs ends with 0", async () => {
    const { process, reports, types, untilReported } = fork("obeys")
    await untilReported("worker-said-hello")
    process.stop("SIGINT", "stop")
    await untilReported("worker-exited")
    expect(reports.at(-1)).toMatchObject({ code: 0, signal: null })
    expect(types()).toEqual(["worker-said-hello", "worker-exited"])
  })

  test("kill() ends a worker that has not said hello, and one that ignores a stop", async () => {
    const deaf = fork("never says hello")
    deaf.process.kill()
    await deaf.untilReported("worker-exited")
    expect(deaf.reports).toEqual([{ type: "worker-exited", worker, code: null, signal: "SIGKILL" }])
    const stubborn = fork("ignores stop")
    await stubborn.untilReported("worker-said-hello")
    stubborn.process.run()
    await stubborn.untilReported("worker-became-ready")
    stubborn.process.stop("SIGTERM", "stop")
    stubborn.process.kill()
    await stubborn.untilReported("worker-exited")
    expect(stubborn.reports.at(-1)).toMatchObject({ code: null, signal: "SIGKILL" })
  })

  test("an exit is reported once, with its code, and calls after it change nothing", async () => {
    const { process, reports, types, untilReported, world } = fork("exits with 3")
    await untilReported("worker-said-hello")
    process.run()
    await untilReported("worker-exited")
    expect(reports.at(-1)).toEqual({ type: "worker-exited", worker, code: 3, signal: null })
    process.run()
    process.stop("SIGTERM", "stop")
    process.kill()
    const before = world.platform.clock.now()
    await world.until("a while", () => world.platform.clock.now() > before + 100)
    expect(types().filter((type) => type === "worker-exited")).toHaveLength(1)
  })

  test("a stop signal to a worker is reported, and ends nothing by itself", async () => {
    const { process, types, untilReported, world } = fork("obeys")
    await untilReported("worker-said-hello")
    world.signalWorker(process, "SIGTERM")
    await untilReported("worker-was-signalled")
    expect(types()).toEqual(["worker-said-hello", "worker-was-signalled"])
  })

  test("a stop signal ends a worker that has not said hello", async () => {
    const { process, reports, untilReported, world } = fork("never says hello")
    world.signalWorker(process, "SIGTERM")
    await untilReported("worker-exited")
    expect(reports).toEqual([{ type: "worker-exited", worker, code: null, signal: "SIGTERM" }])
  })

  test("a run that throws is reported with its error, then the exit with 1", async () => {
    const { process, reports, types, untilReported } = fork("throws")
    await untilReported("worker-said-hello")
    process.run()
    await untilReported("worker-exited")
    expect(types()).toEqual(["worker-said-hello", "worker-failed", "worker-exited"])
    expect(reports[1]).toMatchObject({
      during: "run",
      error: expect.stringMatching(/^Error: no database\n +at /),
    })
    expect(reports[2]).toMatchObject({ code: 1 })
  })

  test("a fork that fails is reported as that, once, and never throws", async () => {
    const { process, reports, untilReported } = fork("cannot be forked")
    await untilReported("fork-failed")
    expect(process.pid).toBeUndefined()
    expect(reports).toEqual([
      { type: "fork-failed", worker, error: expect.stringContaining("ENOENT") },
    ])
    process.stop("SIGTERM", "stop")
    process.kill()
  })

  test("the clock wakes up in a later turn, not before its time, unless it is cancelled", async () => {
    const { world } = fork("obeys")
    const { clock } = world.platform
    const woken: string[] = []
    clock.wakeAt(clock.now() - 5, () => woken.push("past"))
    const at = clock.now() + 20
    clock.wakeAt(at, () => woken.push(clock.now() >= at - 1 ? "in time" : "early"))
    clock.wakeAt(clock.now() + 10, () => woken.push("cancelled"))()
    expect(woken).toEqual([])
    await world.until("both", () => woken.length === 2)
    expect(woken).toEqual(["past", "in time"])
  })
})
