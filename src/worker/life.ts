/**
 * The life of a worker from within: when `run` and `shutdown` are called, when it is ready, and how it ends.
 *
 * A pure reducer over plain data, like the core: facts in, orders out. It decides that `shutdown` is called once at
 * most, whatever arrives, and what each ending's exit code is. It leaves to work.ts the promises and timers, and to the
 * primary whether a signal to this process means a stop.
 *
 * A worker is `waiting` from its hello until it is told to run or to stop, then `running`; it is `stopping` from the
 * first reason to stop, and `ended` once its exit was ordered, after which nothing matters.
 */
import type { Plan } from "../core/plan/plan.ts"
import type { FromWorker } from "./message.ts"
import type { ShutdownReason } from "./program.ts"

export interface Life {
  readonly phase: "waiting" | "running" | "stopping" | "ended"
  /** Whether `run` was called and has not settled. */
  readonly isRunPending: boolean
  readonly isReady: boolean
  /** When it was first asked to stop; null before. */
  readonly askedAt: number | null
  /** Whether the stop waits for `run` itself, and not for a `shutdown`. */
  readonly endsByRun: boolean
}

/** What happens to a worker. */
export type LifeFact =
  | { readonly type: "told-to-run" }
  | { readonly type: "told-to-stop"; readonly signal: string; readonly cause: ShutdownReason }
  | { readonly type: "primary-gone" }
  | { readonly type: "signaled"; readonly signal: string }
  /** `run` has returned or resolved, with something that may have to listen and be closed, or with nothing. */
  | { readonly type: "run-settled"; readonly returned: "something" | "nothing" }
  /** It threw or rejected; `isAbort` where that was the very reason of its own signal. */
  | { readonly type: "run-failed"; readonly isAbort: boolean }
  /** What `run` has returned listens, or had nothing to wait for. */
  | { readonly type: "listening" }
  | { readonly type: "listen-failed" }
  /** `context.ready()` was called, or enough time has passed for a `run` that returned nothing. */
  | { readonly type: "declared-ready" }
  | { readonly type: "shutdown-settled" }
  | { readonly type: "shutdown-failed" }
  /** Nothing listens any more of what `run` has returned, and every request is answered. */
  | { readonly type: "drained" }
  /** It is time to tell the primary that the event loop turns. */
  | { readonly type: "heartbeat-due" }
  /** It is time to tell it how much memory this process takes. */
  | { readonly type: "measure-due"; readonly memoryBytes: number }
  /** `context.recycle()` was called. */
  | { readonly type: "recycle-asked" }
  /** `context.exclusive()` was called. */
  | { readonly type: "leadership-asked" }
  /** The time to finish after the primary's end is over. */
  | { readonly type: "overdue" }
  /** Nothing keeps the process alive; it would end with this code. */
  | { readonly type: "idle"; readonly code: number }

/** What is to be done. */
export type LifeCommand =
  | { readonly type: "send"; readonly message: FromWorker }
  | { readonly type: "call-run" }
  | { readonly type: "await-listening" }
  | { readonly type: "declare-ready-later"; readonly afterMs: number }
  | { readonly type: "send-heartbeat-later"; readonly afterMs: number }
  | { readonly type: "measure-later"; readonly afterMs: number }
  | { readonly type: "watch-for-idleness" }
  /** Abort the context's signal, and a moment later let HTTP connections end with their next response. */
  | { readonly type: "begin-stopping"; readonly closeConnectionsAfterMs: number }
  | { readonly type: "call-shutdown"; readonly signal: string; readonly reason: ShutdownReason }
  | { readonly type: "close-returned" }
  /** Drain what `run` has returned, where `shutdown` has left it listening. */
  | { readonly type: "drain-returned" }
  | { readonly type: "set-deadline"; readonly afterMs: number }
  | { readonly type: "report-failure"; readonly during: "run" | "shutdown" }
  | { readonly type: "exit"; readonly code: number }

/** What of the program the decisions depend on. */
export interface LifePlan {
  readonly timeoutMs: number
  readonly heartbeatIntervalMs: Plan["heartbeatIntervalMs"]
  readonly maxMemoryBytes: Plan["maxMemoryBytes"]
  readonly signals: Plan["signals"]
  /** Whether the worker may end by itself. */
  readonly mayFinish: boolean
  readonly hasShutdown: boolean
}

/** How long a worker whose `run` returns nothing may take to listen before it counts as ready. */
const quietMs = 100

/**
 * A client whose connection ends connects anew, at once. Where every worker stops, that must not be before the last of
 * them has closed the port, or its request is lost with the queue of the port; this is how long they may take.
 */
const closingMs = 100

/** How often a worker tells how much memory it takes, where that is limited. */
export const measureEveryMs = 1_000

export const initialLife: Life = {
  phase: "waiting",
  isRunPending: false,
  isReady: false,
  askedAt: null,
  endsByRun: false,
}

export interface LifeStep {
  readonly life: Life
  readonly commands: readonly LifeCommand[]
}

/**
 * Takes in one fact.
 *
 * @param takesSignal whether the user's code has taken `context.signal`: then `run` is trusted to end by it.
 */
