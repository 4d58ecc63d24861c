/**
 * The worker's side of `kamisama()`, the same in real and simulated processes: calls the user's functions, and keeps the
 * promises and timers. The decisions are in step.ts and life.ts.
 */
import { describeMs } from "../core/describe.ts"
import { logLine } from "../core/log-line.ts"
import type { WorkerHost } from "./host.ts"
import { checkedHealth, checkedMetrics } from "./own-word.ts"
import { portOf } from "./port.ts"
import type { ShutdownReason, WorkerContext, WorkerProgram } from "./program.ts"
import {
  initialWork,
  ownSignalOf,
  type ProgramState,
  stepWork,
  type WorkCommand,
  type WorkEvent,
} from "./step.ts"

/** A worker that is not ready after this time is warned about. */
const slowRunMs = 30_000

/** How often it is looked whether an idle worker has turned out to be one. */
const judgingMs = 20

const idleText =
  'it has nothing to do: nothing listens, and no timer, connection or process is open. To let it end, set respawn to "on-failure" (--respawn on-failure); to let it wait, set idle to "stay" (--idle stay)'

/** Why a worker fails that has nothing to do. It is shown without a stack, because no line of the program is at fault. */
const idleFailure = { [Symbol.for("nodejs.util.inspect.custom")]: () => idleText }

