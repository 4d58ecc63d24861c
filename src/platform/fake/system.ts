/**
 * The simulated operating system: its processes, signals, channels and clock. What workers do is up to live-program.ts and
 * scripted-program.ts.
 */
import { describeExit, describeMs, slotName } from "../../core/describe.ts"
import type { WorkerRef } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { signalsFor } from "../../core/plan/signals.ts"
import type { WorkerProgram } from "../../worker/program.ts"
import { neverForked, type WorkerProcess, type WorkerReport } from "../platform.ts"
import type { LogEntry } from "../log-entry.ts"
import { checkCrash, checkFirst, checkPlatformOptions, checkSignal, checkSpan } from "./checks.ts"
import { globalClock, ownClock, Timers } from "./clock.ts"
import { FakeProcess, type FakeProgram, type FakeWorld } from "./process.ts"
import { arrivalOf, endsProcess } from "./signals.ts"
import type { FakePlatform, FakePlatformOptions, FakeWorker } from "./handle.ts"
import { liveProgram } from "./live-program.ts"
import { scriptedProgram } from "./scripted-program.ts"
import { scriptsFrom } from "./script.ts"
import { fakeSuccessor } from "./successor.ts"
import { type TranscriptEntry, transcriptOf } from "./transcript.ts"

const primaryPid = 1_000
const firstPid = 1_001

/** What the real host says on Windows. */
const onWindows = "on Windows"

/** What a simulation changes besides the options. */
export interface FakeOverrides {
  /** Runs code as that of a process. Default: like any other. */
  readonly within?: (process: FakeProcess, code: () => void) => void
  /** Called at each fork of a worker that runs the user's code. Default: nothing is wrong with it. */
  readonly forking?: (worker: WorkerRef) => {
    readonly forkError?: string
    readonly bootMs?: number
  }
  readonly died?: (process: FakeProcess, signal: string | null) => void
}

/** A simulated operating system, with what only a simulation needs of it. */
export interface FakeSystem {
  readonly os: FakePlatform
  /** The plan of the pool; undefined before `kamisama()` was called. */
  readonly plan: Plan | undefined
  /** When the primary does or learns something next, in ms; Infinity if it never does. */
  readonly nextAt: number
  readonly isPrimaryGone: boolean
  /** What the user's code in workers threw, in order. */
  readonly failures: readonly string[]
  /** The living processes, in the order of their forks. */
  readonly processes: ReadonlySet<FakeProcess>
  /** The log, with the notes. */
  readonly entries: readonly TranscriptEntry[]
  /** Adds a note about something that no log contains. */
  note(text: string): void
}

