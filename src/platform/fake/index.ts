/**
 * A simulated operating system for tests: supervise your own program on it, move the clock, send signals, crash workers,
 * and see what happens, without a single process and in no time.
 *
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { fakePlatform } from "kamisama/fake"
 *
 * const os = fakePlatform()
 * kamisama({ workers: 2, run: () => undefined, platform: os })
 * await os.advance(1_000)
 * os.signal("SIGTERM")
 * await os.advance(1_000)
 * console.log(os.exitCode, os.transcript())
 * ```
 *
 * @module
 */
import type { WorkerRef } from "../../core/event.ts"
import type { Plan } from "../../core/plan.ts"
import type { WorkerProgram } from "../../worker/program.ts"
import type { LogEntry, Platform, WorkerProcess, WorkerReport } from "../platform.ts"
import { type FakeClock, globalClock, ownClock, Timers } from "./fake-clock.ts"
import { FakeProcess, type FakeProcessState, type FakeProgram } from "./fake-process.ts"
import { liveProgram } from "./live-program.ts"
import { scriptedProgram } from "./scripted-program.ts"
import { scriptFor, type WorkerScripts } from "./script.ts"
import { transcriptOf } from "./transcript.ts"

export type { LogEntry, WorkerDeed } from "../platform.ts"
export type { FakeClock } from "./fake-clock.ts"
export type { ScriptedWorker, WorkerDeath, WorkerScript, WorkerScripts } from "./script.ts"

/** How a simulated operating system behaves. */
export interface FakePlatformOptions {
  /**
   * What the workers do, as plain data. Default: they run the `run` and `shutdown` given to `kamisama()`, within the
   * process of the test.
   */
  readonly workers?: WorkerScripts | undefined
  /**
   * The clock: "own" has no effect on anything else; with "global" the global timers, `Date` and `performance` follow it
   * until `restore()`; or a clock of @sinonjs/fake-timers that the test has already. Default: "own".
   */
  readonly clock?: "own" | "global" | FakeClock | undefined
  /** From the fork of a worker that runs your code until it reaches `kamisama()`, in ms. Default: 10. */
  readonly boot?: number | undefined
  /** How many cores there are. Default: 2. */
  readonly cores?: number | undefined
  /** The value of the environment variable WEB_CONCURRENCY. Default: unset. */
  readonly webConcurrency?: string | undefined
  /** What jitter is drawn from. Default: 1. */
  readonly seed?: number | undefined
  /** Whether the process id of a dead worker goes to the next one that is forked. Default: false. */
  readonly reusePids?: boolean | undefined
  /** Why nobody would end the workers that the primary leaves behind. Default: somebody does. */
  readonly cannotLeaveWorkers?: string | undefined
}

/** A worker of the simulation that lives. */
export interface FakeWorker {
  /** The number of its slot. */
  readonly id: number
  readonly incarnation: number
  readonly pid: number
  /** What it is by itself, which its primary may not know yet. */
  readonly state: FakeProcessState
}

/** A simulated operating system, and what a test can do with it. */
export interface FakePlatform extends Platform {
  /** The time since the beginning, in ms. */
  readonly now: number
  /** The workers that live, in the order of their forks. */
  readonly workers: readonly FakeWorker[]
  /** The exit code of the primary; undefined while it lives, and where the option `exit` is false. */
  readonly exitCode: number | undefined
  /** What was printed to stderr. */
  readonly errors: readonly string[]
  /** Every event and order, and what the workers did. */
  readonly log: readonly LogEntry[]
  /** How many timers of the simulation are pending: none when all is over. */
  readonly pendingTimers: number
  /** Lets time pass, and everything happen that is due until then. */
  advance(ms: number): Promise<void>
  /** Lets time pass as for a machine that is suspended: whatever is due is done late, when it wakes up. */
  suspend(ms: number): Promise<void>
  /** Sends a signal to the primary. SIGKILL kills it; its workers learn of it, and none outlives its timeout. */
  signal(signal: string): void
  /** Sends a signal to the primary and to every worker, as a terminal does, in that order or the other. */
  signalGroup(signal: string, first?: "primary" | "workers"): void
  /** Sends a signal to one worker alone. */
  signalWorker(id: number, signal: string): void
  /** Lets a worker die by itself. */
  crash(id: number, how?: { readonly code?: number; readonly signal?: string }): void
  /** What has happened, as text: each event with its time and, below it, the orders it led to with their reasons. */
  transcript(): string
  /** Gives the global timers back, with the clock "global". */
  restore(): void
}

const firstPid = 1_001

/**
 * Makes a simulated operating system. Each is good for one `kamisama()`.
 *
 * @throws {RangeError} where a script's figure cannot be meant, when the worker is forked.
 * @example
 * ```ts
 * const os = fakePlatform({ workers: { dies: { after: 2_000 } } })
 * kamisama({ run: () => undefined, platform: os })
 * await os.advance(600_000)
 * console.log(os.exitCode) // 1: it gave up
 * ```
 */
