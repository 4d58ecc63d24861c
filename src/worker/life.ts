/**
 * The life of a worker: when `run` and `shutdown` are called, when the worker is ready, and how it ends.
 *
 * A pure reducer over plain data, like the core: events in, commands out. It sees to it that `shutdown` is called at most
 * once, and sets the exit code. Promises and timers are in work.ts. The primary decides whether a signal to this process
 * means a stop.
 *
 * A worker is `waiting` from its hello until it is told to run or to stop. Then it is `running`, and `stopping` from the
 * first reason to stop. It is `ended` once its exit was commanded. After that, every event is ignored.
 */
import type { Plan } from "../core/plan/plan.ts"
import type { StopCause } from "../core/state.ts"
import type { FromWorker } from "./message.ts"
import {
  initialOwnStop,
  type OwnStop,
  type OwnStopCommand,
  type OwnStopEvent,
  stepOwnStop,
} from "./own-stop.ts"
import type { ShutdownReason } from "./program.ts"

export interface Life {
  readonly phase: "waiting" | "running" | "stopping" | "ended"
  /** Whether `run` was called and has not settled yet. */
  readonly isRunPending: boolean
  readonly isReady: boolean
  /** Whether a server is expected to listen. */
  readonly willListen: boolean
  /** Whether the program waits to be the leader, and so may listen only then. */
  readonly asksToLead: boolean
  /** When it was first asked to stop; null before. */
  readonly askedAt: number | null
  /** Whether the stop waits for `run` to settle instead of for `shutdown`. */
  readonly endsByRun: boolean
  /** After the stop, how long connections stay open after their responses, in ms. */
  readonly closeConnectionsAfterMs: number
  /** The stop, if the program's own listeners to the signal are called; otherwise null. */
  readonly own: OwnStop | null
}

/** What the program in this worker does at the moment. */
export interface Doing {
  /** Whether it has read `context.signal`. Then `run` is expected to react to it. */
  readonly takesSignal: boolean
  /** Whether it listens to the stop signal itself. */
  readonly listens: boolean
  /** The exit code that it has set for the end of the process. */
  readonly exitCode: number
}

/** An event in the life of a worker. */
export type LifeEvent =
  /** `willListen`: a server is expected to listen, even if `run` returns nothing. */
  | { readonly type: "told-to-run"; readonly willListen: boolean }
  | { readonly type: "told-to-stop"; readonly signal: string; readonly cause: StopCause }
  | { readonly type: "primary-gone" }
  | { readonly type: "signaled"; readonly signal: string }
  /** `run` returned or resolved: with nothing, or with something that may have to listen and be closed. */
  | { readonly type: "run-settled"; readonly returned: "something" | "nothing" }
  /** `run` threw or rejected. `isAbort`: with the abort reason of `context.signal`. */
  | { readonly type: "run-failed"; readonly isAbort: boolean }
  /** What `run` returned is listening, or does not listen at all, and nothing else is about to. */
  | { readonly type: "listening" }
  | { readonly type: "listen-failed" }
  /** `context.ready()` was called. */
  | { readonly type: "declared-ready" }
  | { readonly type: "shutdown-settled" }
  | { readonly type: "shutdown-failed" }
  /** No server of the process listens, and every request is answered. */
  | { readonly type: "drained" }
  /** It is time for a heartbeat. */
  | { readonly type: "heartbeat-due" }
  /** It is time to report how much memory this process uses. */
  | { readonly type: "measure-due"; readonly memoryBytes: number }
  /** The servers of this process have begun as many requests as it may serve. */
  | { readonly type: "requests-served"; readonly requests: number }
  /** The user's code asks its primary for something. */
  | { readonly type: "asked"; readonly message: FromWorker }
  /** The grace period after the end of the primary is over. */
  | { readonly type: "overdue" }
  /** Nothing keeps the process alive. It would end with this code. */
  | { readonly type: "idle"; readonly code: number }
  /** The program's own listeners to the signal were called: see own-stop.ts. */
  | Extract<OwnStopEvent, { readonly type: "listeners-called" | "listeners-settled" }>
  | { readonly type: "listeners-overdue" }
  /** During a stop that its own listeners were told of, the program ends its process. */
  | Extract<OwnStopEvent, { readonly type: "exit-requested" }>

