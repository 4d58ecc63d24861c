/**
 * The contract of a platform and of its host: scripts that the simulated one and the real one, on every runtime, must
 * answer with the same events. Without it, a proof by simulation would be about the simulation.
 *
 * It needs no test runner, because no runner works on all runtimes.
 */
import assert from "node:assert/strict"
import type { LogEntry } from "../../src/platform/log-entry.ts"
import type { Host, WorkerProcess, WorkerReport } from "../../src/platform/platform.ts"
import { planOf } from "../core/pool-in-steps.ts"
import { primarySettings } from "./primary-settings.ts"

/** What a worker does. */
export type Behaviour =
  "obeys" | "ignores stop" | "throws" | "exits with 3" | "never says hello" | "cannot be forked"

/** A host whose workers behave in one way. */
export interface World {
  readonly host: Host
  /** Lets time pass until a condition holds. */
  until(what: string, holds: () => boolean): Promise<void>
  signalWorker(process: WorkerProcess, signal: string): void
  /** Sends a signal to the process of the host. */
  signal(signal: string): void
  /** What the host printed to stderr. */
  printed(): string
  /** What the host showed to its observers. */
  observed(): readonly LogEntry[]
  end(): Promise<void>
}

/** A worker, and the reports about it. */
interface Running {
  readonly world: World
  readonly process: WorkerProcess
  readonly reports: WorkerReport[]
  /** The types of the reports so far. */
  types(): string[]
  untilReported(type: WorkerReport["type"]): Promise<void>
}

type Fork = (behaviour: Behaviour) => Running

/** Lets time pass. */
async function pass(world: World, ms: number): Promise<void> {
  const { clock } = world.host
  const before = clock.now()
  await world.until("a while", () => clock.now() > before + ms)
}

const plan = planOf({ timeout: 60_000 })
const worker = { slot: 1, incarnation: 1 }
const program = {
  plan,
  closeTimeoutMs: 500,
  run: () => {
    throw new Error("no database")
  },
  shutdown: () => undefined,
}

/** Holds one article against a kind of world. */
export async function hold(name: string, worldOf: (behaviour: Behaviour) => World): Promise<void> {
  const article = ofHost[name]
  if (article === undefined) return holdWithWorkers(name, worldOf)
  const world = worldOf("obeys")
  try {
    await article(world)
  } finally {
    await world.end()
  }
}