export function fakePlatform(options: FakePlatformOptions = {}): FakePlatform {
  const { workers: scripts, clock: given = "own", boot = 10, cores = 2, seed = 1 } = options
  const installed = given === "global" ? globalClock() : undefined
  const clock = installed?.clock ?? (given === "own" || given === "global" ? ownClock() : given)
  const startedAt = clock.performance.now()
  const primary = new Timers(clock)
  const sidecar = new Timers(clock)
  const listeners = new Map<string, Set<(signal: string) => void>>()
  const living = new Set<FakeProcess>()
  const forksOfSlot = new Map<number, number>()
  const freePids: number[] = []
  const log: LogEntry[] = []
  const errors: string[] = []
  let report: (report: WorkerReport) => void = () => undefined
  let plan: Plan | undefined
  let nextPid = firstPid
  let exitCode: number | undefined
  let isClaimed = false
  let isPrimaryGone = false

  const now = (): number => clock.performance.now() - startedAt
  const printError = (text: string): void => void errors.push(text)
  const observe = (entry: LogEntry): void => void log.push(entry)

  const world = {
    deliver(afterMs: number, what: WorkerReport): void {
      if (!isPrimaryGone) primary.after(afterMs, () => report(what))
    },
    died(process: FakeProcess): void {
      living.delete(process)
      if (options.reusePids === true) freePids.push(process.pid)
      if (living.size === 0) sidecar.cancelAll()
    },
  }

  function fork(
    worker: WorkerRef,
    program: WorkerProgram,
    tell: (report: WorkerReport) => void,
  ): WorkerProcess {
    report = tell
    const nth = (forksOfSlot.get(worker.slot) ?? 0) + 1
    forksOfSlot.set(worker.slot, nth)
    const ref = { id: worker.slot, incarnation: worker.incarnation, nth }
    const script = scripts === undefined ? undefined : scriptFor(scripts, ref)
    if (script?.forkError !== undefined) {
      world.deliver(0, { type: "fork-failed", worker, error: script.forkError })
      return neverForked
    }
    const does: FakeProgram =
      script === undefined
        ? liveProgram(worker, program, { now, printError, observe, bootMs: boot })
        : scriptedProgram(script, program.plan)
    const pid = freePids.shift() ?? nextPid++
    const process = new FakeProcess(worker, pid, clock, does, script?.exitReportedAfter ?? 1, world)
    living.add(process)
    return process
  }

  /** The primary is dead: nothing is decided any more, and what is left has its timeout to end. */
  function endPrimary(): void {
    if (isPrimaryGone) return
    isPrimaryGone = true
    primary.cancelAll()
    const left = [...living]
    if (left.length > 0) {
      sidecar.after(plan?.timeoutMs ?? 0, () => {
        for (const process of left) process.kill()
      })
    }
    for (const process of left) process.losePrimary()
  }

  function processOf(id: number): FakeProcess {
    const process = [...living].findLast((candidate) => candidate.worker.slot === id)
    if (process === undefined) throw new Error(`Cannot reach worker ${id} as it is not alive`)
    return process
  }

  function signal(name: string): void {
    if (isPrimaryGone) return
    const heard = listeners.get(name)
    if (heard !== undefined && heard.size > 0) {
      for (const listener of heard) listener(name)
    } else endPrimary()
  }

  return {
    role: "primary",
    clock: {
      now,
      epochNow: () => clock.now,
      wakeAt: (at, callback) => primary.after(Math.max(0, at - now()), callback),
    },
    surroundings: {
      webConcurrency: options.webConcurrency,
      cores: () => cores,
      seed,
      cannotLeaveWorkers: options.cannotLeaveWorkers,
    },
    claim() {
      if (isClaimed) {
        throw new Error("Cannot supervise as kamisama() may be called only once on a fake platform")
      }
      isClaimed = true
    },
    prepare: (settings) => void (plan = settings.plan),
    fork,
    onSignal(name, listener) {
      const ofSignal = listeners.get(name) ?? new Set()
      listeners.set(name, ofSignal.add(listener))
      return () => void ofSignal.delete(listener)
    },
    work() {
      throw new Error("[BUG] a fake platform is never a worker")
    },
    printError,
    observe,
    finish(code) {
      if (code === undefined) return
      exitCode = code
      endPrimary()
    },
    get now() {
      return now()
    },
    get workers() {
      return [...living].map(({ worker, pid, state }) => ({
        id: worker.slot,
        incarnation: worker.incarnation,
        pid,
        state,
      }))
    },
    get exitCode() {
      return exitCode
    },
    errors,
    log,
    get pendingTimers() {
      return clock.countTimers()
    },
    advance: async (ms) => void (await clock.tickAsync(ms)),
    async suspend(ms) {
      clock.jump(ms)
      await clock.tickAsync(0)
    },
    signal,
    signalGroup(name, first = "primary") {
      if (first === "primary") signal(name)
      for (const process of living) process.receive(name)
      if (first === "workers") signal(name)
    },
    signalWorker: (id, name) => processOf(id).receive(name),
    crash(id, { code = 1, signal: by } = {}) {
      processOf(id).exit(by === undefined ? code : null, by ?? null)
    },
    transcript: () => transcriptOf(log),
    restore: () => installed?.uninstall(),
  }
}

const neverForked: WorkerProcess = {
  pid: undefined,
  run: () => undefined,
  stop: () => undefined,
  kill: () => undefined,
}