/** What work.ts does next. */
export type LifeCommand =
  | { readonly type: "send"; readonly message: FromWorker }
  | { readonly type: "call-run" }
  | { readonly type: "await-listening" }
  /** Wait for the first server of the process to listen, but only so long. */
  | { readonly type: "await-first-listening"; readonly atMostMs: number | false }
  | { readonly type: "send-heartbeat-later"; readonly afterMs: number }
  | { readonly type: "measure-later"; readonly afterMs: number }
  | { readonly type: "count-requests"; readonly upTo: number }
  | { readonly type: "watch-for-idleness"; readonly afterMs: number }
  /** Abort `context.signal`, then let each connection end with its next response, and tell its client to go. */
  | { readonly type: "begin-stopping"; readonly closeConnectionsAfterMs: number }
  | { readonly type: "call-shutdown"; readonly signal: string; readonly reason: ShutdownReason }
  /** Call the program's own listeners to the signal. */
  | { readonly type: "call-listeners"; readonly signal: string }
  /** Watch for an event loop with nothing to do, and say when the time for the listeners is over. */
  | { readonly type: "watch-listeners"; readonly atMostMs: number }
  | Extract<OwnStopCommand, { readonly type: "warn-of-listeners" | "exit-at-once" }>
  | { readonly type: "close-returned" }
  /** Drain every server of the process. */
  | { readonly type: "drain" }
  | { readonly type: "set-deadline"; readonly afterMs: number }
  | { readonly type: "report-failure"; readonly during: "run" | "shutdown" }
  | { readonly type: "exit"; readonly code: number }

/** The part of the program that the decisions depend on. */
export interface LifePlan {
  readonly timeoutMs: number
  readonly heartbeatIntervalMs: Plan["heartbeatIntervalMs"]
  readonly maxMemoryBytes: Plan["maxMemoryBytes"]
  /** How many requests this worker may serve; false if any number. */
  readonly maxRequests: number | false
  readonly signals: Plan["signals"]
  /** What becomes of the worker once nothing keeps its process alive. */
  readonly idle: "stays" | "ends" | "fails"
  readonly hasShutdown: boolean
}

/** If `run` returns nothing, the worker counts as ready after this time at the latest. */
const quietMs = 100

/** The same for a worker that is expected to listen, and may do so only once it is the leader. */
const lateMs = 10_000

/** A `run` that returned nothing may still be about to listen. The event loop is not checked before this time. */
const settlingMs = 1_000

/**
 * How long the workers may take to close the port when all of them stop. A client whose connection ends reconnects at
 * once. If it does so before the last worker closed the port, its request is lost with the queue of the port.
 */
const closingMs = 100

/** A worker that waits for its program to end the process ends it this long before it would be killed. */
const listenersMarginMs = 1_000

/** How often a worker reports its memory if the plan limits it. */
export const measureEveryMs = 1_000

export const initialLife: Life = {
  phase: "waiting",
  isRunPending: false,
  isReady: false,
  willListen: false,
  asksToLead: false,
  askedAt: null,
  endsByRun: false,
  closeConnectionsAfterMs: 0,
  own: null,
}

export interface LifeStep {
  readonly life: Life
  readonly commands: readonly LifeCommand[]
}