async function holdWithWorkers(
  name: string,
  worldOf: (behaviour: Behaviour) => World,
): Promise<void> {
  const running: Running[] = []
  try {
    await ofPlatform[name]?.((behaviour) => {
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
  world.host.prepare(primarySettings(plan))
  const process = world.host.fork(worker, program, (report) => reports.push(report))
  const types = (): string[] => reports.map(({ type }) => type)
  return {
    world,
    process,
    reports,
    types,
    untilReported: (type) => world.until(type, () => types().includes(type)),
  }
}

/** The articles about the platform, by their names. */
const ofPlatform: { readonly [name: string]: (fork: Fork) => Promise<void> } = {
  "fork() reports nothing before it has returned": async (fork) => {
    assert.deepEqual(fork("obeys").reports, [])
  },

  "a worker says hello, becomes ready once it was told to run, and ends with 0 when asked": async (
    fork,
  ) => {
    const { process, reports, types, untilReported, world } = fork("obeys")
    assert.ok((process.pid ?? 0) > 0)
    await untilReported("worker-said-hello")
    await pass(world, 150)
    assert.deepEqual(types(), ["worker-said-hello"])
    process.run(worker)
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
    stubborn.process.run(worker)
    await stubborn.untilReported("worker-became-ready")
    stubborn.process.stop("SIGTERM", "stop")
    stubborn.process.kill()
    await stubborn.untilReported("worker-exited")
    assert.deepEqual(stubborn.reports.at(-1), killed)
  },

  "an exit is reported once, with its code, and calls after it change nothing": async (fork) => {
    const { process, reports, types, untilReported, world } = fork("exits with 3")
    await untilReported("worker-said-hello")
    process.run(worker)
    await untilReported("worker-exited")
    assert.deepEqual(reports.at(-1), { type: "worker-exited", worker, code: 3, signal: null })
    process.run(worker)
    process.stop("SIGTERM", "stop")
    process.kill()
    await pass(world, 100)
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
    process.run(worker)
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
    const { clock } = world.host
    const woken: string[] = []
    clock.wakeAt(clock.now() - 5, () => woken.push("past"))
    const at = clock.now() + 20
    clock.wakeAt(at, () => woken.push(clock.now() >= at - 1 ? "in time" : "early"))
    clock.wakeAt(clock.now() + 10, () => woken.push("cancelled"))()
    assert.deepEqual(woken, [])
    await world.until("both", () => woken.length === 2)
    assert.deepEqual(woken, ["past", "in time"])
  },

  "onSignal() reports a signal to the process to each listener until it is removed": async (
    fork,
  ) => {
    const { world } = fork("obeys")
    const heard: string[] = []
    const first = world.host.onSignal("SIGWINCH", (signal) => heard.push(`first ${signal}`))
    const second = world.host.onSignal("SIGWINCH", (signal) => heard.push(`second ${signal}`))
    world.signal("SIGWINCH")
    await world.until("both reports", () => heard.length === 2)
    assert.deepEqual(heard.toSorted(), ["first SIGWINCH", "second SIGWINCH"])
    first()
    world.signal("SIGWINCH")
    await world.until("the third report", () => heard.length > 2)
    second()
    world.signal("SIGWINCH")
    await pass(world, 50)
    assert.deepEqual(heard.slice(2), ["second SIGWINCH"])
  },

  "onSignal() does not throw for a signal that does not exist": (fork) => {
    const { world } = fork("obeys")
    const off = world.host.onSignal("SIGNONE", () => undefined)
    off()
    return Promise.resolve()
  },
}

/** The articles about the host, by their names. */
const ofHost: { readonly [name: string]: (world: World) => Promise<void> | void } = {
  "a host that kamisama() may supervise on is a primary, and knows its cores": ({ host }) => {
    assert.equal(host.role, "primary")
    const { cores, seed, webConcurrency, cannotLeaveWorkers } = host.environment
    assert.ok(Number.isSafeInteger(cores()) && cores() >= 1)
    assert.ok(Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 32)
    for (const text of [webConcurrency, cannotLeaveWorkers]) {
      assert.ok(text === undefined || typeof text === "string")
    }
  },

  "a host knows its process": ({ host }) => {
    const { pid, runtime, worker, hasTerminal } = host.process
    assert.ok(Number.isSafeInteger(pid) && pid > 0)
    assert.match(runtime, /^[a-z]/)
    assert.equal(worker, undefined)
    assert.equal(typeof hasTerminal, "boolean")
  },

  "claim() throws if the host was claimed before": ({ host }) => {
    host.claim()
    assert.throws(() => host.claim(), /only once/)
    assert.throws(() => host.claim(), /only once/)
  },

  "work() throws in a process that is no worker": ({ host }) => {
    assert.throws(() => host.work(program), /\[BUG\]/)
  },

  "printError() writes text of several lines": ({ host, printed }) => {
    host.printError("[kamisama] one\ntwo")
    assert.match(printed(), /^\[kamisama\] one\ntwo$/m)
  },

  "observe() shows an entry as it is": ({ host, observed }) => {
    const entry: LogEntry = { kind: "event", event: { type: "started", at: 5 } }
    host.observe(entry)
    assert.deepEqual(observed(), [entry])
  },

  "finish() without an exit code leaves the process running, before and after a fork": async (
    world,
  ) => {
    const { host } = world
    host.finish(undefined)
    host.prepare(primarySettings(plan))
    host.finish(undefined)
    host.finish(undefined)
    await pass(world, 20)
  },
}

/** The articles of the contract, by their names. */
export const articles: { readonly [name: string]: unknown } = { ...ofPlatform, ...ofHost }
