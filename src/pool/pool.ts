/**
 * The primary's side of `kamisama()`: the promises and notices around a supervised program.
 *
 * Decides when a promise of the handle is kept, and who hears of what. Everything about the workers themselves is
 * decided in the core, which is driven by supervise.ts.
 */
import { describeReason } from "../core/describe.ts"
import type { Command } from "../core/command.ts"
import type { Event } from "../core/event.ts"
import { lintPlan } from "../core/lint/lint.ts"
import { check, shown } from "../core/plan/checks.ts"
import type { Plan } from "../core/plan/plan.ts"
import { isReady, isSettled } from "../core/state.ts"
import { suggestion } from "../core/plan/suggestion.ts"
import { errorText } from "../worker/error-text.ts"
import { loggerFor } from "./log.ts"
import { type Notice, noticeOfFinding, noticesOf, noticeTypes } from "../core/notice.ts"
import { defaultLog, type KamisamaOptions } from "./options.ts"
import type { Host } from "../platform/platform.ts"
import type { WorkerFailure } from "../worker/message.ts"
import { ReloadCalls } from "./pending-calls.ts"
import { createRoster } from "./roster.ts"
import { statusOf } from "./status.ts"
import { supervise, type Supervision } from "./supervise.ts"
import type { Outcome, ReloadOutcome, Supervisor } from "./handle.ts"
import type { WorkerProgram } from "../worker/program.ts"

type Listener = (notice: Notice) => unknown

interface Scaling {
  readonly target: number
  /** Whether the request has reached the core: one made by a listener waits for its turn. */
  isTaken: boolean
  resolve(): void
  reject(error: Error): void
}