/** Takes in one event. */
export function stepLife(
  plan: LifePlan,
  life: Life,
  event: LifeEvent,
  at: number,
  doing: Doing,
): LifeStep {
  const { own } = life
  const inOwnStop = (given: OwnStopEvent, next: Life = life): LifeStep =>
    own === null ? { life: next, commands: [] } : stopByListeners(plan, next, own, given, at, doing)
  if (life.phase === "ended") return { life, commands: [] }
  switch (event.type) {
    case "told-to-run": {
      if (life.phase !== "waiting") return { life, commands: [] }
      return {
        life: { ...life, phase: "running", isRunPending: true, willListen: event.willListen },
        commands: [
          ...sendHeartbeatLater(plan),
          ...measureLater(plan),
          ...countRequests(plan),
          { type: "call-run" },
        ],
      }
    }
    case "told-to-stop":
      return stop(plan, life, event.signal, event.cause, at, doing)
    case "primary-gone": {
      const leftMs = (life.askedAt ?? at) + plan.timeoutMs - at
      const deadline = { type: "set-deadline", afterMs: Math.max(0, leftMs) } as const
      const stopped = stop(plan, life, "SIGTERM", "primary-gone", at, doing)
      return { life: stopped.life, commands: [deadline, ...stopped.commands] }
    }
    case "signaled": {
      const { signal } = event
      if (plan.signals[signal] !== "stop") return { life, commands: [] }
      return { life, commands: [send({ type: "worker-was-signaled", signal })] }
    }
    case "run-settled":
      return own === null
        ? runSettled(plan, life, event.returned)
        : inOwnStop({ type: "run-settled" }, { ...life, isRunPending: false })
    case "run-failed": {
      const settled: Life = { ...life, isRunPending: false }
      // A run that breaks off during a shutdown does so because of it.
      if (life.phase === "stopping" && !life.endsByRun) return { life: settled, commands: [] }
      if (!event.isAbort || !life.endsByRun) return fail(settled, "run")
      return own === null ? end(settled, 0) : inOwnStop({ type: "run-settled" }, settled)
    }
    case "listening":
    case "declared-ready":
      return life.phase === "running" ? becomeReady(life) : { life, commands: [] }
    case "listen-failed":
      return life.phase === "running" ? fail(life, "run") : { life, commands: [] }
    case "shutdown-settled":
      if (own !== null) return inOwnStop({ type: "closed" })
      return plan.hasShutdown ? { life, commands: [{ type: "drain" }] } : end(life, 0)
    case "drained":
      return own === null ? end(life, 0) : inOwnStop({ type: "drained" })
    case "shutdown-failed":
      return fail(life, "shutdown")
    case "heartbeat-due":
      return whileRunning(
        life,
        send({ type: "worker-sent-heartbeat", agoMs: 0 }),
        ...sendHeartbeatLater(plan),
      )
    case "measure-due": {
      const { memoryBytes } = event
      return whileRunning(
        life,
        send({ type: "worker-measured", memoryBytes }),
        ...measureLater(plan),
      )
    }
    case "requests-served": {
      const { requests } = event
      return whileRunning(life, send({ type: "worker-served-requests", requests }))
    }
    case "asked":
      return whileRunning(
        event.message.type === "worker-asked-for-leadership" ? { ...life, asksToLead: true } : life,
        send(event.message),
      )
    case "overdue":
      return end(life, 1)
    case "listeners-called":
    case "listeners-settled":
    case "exit-requested":
      return inOwnStop(event)
    case "listeners-overdue":
      return inOwnStop({ type: "overdue" })
    case "idle":
      if (own !== null) return inOwnStop({ type: "idle" })
      if (life.phase !== "running" || life.isRunPending) return { life, commands: [] }
      // One that waits to be the leader has something to do later.
      if (plan.idle === "fails" && life.asksToLead) return { life, commands: [] }
      return plan.idle === "fails" ? fail(life, "run") : end(life, event.code)
  }
}

function whileRunning(life: Life, ...commands: LifeCommand[]): LifeStep {
  return { life, commands: life.phase === "running" ? commands : [] }
}

function sendHeartbeatLater({ heartbeatIntervalMs: afterMs }: LifePlan): LifeCommand[] {
  return afterMs === 0 ? [] : [{ type: "send-heartbeat-later", afterMs }]
}

function measureLater({ maxMemoryBytes }: LifePlan): LifeCommand[] {
  return maxMemoryBytes === false ? [] : [{ type: "measure-later", afterMs: measureEveryMs }]
}

function countRequests({ maxRequests }: LifePlan): LifeCommand[] {
  return maxRequests === false ? [] : [{ type: "count-requests", upTo: maxRequests }]
}

