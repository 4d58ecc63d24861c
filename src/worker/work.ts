/**
 * The worker's side of `kamisama()`: calls the user's functions and keeps the promises and timers that life.ts decides
 * on. The same for real and simulated processes.
 */
import type { WorkerHost } from "./host.ts"
import { type Life, type LifeFact, type LifeOrder, type LifePlan, liveOn, newborn } from "./life.ts"
import type { ShutdownReason, WorkerContext, WorkerProgram } from "./program.ts"

/** After how long a worker that is still not ready is worth a warning. */
const slowRunMs = 30_000

/** A `run` that returned nothing may still be about to listen; only then is the event loop looked at. */
const settlingMs = 1_000

/** Takes up the worker's side in a process, and says hello. */
export function work(program: WorkerProgram, host: WorkerHost): void {
  const { id, incarnation } = host
  const { respawn } = program.plan
  const hasShutdown = program.shutdown !== undefined
  const mayFinish = respawn !== "always"
  const plan: LifePlan = { ...program.plan, mayFinish, hasShutdown }
  const stopping = new AbortController()
  let life: Life = newborn
  let takesSignal = false
  let returned: unknown
  let failure: unknown
  let cancelWarning = (): void => undefined

  let grant = (): void => undefined
  const granted = new Promise<void>((resolve) => (grant = resolve))

  const context: WorkerContext = {
    id,
    incarnation,
    get signal() {
      takesSignal = true
      return stopping.signal
    },
    ready: () => tell({ type: "declared-ready" }),
    recycle: () => tell({ type: "recycle-asked" }),
    exclusive() {
      tell({ type: "exclusivity-asked" })
      return granted
    },
  }

  function tell(fact: LifeFact): void {
    const next = liveOn(plan, life, fact, host.now(), takesSignal)
    life = next.life
    if (life.isReady || life.phase !== "running") cancelWarning()
    for (const order of next.orders) carryOut(order)
  }

  function carryOut(order: LifeOrder): void {
    switch (order.type) {
      case "send":
        return host.send(order.message)
      case "call-run":
        return callRun()
      case "await-listening":
        return settle(
          () => host.listening(returned),
          { type: "listening" },
          { type: "listen-failed" },
        )
      case "declare-ready-later":
        host.after(order.afterMs, () => tell({ type: "declared-ready" }), "background")
        return
      case "answer-later":
        host.after(order.afterMs, () => tell({ type: "answer-due" }), "background")
        return
      case "measure-later":
        host.after(
          order.afterMs,
          () => tell({ type: "measure-due", memoryBytes: host.memoryBytes() }),
          "background",
        )
        return
      case "watch-for-idleness":
        host.after(settlingMs, () => host.onIdle((code) => tell({ type: "idle", code })))
        return
      case "begin-stopping":
        closeConnections(order.closeConnectionsAfterMs)
        return stopping.abort()
      case "call-shutdown":
        return callShutdown(order.signal, order.reason)
      case "close-returned":
        return settle(
          () => host.close(returned),
          { type: "shutdown-settled" },
          { type: "shutdown-failed" },
        )
      case "drain-returned":
        return settle(() => host.drain(returned), { type: "drained" }, { type: "drained" })
      case "set-deadline":
        host.after(order.afterMs, () => tell({ type: "overdue" }))
        return
      case "report-failure":
        return host.reportFailure(order.during, failure)
      case "exit":
        host.observe("exited")
        return host.exit(order.code)
    }
  }

  function closeConnections(afterMs: number): void {
    const close = (): void => host.beginClosingConnections()
    if (afterMs === 0) close()
    else host.after(afterMs, close, "background")
  }

  function callRun(): void {
    host.observe("called-run")
    cancelWarning = host.after(slowRunMs, warn, "background")
    attempt(() => program.run(id, context)).then(
      (value) => {
        returned = value
        tell({ type: "run-settled", returned: value === undefined ? "nothing" : "something" })
      },
      (error: unknown) => {
        failure = error
        tell({ type: "run-failed", isAbort: isAbortOf(stopping.signal, error) })
      },
    )
  }

  function warn(): void {
    const what = life.isRunPending
      ? "run is still pending"
      : "what run returned still does not listen"
    host.printError(
      `[kamisama] worker ${id}: ${what} after 30 s, so the worker is not ready; call context.ready() once it serves`,
    )
  }

  function callShutdown(signal: string, reason: ShutdownReason): void {
    host.observe("called-shutdown")
    settle(
      () => program.shutdown?.(id, signal, { id, incarnation, reason }),
      { type: "shutdown-settled" },
      { type: "shutdown-failed" },
    )
  }

  /** Tells one fact or the other, depending on how it goes. */
  function settle(action: () => unknown, fulfilled: LifeFact, rejected: LifeFact): void {
    attempt(action).then(
      () => tell(fulfilled),
      (error: unknown) => {
        failure = error
        tell(rejected)
      },
    )
  }

  host.onOrder((order) => {
    switch (order.type) {
      case "run":
        return tell({ type: "told-to-run" })
      case "stop":
        return tell({ type: "told-to-stop", signal: order.signal, cause: order.cause })
      case "exclusive":
        return grant()
    }
  })
  for (const signal of Object.keys(plan.signals)) {
    host.onSignal(signal, () => tell({ type: "signalled", signal }))
  }
  host.onPrimaryGone(() => tell({ type: "primary-gone" }))
  host.send({ type: "hello" })
}

/** What it returns or resolves with; a throw is a rejection. */
async function attempt(action: () => unknown): Promise<unknown> {
  return await action()
}

/** Whether this is how something that waits by a signal ends when it is aborted. */
function isAbortOf(
  signal: { readonly aborted: boolean; readonly reason: unknown },
  error: unknown,
): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || (error instanceof Error && error.name === "AbortError")
}