export function stepLife(
  plan: LifePlan,
  life: Life,
  fact: LifeFact,
  at: number,
  takesSignal: boolean,
): LifeStep {
  if (life.phase === "ended") return { life, commands: [] }
  switch (fact.type) {
    case "told-to-run": {
      if (life.phase !== "waiting") return { life, commands: [] }
      return {
        life: { ...life, phase: "running", isRunPending: true },
        commands: [...sendHeartbeatLater(plan), ...measureLater(plan), { type: "call-run" }],
      }
    }
    case "told-to-stop":
      return stop(plan, life, fact.signal, fact.cause, at, takesSignal)
    case "primary-gone": {
      const askedAt = life.askedAt ?? at
      const deadline = { type: "set-deadline", afterMs: askedAt + plan.timeoutMs - at } as const
      const stopped = stop(plan, life, "SIGTERM", "primary-gone", at, takesSignal)
      return stopped.life.phase === "ended"
        ? stopped
        : { life: stopped.life, commands: [deadline, ...stopped.commands] }
    }
    case "signaled": {
      if (plan.signals[fact.signal] !== "stop") return { life, commands: [] }
      return { life, commands: [send({ type: "signaled", signal: fact.signal })] }
    }
    case "run-settled":
      return runSettled(plan, life, fact.returned)
    case "run-failed": {
      const settled: Life = { ...life, isRunPending: false }
      // A run that breaks off while a shutdown is at work does so because of it.
      if (life.phase === "stopping" && !life.endsByRun) return { life: settled, commands: [] }
      return fact.isAbort && life.endsByRun ? end(settled, 0) : fail(settled, "run")
    }
    case "listening":
      return life.phase === "running" ? becomeReady(life) : { life, commands: [] }
    case "listen-failed":
      return life.phase === "running" ? fail(life, "run") : { life, commands: [] }
    case "declared-ready":
      return life.phase === "running" ? becomeReady(life) : { life, commands: [] }
    case "shutdown-settled":
      return plan.hasShutdown ? { life, commands: [{ type: "drain-returned" }] } : end(life, 0)
    case "drained":
      return end(life, 0)
    case "shutdown-failed":
      return fail(life, "shutdown")
    case "heartbeat-due":
      return life.phase === "running"
        ? { life, commands: [send({ type: "heartbeat" }), ...sendHeartbeatLater(plan)] }
        : { life, commands: [] }
    case "measure-due": {
      const { memoryBytes } = fact
      return life.phase === "running"
        ? { life, commands: [send({ type: "measured", memoryBytes }), ...measureLater(plan)] }
        : { life, commands: [] }
    }
    case "recycle-asked":
      return { life, commands: life.phase === "running" ? [send({ type: "recycle" })] : [] }
    case "leadership-asked":
      return { life, commands: life.phase === "running" ? [send({ type: "exclusive" })] : [] }
    case "overdue":
      return end(life, 1)
    case "idle":
      return life.phase === "running" && !life.isRunPending
        ? end(life, fact.code)
        : { life, commands: [] }
  }
}

function sendHeartbeatLater({ heartbeatIntervalMs: afterMs }: LifePlan): LifeCommand[] {
  return afterMs === 0 ? [] : [{ type: "send-heartbeat-later", afterMs }]
}

function measureLater({ maxMemoryBytes }: LifePlan): LifeCommand[] {
  return maxMemoryBytes === false ? [] : [{ type: "measure-later", afterMs: measureEveryMs }]
}

/** The first reason to stop counts. */
function stop(
  plan: LifePlan,
  life: Life,
  signal: string,
  reason: ShutdownReason,
  at: number,
  takesSignal: boolean,
): LifeStep {
  if (life.phase === "stopping") return { life, commands: [] }
  if (life.phase === "waiting") return end(life, 0)
  const endsByRun = !plan.hasShutdown && life.isRunPending && takesSignal
  const stopping: Life = { ...life, phase: "stopping", askedAt: at, endsByRun }
  const isAlone = reason !== "stop" && reason !== "give-up" && reason !== "primary-gone"
  const closeConnectionsAfterMs = isAlone ? 0 : closingMs
  const begin: LifeCommand = { type: "begin-stopping", closeConnectionsAfterMs }
  if (plan.hasShutdown) {
    return { life: stopping, commands: [begin, { type: "call-shutdown", signal, reason }] }
  }
  if (endsByRun) return { life: stopping, commands: [begin] }
  if (life.isRunPending) return end(life, 0)
  return { life: stopping, commands: [begin, { type: "close-returned" }] }
}

function runSettled(plan: LifePlan, life: Life, returned: "something" | "nothing"): LifeStep {
  const settled: Life = { ...life, isRunPending: false }
  if (life.phase === "stopping") {
    return { life: settled, commands: life.endsByRun ? [{ type: "close-returned" }] : [] }
  }
  const commands: LifeCommand[] =
    returned === "something"
      ? [{ type: "await-listening" }]
      : [send({ type: "ran" }), { type: "declare-ready-later", afterMs: quietMs }]
  if (plan.mayFinish) commands.push({ type: "watch-for-idleness" })
  return { life: settled, commands }
}

function becomeReady(life: Life): LifeStep {
  if (life.isReady) return { life, commands: [] }
  return { life: { ...life, isReady: true }, commands: [send({ type: "ready" })] }
}

function fail(life: Life, during: "run" | "shutdown"): LifeStep {
  const ended = end(life, 1)
  return { life: ended.life, commands: [{ type: "report-failure", during }, ...ended.commands] }
}

function end(life: Life, code: number): LifeStep {
  return { life: { ...life, phase: "ended" }, commands: [{ type: "exit", code }] }
}

function send(message: FromWorker): LifeCommand {
  return { type: "send", message }
}
