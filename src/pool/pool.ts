/**
 * The primary's side of `kamisama()`: wires a supervised program to the handle, the log and the signals.
 */
import { describeReason } from "../core/describe.ts"
import type { Command } from "../core/command.ts"
import type { Event } from "../core/event.ts"
import { lintPlan } from "../core/lint/lint.ts"
import { check, errorOf, onBehalfOf } from "../core/plan/checks.ts"
import { positive, text } from "../core/plan/forms.ts"
import type { Plan } from "../core/plan/plan.ts"
import { hasBegun, isReady, isStopping } from "../core/state.ts"
import { occupiedSlot } from "../core/transition.ts"
import { errorText, messageOf } from "../worker/error-text.ts"
import type { Host } from "../platform/platform.ts"
import type { WorkerFailure } from "../worker/message.ts"
import type { WorkerProgram } from "../worker/program.ts"
import type { Outcome, Supervisor } from "./handle.ts"
import { Listeners } from "./listeners.ts"
import { loggerFor } from "./log.ts"
import { noticeOfFinding, noticeOfStart, noticesOf } from "./notices.ts"
import { checkWithPlan, defaultExit, defaultLog, type KamisamaOptions } from "./options.ts"
import { type Deferred, deferred, rejected, ReloadCalls, ScaleCalls } from "./pending-calls.ts"
import { RecycleCalls } from "./recycle-calls.ts"
import { reloadEndText } from "./lines.ts"
import { UpgradeCalls, whyNoUpgrade } from "./upgrade-calls.ts"
import { Roster } from "./roster.ts"
import { statusOf } from "./status.ts"
import { supervise, type Supervision } from "./supervise.ts"

/** The parts of a pool. */
interface Parts {
  readonly plan: Plan
  readonly platform: Host
  readonly supervision: Supervision
  readonly roster: Roster
  readonly listeners: Listeners
  readonly scaleCalls: ScaleCalls
  readonly reloadCalls: ReloadCalls
  readonly recycleCalls: RecycleCalls
  readonly upgradeCalls: UpgradeCalls
  readonly ready: Deferred<void>
  readonly done: Deferred<Outcome>
  /** Whether every worker has been ready once. */
  readonly wasReady: () => boolean
}

/**
 * Called before anything has happened in a pool. What it returns opens the pool to others, or rejects with the reason why it
 * cannot.
 */
export type Control = (
  pool: Supervisor,
  followRecording: Supervision["followRecording"],
) => () => Promise<void>

/** How long the end of the primary may take if its stop has used up its time. */
const leastExitMs = 100

/**
 * Starts a pool. Its first workers are forked in a later turn of the event loop, after `beforeFork`.
 *
 * @param control lets others observe and steer the pool, if anybody shall.
 */