/** Starts the worker's side in a process, and says hello. */
export function work(program: WorkerProgram, host: WorkerHost): void {
  const { incarnation } = host
  const stopping = new AbortController()
  let current = initialWork(program)
  let takesSignal = false
  let returned: unknown
  let failure: unknown
  let cancelWarning = (): void => undefined
  let maybeIdle = (): boolean => false

  let grant = (): void => undefined
  const granted = new Promise<void>((resolve) => (grant = resolve))

  const context: WorkerContext = {
    get id() {
      return host.id
    },
    incarnation,
    get signal() {
      takesSignal = true
      return stopping.signal
    },
    ready: () => take({ type: "declared-ready" }),
    recycle: () => take({ type: "asked", message: { type: "worker-asked-for-replacement" } }),
    exclusive() {
      take({ type: "asked", message: { type: "worker-asked-for-leadership" } })
      return granted
    },
    healthy: (isHealthy) => host.setHealthy(checkedHealth(isHealthy)),
    metrics: (read) => host.addMetrics(checkedMetrics(read)),
    port: (base) => portOf(host.id, base),
  }

  const state: ProgramState = {
    get takesSignal() {
      return takesSignal
    },
    listensTo: (signal) => host.listensTo(signal),
    get exitCode() {
      return host.exitCode()
    },
  }

  function take(event: WorkEvent): void {
    const next = stepWork(program.plan, current, event, host.now(), state)
    current = next.work
    const { life } = current
    if (life.isReady || life.phase !== "running") cancelWarning()
    for (const command of next.commands) carryOut(command)
  }

  function carryOut(command: WorkCommand): void {
    switch (command.type) {
      case "send":
        return host.send(command.message)
      case "call-run":
        return callRun()
      case "await-listening":
        return awaitListening()
      case "await-first-listening":
        return awaitFirstListening(command.atMostMs)
      case "send-heartbeat-later":
        host.after(command.afterMs, () => take({ type: "heartbeat-due" }), "background")
        return
      case "measure-later":
        host.after(
          command.afterMs,
          () => take({ type: "measure-due", memoryBytes: host.memoryBytes() }),
          "background",
        )
        return
      case "count-requests": {
        const requests = command.upTo
        return host.countRequests(requests, () => take({ type: "requests-served", requests }))
      }
      case "watch-for-idleness":
        host.after(command.afterMs, () => (maybeIdle = host.onIdle(becomeIdle)))
        return
      case "begin-stopping":
        stopping.abort()
        return closeConnections(command.closeConnectionsAfterMs)
      case "call-shutdown":
        return callShutdown(command.signal, command.reason)
      case "call-listeners":
        return callListeners(command.signal)
      case "watch-listeners":
        host.onEmpty(() => take({ type: "idle", code: 0 }))
        host.after(command.atMostMs, () => take({ type: "listeners-overdue" }), "background")
        return
      case "warn-of-listeners":
        return warnOfListeners(command.problem)
      case "close-returned":
        return settle(
          () => host.close(returned),
          { type: "shutdown-settled" },
          { type: "shutdown-failed" },
        )
      case "drain":
        return settle(() => host.drain(returned), { type: "drained" }, { type: "drained" })
      case "set-deadline":
        host.after(command.afterMs, () => take({ type: "overdue" }))
        return
      case "make-leader":
        return grant()
      case "report-failure":
        return host.reportFailure(command.during, failure)
      case "exit":
        host.observe("exited")
        return host.exit(command.code, command.withinMs)
      case "exit-at-once":
        host.observe("exited")
        return host.exitAtOnce(command.code)
    }
  }

  function becomeIdle(code: number): void {
    failure = idleFailure
    take({ type: "idle", code })
  }

  function callListeners(signal: string): void {
    host.observe("called-listeners")
    const ended = (code: number): void => take({ type: "exit-requested", code })
    void host.callListeners(signal, ended).then(({ promises, untold }) => {
      take({ type: "listeners-called", pending: promises.length > 0, untold })
      // A rejection is left to the runtime, as without kamisama.
      if (promises.length > 0) {
        void Promise.all(promises).then(() => take({ type: "listeners-settled" }))
      }
    })
  }

  function warnOfListeners(problem: "pending" | "untold"): void {
    const name = `its own listener to ${ownSignalOf(current, state)}`
    const sinceMs = host.now() - (current.life.askedAt ?? 0)
    const after = `${describeMs(Math.round(sinceMs / 100) * 100)} after the stop`
    const text =
      problem === "pending"
        ? `the promise of ${name} is still pending ${after}`
        : `${name} has not ended the process ${after}, so kamisama does. Let it call process.exit(), or return a promise`
    host.printError(logLine("warn", `worker ${host.id}: ${text}`))
  }

  function awaitListening(): void {
    settle(() => host.listening(returned), { type: "listening" }, { type: "listen-failed" })
  }

  function awaitFirstListening(atMostMs: number | false): void {
    const waited = new Promise<void>((resolve) => {
      if (atMostMs !== false) whenQuiet(atMostMs, resolve)
    })
    void Promise.race([host.firstListening(), waited]).then(awaitListening)
  }

  /** Calls back after this time, and not while it is open whether this worker has anything to do. */
  function whenQuiet(ms: number, callback: () => void): void {
    const look = (): void => (maybeIdle() ? whenQuiet(judgingMs, callback) : callback())
    host.after(ms, look, "background")
  }

  function closeConnections(afterMs: number): void {
    const close = (): void => host.beginClosing(program.closeTimeoutMs)
    if (afterMs === 0) close()
    else host.after(afterMs, close, "background")
  }

  function callRun(): void {
    host.observe("called-run")
    cancelWarning = host.after(slowRunMs, warn, "background")
    attempt(() => program.run(host.id, context)).then(
      (value) => {
        returned = value
        take({ type: "run-settled", returned: isNothing(value) ? "nothing" : "something" })
      },
      (error: unknown) => {
        failure = error
        take({ type: "run-failed", isAbort: isAbortOf(stopping.signal, error) })
      },
    )
  }

  function warn(): void {
    const problem = current.life.isRunPending
      ? "run is still pending after 30 s, so the worker is not ready; call"
      : "what run returned still does not listen after 30 s, so the worker is not ready. Did you forget .listen()? If not, call"
    host.printError(logLine("warn", `worker ${host.id}: ${problem} context.ready() once it serves`))
  }

  function callShutdown(signal: string, reason: ShutdownReason): void {
    host.observe("called-shutdown")
    const { id } = host
    settle(
      () => program.shutdown?.(id, signal, { id, incarnation, reason }),
      { type: "shutdown-settled" },
      { type: "shutdown-failed" },
    )
  }

  /** Takes in one event if the action succeeds, the other if it fails. */
  function settle(action: () => unknown, fulfilled: WorkEvent, rejected: WorkEvent): void {
    attempt(action).then(
      () => take(fulfilled),
      (error: unknown) => {
        failure = error
        take(rejected)
      },
    )
  }

  host.onCommand((message) => take({ type: "told", message }))
  for (const signal of Object.keys(program.plan.signals)) {
    host.onSignal(signal, () => take({ type: "signaled", signal }))
  }
  host.onPrimaryGone(() => take({ type: "primary-gone" }))
  host.send({ type: "worker-said-hello" })
}

/** Whether `run` has returned nothing to wait for. A module that it has imported may listen by itself. */
function isNothing(returned: unknown): boolean {
  if (typeof returned !== "object" || returned === null) return returned === undefined
  return Object.prototype.toString.call(returned) === "[object Module]"
}

/** Awaits the result of an action. A throw becomes a rejection. */
async function attempt(action: () => unknown): Promise<unknown> {
  return await action()
}

/** Whether an error is what code that waits on this signal throws when it is aborted. */
function isAbortOf(
  signal: { readonly aborted: boolean; readonly reason: unknown },
  error: unknown,
): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || (error instanceof Error && error.name === "AbortError")
}
