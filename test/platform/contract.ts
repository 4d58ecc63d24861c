/**
 * The contract of a platform: scripts that the simulated one and the real one, on every runtime, must answer with the
 * same facts. Without it a proof by simulation would be about the simulation.
 *
 * It needs nothing of a test runner, as there is none that all runtimes have.
 */
import assert from "node:assert/strict"
import type { Platform, WorkerProcess, WorkerReport } from "../../src/platform/platform.ts"
import { planOf } from "../core/pool-in-steps.ts"

/** What a worker is to do. */
export type Behaviour =
  "obeys" | "ignores stop" | "throws" | "exits with 3" | "never says hello" | "cannot be forked"

/** A platform whose workers behave in one way. */
export interface World {
  readonly platform: Platform
  /** Lets time pass until something is the case. */
  until(what: string, holds: () => boolean): Promise<void>
  signalWorker(process: WorkerProcess, signal: string): void
  end(): Promise<void>
}

/** A worker, and what was reported of it. */
interface Running {
  readonly world: World
  readonly process: WorkerProcess
  readonly reports: WorkerReport[]
  /** The types of the reports so far. */
  types(): string[]
  untilReported(type: WorkerReport["type"]): Promise<void>
}

type Fork = (behaviour: Behaviour) => Running

const plan = planOf({ timeout: 60_000 })
const worker = { slot: 1, incarnation: 1 }
const program = {
  plan,
  run: () => {
    throw new Error("no database")
  },
  shutdown: () => undefined,
}

/** Holds one article against a kind of world. */
export async function hold(name: string, worldOf: (behaviour: Behaviour) => World): Promise<void> {
  const running: Running[] = []
  try {
    await articles[name]?.((behaviour) => {
      const one = fork(worldOf(behaviour))
      running.push(one)
      return one
    })
  } finally {
    for (const { process, types, world } of running) {
      process.kill()
      await world.until("its end", () =>
        types().some((type) => type === "worker-exited" || type === "fork-failed"),
      )
      await world.end()
    }
  }
}

function fork(world: World): Running {
  const reports: WorkerReport[] = []
  world.platform.prepare({ plan, scheduling: undefined })
  const process = world.platform.fork(worker, program, (report) => reports.push(report))
  const types = (): string[] => reports.map(({ type }) => type)
  return {
    world,
    process,
    reports,
    types,
    untilReported: (type) => world.until(type, () => types().includes(type)),
  }
}

/** The articles of the contract, by their names. */
export const articles: { readonly [name: string]: (fork: Fork) => Promise<void> } = {
  "fork() reports nothing before it has returned": async (fork) => {
    assert.deepEqual(fork("obeys").reports, [])
  },

  "a worker says hello, becomes ready once it was told to run, and ends with 0 when asked": async (
    fork,
  ) => {
    const { process, reports, types, untilReported, world } = fork("obeys")
    assert.ok((process.pid ?? 0) > 0)
    await untilReported("worker-said-hello")
    const before = world.platform.clock.now()
    await world.until("a while", () => world.platform.clock.now() > before + 150)
    assert.deepEqual(types(), ["worker-said-hello"])
    process.run()
    await untilReported("worker-became-ready")
    assert.deepEqual(types(), ["worker-said-hello", "worker-became-ready"])
    process.stop("SIGTERM", "stop")
    await untilReported("worker-exited")
    assert.deepEqual(reports.at(-1), { type: "worker-exited", worker, code: 0, signal: null })
  },

  "a worker that is asked to stop before it runs ends with 0": async (fork) => {
    const { process, reports, types, untilReported } = fork("obeys")
    await untilReported("worker-said-hello")
    process.stop("SIGINT", "stop")
    await untilReported("worker-exited")
    assert.deepEqual(reports.at(-1), { type: "worker-exited", worker, code: 0, signal: null })
    assert.deepEqual(types(), ["worker-said-hello", "worker-exited"])
  },

  "kill() ends a worker that has not said hello, and one that ignores a stop": async (fork) => {
    const killed = { type: "worker-exited", worker, code: null, signal: "SIGKILL" }
    const deaf = fork("never says hello")
    deaf.process.kill()
    await deaf.untilReported("worker-exited")
    assert.deepEqual(deaf.reports, [killed])
    const stubborn = fork("ignores stop")
    await stubborn.untilReported("worker-said-hello")
    stubborn.process.run()
    await stubborn.untilReported("worker-became-ready")
    stubborn.process.stop("SIGTERM", "stop")
    stubborn.process.kill()
    await stubborn.untilReported("worker-exited")
    assert.deepEqual(stubborn.reports.at(-1), killed)
  },

  "an exit is reported once, with its code, and calls after it change nothing": async (fork) => {
    const { process, reports, types, untilReported, world } = fork("exits with 3")
    await untilReported("worker-said-hello")
    process.run()
    await untilReported("worker-exited")
    assert.deepEqual(reports.at(-1), { type: "worker-exited", worker, code: 3, signal: null })
    process.run()
    process.stop("SIGTERM", "stop")
    process.kill()
    const before = world.platform.clock.now()
    await world.until("a while", () => world.platform.clock.now() > before + 100)
    assert.equal(types().filter((type) => type === "worker-exited").length, 1)
  },

  "a stop signal to a worker is reported, and ends nothing by itself": async (fork) => {
    const { process, types, untilReported, world } = fork("obeys")
    await untilReported("worker-said-hello")
    world.signalWorker(process, "SIGTERM")
    await untilReported("worker-was-signaled")
    assert.deepEqual(types(), ["worker-said-hello", "worker-was-signaled"])
  },

  "a stop signal ends a worker that has not said hello": async (fork) => {
    const { process, reports, untilReported, world } = fork("never says hello")
    world.signalWorker(process, "SIGTERM")
    await untilReported("worker-exited")
    assert.deepEqual(reports, [{ type: "worker-exited", worker, code: null, signal: "SIGTERM" }])
  },

  "a run that throws is reported with its error, then the exit with 1": async (fork) => {
    const { process, reports, types, untilReported } = fork("throws")
    await untilReported("worker-said-hello")
    process.run()
    await untilReported("worker-exited")
    assert.deepEqual(types(), ["worker-said-hello", "worker-failed", "worker-exited"])
    const [, failure, exit] = reports
    assert.ok(failure?.type === "worker-failed" && exit?.type === "worker-exited")
    assert.equal(failure.during, "run")
    assert.match(failure.error, /Error: no database\n +at /)
    assert.equal(exit.code, 1)
  },

  "a fork that fails is reported as that, once, and never throws": async (fork) => {
    const { process, reports, untilReported } = fork("cannot be forked")
    await untilReported("fork-failed")
    assert.equal(process.pid, undefined)
    const [failure] = reports
    assert.ok(failure?.type === "fork-failed" && reports.length === 1)
    assert.match(failure.error, /ENOENT|No such/)
    process.stop("SIGTERM", "stop")
    process.kill()
  },

  "the clock wakes up in a later turn, not before its time, unless it is cancelled": async (
    fork,
  ) => {
    const { world } = fork("obeys")
    const { clock } = world.platform
    const woken: string[] = []
    clock.wakeAt(clock.now() - 5, () => woken.push("past"))
    const at = clock.now() + 20
    clock.wakeAt(at, () => woken.push(clock.now() >= at - 1 ? "in time" : "early"))
    clock.wakeAt(clock.now() + 10, () => woken.push("cancelled"))()
    assert.deepEqual(woken, [])
    await world.until("both", () => woken.length === 2)
    assert.deepEqual(woken, ["past", "in time"])
  },
}