/** Creates a simulated operating system with overrides. @throws like `fakePlatform`. */
export function fakeSystem(options: FakePlatformOptions, overrides: FakeOverrides): FakeSystem {
  checkPlatformOptions(options)
  const { clock: given = "own", boot = 10, cores = 2, seed = 1, system = "posix" } = options
  const { cannotLeaveWorkers = system === "windows" ? onWindows : undefined } = options
  const scriptOf = options.workers && scriptsFrom(options.workers)
  const installed = given === "global" ? globalClock() : undefined
  const clock = installed?.clock ?? (given === "own" || given === "global" ? ownClock() : given)
  const startedAt = clock.performance.now()
  const primary = new Timers(clock)
  const reaper = new Timers(clock)
  const senders = new Timers(clock)
  const listeners = new Map<string, Set<(signal: string) => void>>()
  const living = new Set<FakeProcess>()
  const forksOfSlot = new Map<number, number>()
  const freePids: number[] = []
  const entries: TranscriptEntry[] = []
  const log: LogEntry[] = []
  const errors: string[] = []
  const failures: string[] = []
  let plan: Plan | undefined
  let nextPid = firstPid
  let exitCode: number | undefined
  let isClaimed = false
  let isPrimaryGone = false

  const now = (): number => clock.performance.now() - startedAt
  const printError = (text: string): void => void errors.push(text)
  const note = (text: string): void => void entries.push({ kind: "note", at: now(), text })

  function observe(entry: LogEntry): void {
    log.push(entry)
    entries.push(entry)
  }

  function worldOf(report: (report: WorkerReport) => void): FakeWorld {
    return {
      system,
      within: overrides.within ?? ((_process, code) => code()),
      failed(text) {
        failures.push(text)
        printError(text)
      },
      deliver(afterMs, what) {
        if (what.type === "worker-failed") failures.push(what.error)
        primary.after(afterMs, () => report(what))
      },
      hungUp({ worker }) {
        const [signal] = signalsFor(plan?.signals ?? {}, "stop")
        if (signal === undefined || isPrimaryGone) return
        report({ type: "worker-was-signaled", worker, signal })
      },
      died(process, code, signal) {
        living.delete(process)
        if (options.reusePids === true) freePids.push(process.pid)
        if (living.size === 0) reaper.cancelAll()
        overrides.died?.(process, signal)
        const { slot, incarnation } = process.worker
        if (isPrimaryGone) {
          note(`${slotName(slot)} (#${incarnation}) ${describeExit(code, signal)}`)
        }
      },
    }
  }

  function fork(
    worker: WorkerRef,
    program: WorkerProgram,
    report: (report: WorkerReport) => void,
  ): WorkerProcess {
    const world = worldOf(report)
    const nth = (forksOfSlot.get(worker.slot) ?? 0) + 1
    forksOfSlot.set(worker.slot, nth)
    const script = scriptOf?.({ id: worker.slot, incarnation: worker.incarnation, nth })
    const { forkError = script?.forkError, bootMs = boot } = overrides.forking?.(worker) ?? {}
    if (forkError !== undefined) {
      world.deliver(0, { type: "fork-failed", worker, error: forkError })
      return neverForked
    }
    const does: FakeProgram =
      script === undefined
        ? liveProgram(program, { now, printError, observe, bootMs })
        : scriptedProgram(script, program.plan)
    const pid = freePids.shift() ?? nextPid++
    const process = new FakeProcess(worker, pid, clock, does, script?.exitReportedAfter ?? 1, world)
    living.add(process)
    return process
  }

  /** The primary is dead: nothing is decided from now on, and the remaining workers have their timeout to exit. */
  function endPrimary(): void {
    isPrimaryGone = true
    primary.end()
    const left = [...living]
    // They are in a job object that ends with the primary, busy ones too.
    if (system === "windows") return left.forEach((process) => process.exit(1))
    if (left.length > 0 && cannotLeaveWorkers === undefined) {
      reaper.after(plan?.timeoutMs ?? 0, () => {
        for (const process of left) process.kill()
      })
    }
    for (const process of left) process.loseChannel()
  }

  function processOf(id: number): FakeProcess | undefined {
    return [...living].findLast((candidate) => candidate.worker.slot === id)
  }

  function livingProcessOf(caller: string, id: number): FakeProcess {
    const process = processOf(id)
    if (process !== undefined) return process
    const alive = [...living].map(({ worker }) => worker.slot).join(", ") || "none"
    throw new Error(`${caller}: worker ${id} is not alive. Alive: ${alive}.`)
  }

  function signal(name: string): void {
    checkSignal("os.signal", name)
    const arrival = arrivalOf(name, system)
    if (isPrimaryGone || arrival === "nothing") return
    const heard = listeners.get(name)
    const canBeHeard = name !== "SIGKILL" && arrival === "signal"
    if (canBeHeard && heard !== undefined && heard.size > 0) {
      for (const listener of heard) listener(name)
    } else if (endsProcess(name)) {
      note(`the primary was ended by ${name}`)
      endPrimary()
    }
  }

  function signalGroup(
    name: string,
    first: "primary" | "workers" = "primary",
    apart: number = 0,
  ): void {
    checkSignal("os.signalGroup", name)
    checkFirst(first)
    checkSpan("os.signalGroup", "apart", apart)
    const toWorkers = [...living].map((process) => () => process.receive(name))
    const toPrimary = (): void => signal(name)
    const sent = first === "primary" ? [toPrimary, ...toWorkers] : [...toWorkers, toPrimary]
    for (const [index, send] of sent.entries()) {
      const isLast = index === sent.length - 1
      // The reports of the workers are on their way by now, and arrive before what is sent in a later turn.
      const isLater = apart > 0 ? index > 0 : first === "workers" && isLast && index > 0
      if (isLater) senders.after(index * apart, send)
      else send()
    }
  }

  async function advance(ms: number): Promise<void> {
    checkSpan("os.advance", "ms", ms)
    await clock.tickAsync(ms)
  }

  const os: FakePlatform = {
    role: "primary",
    process: { pid: primaryPid, runtime: "a simulation", worker: undefined, hasTerminal: false },
    clock: {
      now,
      epochNow: () => clock.now,
      wakeAt(at, callback) {
        let cancel = primary.after(Math.max(0, at - now()), () => {
          // After a suspension, reports that came meanwhile are taken first.
          if (now() >= at + 1) cancel = primary.after(0, callback)
          else callback()
        })
        return () => cancel()
      },
    },
    environment: {
      webConcurrency: options.webConcurrency,
      cores: () => cores,
      seed,
      cannotLeaveWorkers,
    },
    claim() {
      if (isClaimed) {
        throw new Error(
          "kamisama: already called on this fake platform. It may be called only once.",
        )
      }
      isClaimed = true
    },
    unhealthy: () =>
      new Set([...living].filter(({ isHealthy }) => !isHealthy).map(({ pid }) => pid)),
    prepare: (settings) => void (plan = settings.plan),
    fork,
    startSuccessor: (report) => fakeSuccessor(options.successor ?? {}, nextPid++, primary, report),
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
      return [...living].map(seen)
    },
    worker(id) {
      const process = processOf(id)
      return process && seen(process)
    },
    get exitCode() {
      return exitCode
    },
    errors,
    log,
    get pendingTimers() {
      const all = [primary, reaper, senders, ...[...living].map(({ timers }) => timers)]
      return all.reduce((sum, { size }) => sum + size, 0)
    },
    advance,
    async advanceTo(at) {
      checkSpan("os.advanceTo", "at", at)
      if (at >= now()) return advance(at - now())
      throw new RangeError(`os.advanceTo: ${at} ms has passed, it is now ${now()} ms`)
    },
    async suspend(ms) {
      checkSpan("os.suspend", "ms", ms)
      note(`the machine is suspended for ${describeMs(ms)}`)
      clock.jump(ms)
      await advance(0)
    },
    signal,
    signalGroup,
    signalWorker(id, name) {
      checkSignal("os.signalWorker", name)
      livingProcessOf("os.signalWorker", id).receive(name)
    },
    crash(id, how = {}) {
      checkCrash(how)
      const { code = 1, signal: by } = how
      livingProcessOf("os.crash", id).exit(by === undefined ? code : null, by ?? null)
    },
    transcript: () => transcriptOf(entries),
    restore: () => installed?.uninstall(),
  }
  return {
    os,
    get plan() {
      return plan
    },
    get nextAt() {
      return primary.nextAt - startedAt
    },
    get isPrimaryGone() {
      return isPrimaryGone
    },
    failures,
    processes: living,
    entries,
    note,
  }
}

/** A snapshot: it does not change while a test holds it. */
function seen({ worker, pid, state, asked }: FakeProcess): FakeWorker {
  return { id: worker.slot, incarnation: worker.incarnation, pid, state, asked: [...asked] }
}