export function startPool(
  options: KamisamaOptions,
  plan: Plan,
  program: WorkerProgram,
  platform: Host,
  control?: Control,
): Supervisor {
  const { clock } = platform
  checkWithPlan(options, plan)
  const { log = defaultLog, logFormat = "plain", exit = defaultExit } = options
  const { scheduling, stdin = false } = options
  const hasShutdown = program.shutdown !== undefined
  const logger = loggerFor(log, logFormat, platform, hasShutdown)
  const listeners = new Listeners(logger, platform)
  const roster = new Roster(plan, (incarnation) => supervision.pidOf(incarnation))
  const scaleCalls = new ScaleCalls()
  const reloadCalls = new ReloadCalls()
  const recycleCalls = new RecycleCalls()
  const upgradeCalls = new UpgradeCalls()
  const ready = deferred<void>()
  const done = deferred<Outcome>()
  const startedAt = clock.now()
  let wasReady = false
  let graceEndsAt = Infinity
  const supervision: Supervision = supervise(plan, program, platform, {
    observe: (entry) => platform.observe(entry),
    stepped,
    workerFailed,
  })
  const calls = { scaleCalls, reloadCalls, recycleCalls, upgradeCalls }
  const parts = { plan, platform, supervision, roster, listeners, ...calls }
  const pool = handleOf({ ...parts, ready, done, wasReady: () => wasReady })
  const openControl = control?.(pool, supervision.followRecording)
  const { control: path, metrics = false, health = false, notifyFd = false } = options
  // Who says where it is depends on it.
  const isControlNeeded =
    typeof path === "string" || [metrics, health, notifyFd].some((one) => one !== false)
  const isControlAwaited = isControlNeeded && platform.takeover === undefined

  function stepped(event: Event, commands: readonly Command[]): void {
    // A hundred workers send a hundred of these a second, and they change nothing here.
    if (event.type === "worker-sent-heartbeat" && commands.length === 0) return
    const { state } = supervision
    const at = clock.epochNow()
    roster.stepped(event, commands, state, at)
    reloadCalls.stepped(event, commands, (reason) => reloadEndText(reason, event, plan, roster))
    const input = {
      plan,
      roster,
      hasShutdown,
      printsErrors: logger.printsErrors,
      successor: supervision.successor,
    }
    for (const notice of noticesOf(event, commands, at, input)) listeners.emit(notice)
    roster.prune(state)
    if (!wasReady && isReady(state)) {
      wasReady = true
      const took = Math.round(clock.now() - startedAt)
      listeners.emit(noticeOfStart(plan, platform, pool.workers, at, took))
      ready.resolve()
      platform.takeover?.sayReady()
    }
    for (const command of commands) {
      // What stops the program is told to wait for this long: see docs/operate/containers.md.
      if (command.type === "announce-stop")
        graceEndsAt = event.at + plan.timeoutMs + plan.killReportMs
      if (command.type === "finish") finished(command.code, describeReason(command.reason))
    }
    scaleCalls.stepped(event, state)
    recycleCalls.stepped(state)
    upgradeCalls.stepped(commands, supervision.successor)
  }

  function workerFailed(failure: WorkerFailure): void {
    roster.workerFailed(failure)
    logger.failure(failure, supervision.pidOf(failure.worker.incarnation))
  }

  function finished(code: 0 | 1, reason: string): void {
    if (!wasReady) platform.takeover?.sayFailed(roster.lastError ?? reason)
    ready.reject(new Error(`the pool has ended before it was ready: ${reason}`))
    done.resolve({ code, reason })
    if (!exit) return platform.finish(undefined)
    const settled = listeners.settled()
    const now = clock.now()
    const exitAt = Math.max(now + leastExitMs, Math.min(now + plan.timeoutMs, graceEndsAt))
    const end = (): void => platform.finish(code, exitAt - clock.now())
    if (settled === undefined) return end()
    const overdue = deferred<void>()
    const cancel = clock.wakeAt(exitAt, overdue.resolve)
    void Promise.race([settled, overdue.promise]).then(cancel).then(end)
  }

  /** Reports the findings, also to listeners that were added after the call of `kamisama()`. */
  function reportFindings(): void {
    const { pid } = platform.process
    const { cores, signalFlags, limits } = platform.environment
    const findings = lintPlan(plan, options, { cores: cores(), pid, signalFlags, ...limits?.() })
    for (const finding of findings) listeners.emit(noticeOfFinding(finding, clock.epochNow()))
  }

  function begin(): void {
    // It may have been stopped meanwhile.
    if (supervision.state.phase !== "starting") return
    if (options.beforeFork === undefined && !isControlAwaited) {
      supervision.take({ type: "started" })
      // No worker waits for what follows. It happens while the first ones boot.
      reportFindings()
      return offerControl()
    }
    reportFindings()
    void prepared().then((isPrepared) => {
      supervision.take({ type: isPrepared ? "started" : "start-failed" })
      if (isPrepared && !isControlAwaited) offerControl()
    })
  }

  /** Does what must precede the first fork. @returns whether it could be done; why not is printed. */
  async function prepared(): Promise<boolean> {
    try {
      if (isControlAwaited) await openControl?.()
    } catch (error) {
      logger.always("error", messageOf(error))
      return false
    }
    try {
      await options.beforeFork?.(pool)
      return true
    } catch (error) {
      logger.always("error", `beforeFork failed: ${errorText(error)}`)
      return false
    }
  }

  /** Nobody has chosen where it is, so the pool goes on without it. */
  function offerControl(): void {
    // Another primary has it until its pool is handed over.
    if (platform.takeover !== undefined) return void platform.takeover.granted.then(openAtLast)
    openAtLast()
  }

  function openAtLast(): void {
    openControl?.().catch((error: unknown) => logger.always("warn", messageOf(error)))
  }

  const { killTree = true, compileCache = true, prefix = false } = options
  const workerOutput = logFormat === "json" ? "json" : prefix ? "prefix" : undefined
  platform.prepare({
    plan,
    scheduling,
    stdin,
    killTree,
    compileCache,
    logFormat,
    workerOutput,
  })
  clock.wakeAt(clock.now(), begin)
  return pool
}