/** Starts a pool. Its first workers are forked in a later turn of the event loop, after `beforeFork`. */
export function startPool(
  options: KamisamaOptions,
  plan: Plan,
  program: WorkerProgram,
  platform: Host,
): Supervisor {
  const { log = defaultLog, exit = true, scheduling } = options
  const listeners = new Map<Notice["type"], Set<Listener>>()
  const logger = loggerFor(log, (text) => platform.printError(text))
  const ready = deferred<void>()
  const done = deferred<Outcome>()
  const reloadCalls = new ReloadCalls()
  let scalings: Scaling[] = []
  let wasReady = false
  const roster = createRoster(() => supervision)
  const supervision: Supervision = supervise(plan, program, platform, {
    observe: (entry) => platform.observe(entry),
    stepped,
    workerFailed,
  })

  function stepped(event: Event, commands: readonly Command[]): void {
    // Of a hundred workers that is a hundred times a second, and nobody is told.
    if (event.type === "worker-sent-heartbeat" && commands.length === 0) return
    const { state } = supervision
    const at = platform.clock.epochNow()
    roster.stepped(event, commands, state, at)
    if (event.type === "scale-requested") {
      const requested = scalings.find((scaling) => !scaling.isTaken)
      if (requested !== undefined) requested.isTaken = true
    }
    reloadCalls.stepped(event, commands)
    for (const notice of noticesOf(event, commands, at, roster)) emit(notice)
    if (event.type === "worker-exited" || event.type === "fork-failed") roster.forget(event.worker)
    if (!wasReady && isReady(state)) {
      wasReady = true
      ready.resolve()
    }
    for (const command of commands) {
      if (command.type === "finish") finished(command.code, describeReason(command.reason))
    }
    scalings = scalings.filter((scaling) => !isOver(scaling))
  }

  function workerFailed(failure: WorkerFailure): void {
    roster.workerFailed(failure)
    logger.failure(failure, supervision.pidOf(failure.worker.incarnation))
  }

  /** Tells what is wrong with the options, to listeners that were added after the call too. */
  function reportFindings(): void {
    if (supervision.state.phase !== "starting") return
    const at = platform.clock.epochNow()
    const findings = lintPlan(plan, options, { cores: platform.environment.cores() })
    for (const finding of findings) emit(noticeOfFinding(finding, at))
  }

  function emit(notice: Notice): void {
    call(logger.notice, notice)
    platform.publish?.(notice)
    // One that is added meanwhile hears of the next one.
    const hearing = [...(listeners.get(notice.type) ?? [])]
    for (const listener of hearing) call(listener, notice)
  }

  /** Whatever a listener does wrong is its own affair. */
  function call(listener: Listener, notice: Notice): void {
    const report = (error: unknown): void => {
      platform.printError(`[kamisama] a listener to "${notice.type}" failed: ${errorText(error)}`)
    }
    try {
      const result = listener(notice)
      if (result instanceof Promise) result.catch(report)
    } catch (error) {
      report(error)
    }
  }

  /** Keeps or breaks the promise of a `scale` as soon as either is possible; false while neither is. */
  function isOver(scaling: Scaling): boolean {
    const { state } = supervision
    const { target } = scaling
    if (state.phase === "stopping" || state.phase === "done") {
      scaling.reject(new Error(`Cannot scale to ${target} as the pool is stopping`))
      return true
    }
    if (!scaling.isTaken) return false
    if (state.target !== target) {
      const error = `Cannot scale to ${target} as another target was set: it is now ${state.target}`
      scaling.reject(new Error(error))
      return true
    }
    if (!isSettled(state)) return false
    scaling.resolve()
    return true
  }

  function finished(code: 0 | 1, reason: string): void {
    ready.reject(new Error(`Cannot become ready as the pool has ended: ${reason}`))
    done.resolve({ code, reason })
    platform.finish(exit ? code : undefined)
  }

  const pool: Supervisor = {
    isPrimary: true,
    get state() {
      const { phase } = supervision.state
      return phase === "running" && !wasReady ? "starting" : phase
    },
    get workers() {
      return roster.list(supervision.state)
    },
    ready: ready.promise,
    done: done.promise,
    scale(target) {
      const { promise, resolve, reject } = deferred<void>()
      if (!Number.isSafeInteger(target) || target < 1) {
        reject(targetError(target))
        return promise
      }
      scalings.push({ target, isTaken: false, resolve, reject })
      supervision.take({ type: "scale-requested", target })
      return promise
    },
    reload() {
      const { promise, reject } = deferred<ReloadOutcome>()
      const { state } = pool
      if (state === "running") {
        const outcome = reloadCalls.ask()
        supervision.take({ type: "reload-requested" })
        return outcome
      }
      const why = state === "starting" ? "has not become ready yet" : "is stopping"
      reject(new Error(`Cannot reload as the pool ${why}`))
      return promise
    },
    stop(signal = "SIGTERM") {
      if (typeof signal !== "string") {
        const { promise, reject } = deferred<Outcome>()
        const rule = "Cannot stop as the signal must be a string"
        reject(new TypeError(`${rule}: current value is ${shown(signal)}`))
        return promise
      }
      supervision.take({ type: "stop-requested", signal })
      return done.promise
    },
    on(type, listener) {
      checkNoticeType(type)
      check(typeof listener === "function", TypeError, "listener", "a function", listener, "listen")
      const ofType = listeners.get(type) ?? new Set()
      listeners.set(type, ofType.add(listener as Listener))
      return () => void ofType.delete(listener as Listener)
    },
    status: () =>
      statusOf({
        plan,
        state: supervision.state,
        phase: pool.state,
        workers: pool.workers,
        generation: reloadCalls.finished,
        clock: platform.clock,
      }),
    recording: () => supervision.recording(),
  }

  platform.prepare({ plan, scheduling })
  platform.clock.wakeAt(platform.clock.now(), () => {
    reportFindings()
    if (options.beforeFork === undefined) return supervision.take({ type: "started" })
    Promise.resolve(pool)
      .then((given) => options.beforeFork?.(given))
      .then(
        () => supervision.take({ type: "started" }),
        (error: unknown) => {
          platform.printError(`[kamisama] beforeFork failed: ${errorText(error)}`)
          supervision.take({ type: "start-failed" })
        },
      )
  })
  return pool
}

function checkNoticeType(type: unknown): void {
  if (noticeTypes.some((known) => known === type)) return
  const meant = typeof type === "string" ? suggestion(type, noticeTypes) : undefined
  const hint = meant === undefined ? "" : `; did you mean "${meant}"?`
  throw new TypeError(`Cannot listen as ${shown(type)} is not the type of a notice${hint}`)
}

function targetError(target: unknown): Error {
  const rule = `Cannot scale as the target must be a positive integer: current value is ${shown(target)}`
  return typeof target === "number" ? new RangeError(rule) : new TypeError(rule)
}

/** A promise whose rejection nobody has to handle. */
function deferred<Value>(): {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
} {
  let resolve: (value: Value) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<Value>((...settle) => ([resolve, reject] = settle))
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}