/** The first reason to stop counts. */
function stop(
  plan: LifePlan,
  life: Life,
  signal: string,
  reason: StopCause | "primary-gone",
  at: number,
  { takesSignal, listens }: Doing,
): LifeStep {
  if (life.phase === "stopping") return { life, commands: [] }
  // Before its run it has nothing to shut down, but its script may listen.
  if (life.phase === "waiting" || reason === "discard") {
    const stopping: Life = { ...life, phase: "stopping", askedAt: at }
    return { life: stopping, commands: [beginStopping(stopping), { type: "drain" }] }
  }
  const endsByRun = !plan.hasShutdown && life.isRunPending && takesSignal
  const isAlone = reason !== "stop" && reason !== "give-up" && reason !== "primary-gone"
  const closeConnectionsAfterMs = isAlone ? 0 : closingMs
  const asked = { phase: "stopping", askedAt: at, endsByRun, closeConnectionsAfterMs } as const
  const stopping: Life = { ...life, ...asked }
  const begin = beginStopping(stopping)
  if (plan.hasShutdown) {
    return { life: stopping, commands: [begin, { type: "call-shutdown", signal, reason }] }
  }
  if (listens) {
    // They come first, as without kamisama: what they close is not closed yet.
    return {
      life: { ...stopping, own: initialOwnStop },
      commands: [{ type: "call-listeners", signal }],
    }
  }
  if (endsByRun) return { life: stopping, commands: [begin] }
  const close = { type: life.isRunPending ? "drain" : "close-returned" } as const
  return { life: stopping, commands: [begin, close] }
}

function beginStopping({ closeConnectionsAfterMs }: Life): LifeCommand {
  return { type: "begin-stopping", closeConnectionsAfterMs }
}

/** One step of a stop that the program's own listeners were told of. */
function stopByListeners(
  plan: LifePlan,
  life: Life,
  own: OwnStop,
  event: OwnStopEvent,
  at: number,
  doing: Doing,
): LifeStep {
  const next = stepOwnStop(
    own,
    event,
    !life.isRunPending ? "done" : life.endsByRun ? "ends" : "stays",
  )
  let after: Life = { ...life, own: next.own }
  const commands = next.commands.map((command): LifeCommand => {
    switch (command.type) {
      case "begin-stopping":
        return beginStopping(life)
      case "watch-listeners": {
        const { timeoutMs } = plan
        const endsAt = (life.askedAt ?? at) + timeoutMs - Math.min(listenersMarginMs, timeoutMs / 2)
        return { type: "watch-listeners", atMostMs: Math.max(0, endsAt - at) }
      }
      case "exit":
        after = { ...after, phase: "ended" }
        return { type: "exit", code: next.own.isLeaving ? 0 : doing.exitCode }
      case "exit-at-once":
        after = { ...after, phase: "ended" }
        return command
      default:
        return command
    }
  })
  return { life: after, commands }
}

function runSettled(plan: LifePlan, life: Life, returned: "something" | "nothing"): LifeStep {
  const settled: Life = { ...life, isRunPending: false }
  if (life.phase === "stopping") {
    return { life: settled, commands: life.endsByRun ? [{ type: "close-returned" }] : [] }
  }
  const commands: LifeCommand[] =
    returned === "something"
      ? [{ type: "await-listening" }]
      : [{ type: "await-first-listening", atMostMs: listenWithinMs(life) }]
  if (plan.idle !== "stays") {
    commands.push({ type: "watch-for-idleness", afterMs: plan.idle === "fails" ? 0 : settlingMs })
  }
  return { life: settled, commands }
}

/**
 * After how long a worker counts as ready that does not listen. Where an earlier one has listened, never: a reload would replace a
 * worker that serves by one that does not, and the port would be closed.
 */
function listenWithinMs({ willListen, asksToLead }: Life): number | false {
  if (!willListen) return quietMs
  return asksToLead ? lateMs : false
}

function becomeReady(life: Life): LifeStep {
  if (life.isReady) return { life, commands: [] }
  return { life: { ...life, isReady: true }, commands: [send({ type: "worker-became-ready" })] }
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