function handleOf(parts: Parts): Supervisor {
  const { plan, platform, supervision, roster, listeners } = parts
  const { scaleCalls, reloadCalls, recycleCalls, upgradeCalls } = parts
  const pool: Supervisor = {
    isPrimary: true,
    get state() {
      const { state } = supervision
      if (isStopping(state)) return "stopping"
      return state.phase === "running" && !parts.wasReady() ? "starting" : state.phase
    },
    get workers() {
      return roster.list(supervision.state)
    },
    ready: parts.ready.promise,
    done: parts.done.promise,
    scale(target) {
      const error = errorOf(() => check("pool.scale", "target", positive, target))
      if (error !== undefined) return rejected(error)
      const settled = scaleCalls.add(target)
      supervision.take({ type: "scale-requested", target })
      return settled
    },
    reload() {
      const { state } = pool
      if (state === "starting") {
        const advice = "Await pool.ready first."
        return rejected(new Error(`pool.reload: the pool is not ready yet. ${advice}`))
      }
      if (state !== "running") return rejected(new Error("pool.reload: the pool is stopping"))
      const outcome = reloadCalls.add()
      supervision.take({ type: "reload-requested" })
      return outcome
    },
    upgrade() {
      const { state } = pool
      if (state === "starting") {
        return rejected(
          new Error("pool.upgrade: the pool is not ready yet. Await pool.ready first."),
        )
      }
      if (state !== "running") return rejected(new Error("pool.upgrade: the pool is stopping"))
      const why = whyNoUpgrade(platform)
      if (why !== undefined) return rejected(new Error(`pool.upgrade: not possible: ${why}`))
      const { successor } = supervision.state
      if (successor !== null && successor.phase !== "starting") {
        const text = "pool.upgrade: the new primary of the upgrade before has not ended yet"
        return rejected(new Error(text))
      }
      const outcome = upgradeCalls.add()
      supervision.take({ type: "upgrade-requested" })
      return outcome
    },
    recycle(id) {
      const error = errorOf(() => check("pool.recycle", "id", positive, id))
      if (error !== undefined) return rejected(error)
      const slot = occupiedSlot(supervision.state, id)
      if (slot === undefined || !hasBegun(slot.worker)) {
        return rejected(new Error(`pool.recycle: no worker ${id} runs. See pool.workers.`))
      }
      const outcome = recycleCalls.add(slot)
      const worker = { slot: id, incarnation: slot.worker.incarnation }
      supervision.take({ type: "worker-asked-for-replacement", worker })
      return outcome
    },
    stop(signal = "SIGTERM") {
      const error = errorOf(() => check("pool.stop", "signal", text("a string"), signal))
      if (error !== undefined) return rejected(error)
      supervision.take({ type: "stop-requested", signal })
      return parts.done.promise
    },
    on: (type, listener) => onBehalfOf(pool.on, () => listeners.add(type, listener)),
    status: () =>
      statusOf({
        plan,
        state: supervision.state,
        phase: pool.state,
        workers: pool.workers,
        spares: roster.spares(supervision.state),
        generation: reloadCalls.finished,
        clock: platform.clock,
        unhealthy: platform.unhealthy?.() ?? new Set(),
      }),
    recording: () => supervision.recording(),
  }
  return pool
}
