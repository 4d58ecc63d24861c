import { describe, expect, test } from "vitest"
import type { PlanOptions } from "../../src/core/index.ts"
import type { ToWorker } from "../../src/worker/message.ts"
import type { WorkerContext, WorkerProgram } from "../../src/worker/program.ts"
import { work } from "../../src/worker/work.ts"
import { planOf } from "../core/pool-in-steps.ts"
import { MemoryHost } from "./memory-host.ts"

const stop: ToWorker = { type: "stop", signal: "SIGINT", cause: "stop" }
const alone: ToWorker = { type: "stop", signal: "SIGTERM", cause: "scale-down" }
const never = new Promise<never>(() => undefined)

interface Given {
  readonly run?: WorkerProgram["run"]
  readonly shutdown?: WorkerProgram["shutdown"]
  readonly idle?: "stay" | "fail"
  readonly options?: PlanOptions
}

/** A worker that has said hello. Calls of its functions are noted among its actions. */
function start({ run, shutdown, idle, options = {} }: Given = {}): MemoryHost {
  const host = new MemoryHost()
  work(
    {
      plan: planOf({ timeout: 1_000, ...options }),
      closeTimeoutMs: 500,
      ...(idle !== undefined && { idle }),
      run(id, context) {
        host.actions.push(`run ${id} #${context.incarnation}`)
        return run?.(id, context)
      },
      shutdown:
        shutdown &&
        ((id, signal, context) => {
          host.actions.push(`shutdown ${id} #${context.incarnation} ${signal} ${context.reason}`)
          return shutdown(id, signal, context)
        }),
    },
    host,
  )
  return host
}

/** A worker that was told to run. Its actions begin after its hello and the call of run. */
async function running(given: Given = {}): Promise<MemoryHost> {
  const host = start(given)
  host.tell({ type: "run", slot: 1, willListen: false })
  await host.advance(0)
  host.actions.splice(0, 2)
  return host
}

describe("work()", () => {
  test("says hello within the call, and calls run only when it is told to", async () => {
    const host = start()
    expect(host.actions).toEqual(["sent worker-said-hello"])
    await host.advance(60_000)
    expect(host.actions).toEqual(["sent worker-said-hello"])
    host.tell({ type: "run", slot: 1, willListen: false })
    expect(host.actions).toEqual(["sent worker-said-hello", "run 2 #5"])
  })

  test("exits with 0 and never calls run or shutdown when it is told to stop first", async () => {
    const host = start({ shutdown: () => undefined })
    host.tell(stop)
    host.tell({ type: "run", slot: 1, willListen: false })
    await host.advance(60_000)
    expect(host.actions).toEqual([
      "sent worker-said-hello",
      "begins closing, for 500",
      "drains undefined",
      "exited 0",
    ])
  })

  test("listens to the signals of the plan, and to no other", () => {
    const { signals } = start({ options: { signals: { SIGHUP: false, SIGWINCH: "ignore" } } })
    expect(signals).toContain("SIGTERM")
    expect(signals).toContain("SIGTTIN")
    expect(signals).toContain("SIGWINCH")
    expect(signals).not.toContain("SIGHUP")
  })

  test("reports a signal that may mean a stop and swallows the others", async () => {
    const host = await running({ run: () => never, options: { signals: { SIGWINCH: "ignore" } } })
    for (const signal of ["SIGTTIN", "SIGTTOU", "SIGWINCH", "SIGTERM"]) host.signal(signal)
    expect(host.actions).toEqual(["sent worker-was-signaled SIGTERM"])
  })
})

describe("recycle.maxRequests", () => {
  test("makes a worker count, and report once that it has served its share", async () => {
    const host = start({ options: { recycle: { maxRequests: 1_000 } } })
    host.tell({ type: "run", slot: 1, willListen: false })
    const [, counts = ""] = host.actions
    const [, limit = ""] = /^counts (\d+) requests$/.exec(counts) ?? []
    expect(Number(limit)).toBeGreaterThan(800)
    expect(Number(limit)).toBeLessThanOrEqual(1_000)
    host.serveAll()
    expect(host.actions.at(-1)).toBe(`sent worker-served-requests ${limit}`)
  })
})

describe("context.port", () => {
  async function portOf(base: unknown): Promise<unknown> {
    let port: unknown
    await running({
      run(_id, context) {
        try {
          port = context.port(base as number)
        } catch (error) {
          port = String(error)
        }
      },
    })
    return port
  }

  test("is the base for worker 1, and the port after it for worker 2", async () => {
    expect(await portOf(3_000)).toBe(3_001)
    expect(await portOf(65_534)).toBe(65_535)
  })

  test("throws if the base is not a port", async () => {
    const rule = `context.port: "base" must be a port from 1 to 65535, got`
    expect(await portOf(0)).toBe(`RangeError: ${rule} 0`)
    expect(await portOf(80.5)).toBe(`RangeError: ${rule} 80.5`)
    expect(await portOf(65_536)).toBe(`RangeError: ${rule} 65536`)
    expect(await portOf("3000")).toBe(`TypeError: ${rule} "3000". Convert it with Number().`)
  })

  test("throws if there is no port left for the worker", async () => {
    expect(await portOf(65_535)).toBe(
      `RangeError: context.port: "base" must leave a port for worker 2, got 65535. Use at most 65534.`,
    )
  })
})

describe("a worker", () => {
  test("is ready 100 ms after its run returned nothing, no sooner", async () => {
    const host = await running()
    await host.advance(99)
    expect(host.actions).toEqual([])
    await host.advance(1)
    expect(host.actions).toEqual(["sent worker-became-ready"])
  })

  test("is ready when the first server listens, if its run returned nothing", async () => {
    const host = start()
    let listens = (): void => undefined
    host.listensFirst = () => new Promise((resolve) => (listens = resolve))
    host.tell({ type: "run", slot: 1, willListen: true })
    await host.advance(2_000)
    expect(host.actions.at(-1)).not.toBe("sent worker-became-ready")
    listens()
    await host.advance(0)
    expect(host.actions.at(-1)).toBe("sent worker-became-ready")
  })

  test("is ready when the server that run returned listens", async () => {
    const waiting = await runningWith(() => never)
    await waiting.advance(10_000)
    expect(waiting.actions).toEqual([])
    const listening = await runningWith(() => Promise.resolve())
    expect(listening.actions).toEqual(["sent worker-became-ready"])
  })

  test("is ready at once if run returned null, which is something", async () => {
    expect((await running({ run: () => null })).actions).toEqual(["sent worker-became-ready"])
  })

  test("is ready when context.ready() is called, once, even while run is pending", async () => {
    let context: WorkerContext | undefined
    const host = await running({
      run: (_id, given) => {
        context = given
        return never
      },
    })
    const { ready } = context as unknown as WorkerContext
    ready()
    ready()
    expect(host.actions).toEqual(["sent worker-became-ready"])
  })

  test("is warned about once if run is still pending after 30 s, no sooner", async () => {
    const host = await running({ run: () => never })
    await host.advance(29_999)
    expect(host.actions).toEqual([])
    await host.advance(60_000)
    expect(host.actions).toEqual([expect.stringContaining("run is still pending after 30 s")])
    expect(host.actions[0]).toContain("context.ready()")
  })

  test("is warned about if what run returned does not listen after 30 s", async () => {
    const host = await runningWith(() => never)
    await host.advance(30_000)
    expect(host.actions).toEqual([expect.stringContaining("still does not listen after 30 s")])
    expect(host.actions[0]).toContain("Did you forget .listen()?")
  })

  test.each([
    ["is ready by then", (host: MemoryHost, ready: () => void) => (ready(), host)],
    ["was asked to stop", (host: MemoryHost) => (host.tell(stop), host)],
  ])("that %s is not warned about", async (_what, act) => {
    let ready = (): void => undefined
    const host = await running({
      run: (_id, context) => {
        ready = context.ready
        return never
      },
      shutdown: () => never,
    })
    act(host, ready)
    await host.advance(60_000)
    expect(host.actions.filter((action) => action.includes("30 s"))).toEqual([])
  })
})

describe("a worker that fails", () => {
  const broken = (): never => {
    throw new Error("no database")
  }

  test.each([
    ["throws", broken],
    ["rejects", () => Promise.reject(new Error("no database"))],
  ])("reports a run that %s, then exits with 1", async (_how, run) => {
    const host = await running({ run })
    await host.advance(0)
    expect(host.actions).toEqual(["run failed: Error: no database", "exited 1"])
  })

  test("reports a server that cannot listen as a failure of run", async () => {
    const host = await runningWith(() => Promise.reject(new Error("in use")))
    expect(host.actions).toEqual(["run failed: Error: in use", "exited 1"])
  })

  test.each([
    ["throws", broken],
    ["rejects", () => Promise.reject(new Error("no database"))],
  ])("reports a shutdown that %s, then exits with 1", async (_how, shutdown) => {
    const host = await running({ shutdown })
    host.tell(alone)
    await host.advance(0)
    expect(host.actions.slice(-2)).toEqual(["shutdown failed: Error: no database", "exited 1"])
  })

  test("reports an error while closing what run returned as a failure of shutdown", async () => {
    const host = await running({ run: () => "server" })
    host.closes = () => Promise.reject(new Error("stuck"))
    host.tell(alone)
    await host.advance(0)
    expect(host.actions.slice(-2)).toEqual(["shutdown failed: Error: stuck", "exited 1"])
  })
})

describe("a stop", () => {
  test("calls shutdown once, whatever arrives, and ends the worker with 0 when it has resolved", async () => {
    let resolve = (): void => undefined
    const shutdown = (): Promise<void> => new Promise((done) => (resolve = done))
    const host = await running({ shutdown })
    host.tell(alone)
    host.tell(stop)
    host.losePrimary()
    await host.advance(500)
    const called = ["begins closing, for 500", "shutdown 2 #5 SIGTERM scale-down"]
    expect(host.actions).toEqual(called)
    resolve()
    await host.advance(60_000)
    expect(host.actions).toEqual([...called, "drains undefined", "exited 0"])
  })

  test("drains what run returned once shutdown has resolved, and then ends the worker", async () => {
    const host = await running({ run: () => "a server", shutdown: () => undefined })
    let drained = (): void => undefined
    host.closes = () => new Promise((resolve) => (drained = resolve))
    host.tell(alone)
    await host.advance(60_000)
    expect(host.actions.at(-1)).toBe("drains a server")
    drained()
    await host.advance(0)
    expect(host.actions.at(-1)).toBe("exited 0")
  })

  test("calls shutdown while run is pending, and ignores what run does then", async () => {
    let fail = (_error: Error): void => undefined
    const host = await running({
      run: () => new Promise((_resolve, reject) => (fail = reject)),
      shutdown: () => never,
    })
    host.tell(alone)
    fail(new Error("broken off"))
    await host.advance(500)
    expect(host.actions).toEqual(["begins closing, for 500", "shutdown 2 #5 SIGTERM scale-down"])
  })

  test.each([
    ["resolves", (resolve: (value: string) => void) => resolve("server")],
    [
      "is aborted",
      (_resolve: unknown, reject: (error: unknown) => void, signal: AbortSignal) =>
        reject(signal.reason),
    ],
  ])("waits for a pending shutdown, even if a run that reads the signal %s", async (_how, end) => {
    const host = await running({
      run: (_id, { signal }) =>
        new Promise<string>((resolve, reject) =>
          signal.addEventListener("abort", () => end(resolve, reject, signal)),
        ),
      shutdown: () => never,
    })
    host.tell(alone)
    await host.advance(900)
    expect(host.actions).toEqual(["begins closing, for 500", "shutdown 2 #5 SIGTERM scale-down"])
  })

  test("without a shutdown closes what run returned, even if run read the signal", async () => {
    const host = await running({ run: (_id, { signal }) => (signal.aborted ? "" : "server") })
    host.tell(alone)
    await host.advance(0)
    expect(host.actions.slice(-2)).toEqual(["closes server", "exited 0"])
  })

  test("ignores a server that fails to listen meanwhile", async () => {
    let fail = (_error: Error): void => undefined
    const host = start({ run: () => "server", shutdown: () => never })
    host.listens = () => new Promise((_resolve, reject) => (fail = reject))
    host.tell({ type: "run", slot: 1, willListen: false })
    await host.advance(0)
    host.tell(alone)
    fail(new Error("in use"))
    await host.advance(900)
    expect(host.actions.at(-1)).toMatch(/^shutdown/)
  })

  test("ends connections 100 ms after the port is closed if every worker stops, no sooner", async () => {
    const host = await running({ run: () => "server", shutdown: () => never })
    host.tell(stop)
    await host.advance(99)
    expect(host.actions).not.toContain("begins closing, for 500")
    await host.advance(1)
    expect(host.actions).toContain("begins closing, for 500")
  })

  test("without a shutdown closes what run returned, and then ends the worker with 0", async () => {
    const host = await running({ run: () => "server" })
    host.tell(alone)
    await host.advance(0)
    expect(host.actions.slice(-3)).toEqual(["begins closing, for 500", "closes server", "exited 0"])
  })

  test("without a shutdown drains a worker whose pending run has not read the signal, and ends it with 0", async () => {
    const host = await running({ run: () => never })
    host.tell(alone)
    await host.advance(0)
    expect(host.actions).toEqual(["begins closing, for 500", "drains undefined", "exited 0"])
  })

  test("without a shutdown awaits a pending run that has read the signal, and closes what it returns", async () => {
    const host = await running({
      run: (_id, { signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve("server"))),
    })
    host.tell(alone)
    await host.advance(0)
    expect(host.actions).toEqual(["begins closing, for 500", "closes server", "exited 0"])
  })

  test.each([
    ["its signal's reason", (signal: AbortSignal) => signal.reason as Error, ["exited 0"]],
    ["an AbortError of its own", () => new DOMException("Aborted", "AbortError"), ["exited 0"]],
    ["another error", () => new Error("lost"), ["run failed: Error: lost", "exited 1"]],
  ])(
    "ends the worker accordingly if a pending run then rejects with %s",
    async (_what, errorOf, ending) => {
      const host = await running({
        run: (_id, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(errorOf(signal))),
          ),
      })
      host.tell(alone)
      await host.advance(0)
      expect(host.actions).toEqual(["begins closing, for 500", ...ending])
    },
  )

  test("aborts the signal before it calls shutdown", async () => {
    let signal: AbortSignal | undefined
    let wasAborted: boolean | undefined
    const host = await running({
      run: (_id, context) => void (signal = context.signal),
      shutdown: () => void (wasAborted = signal?.aborted),
    })
    expect(signal?.aborted).toBe(false)
    host.tell(stop)
    await host.advance(0)
    expect(wasAborted).toBe(true)
  })

  test("is the only excuse for an AbortError: before the stop, it is a failure", async () => {
    const host = await running({
      run: () => Promise.reject(new DOMException("Aborted", "AbortError")),
    })
    await host.advance(0)
    expect(host.actions).toEqual(["run failed: AbortError: Aborted", "exited 1"])
  })
})

describe("the end of the primary", () => {
  test("is like SIGTERM: shutdown is called once, and the worker exits on its own in time", async () => {
    const host = await running({ run: () => "server", shutdown: () => never })
    host.losePrimary()
    host.losePrimary()
    await host.advance(999)
    const called = host.actions.filter((action) => action.startsWith("shutdown"))
    expect(called).toEqual(["shutdown 2 #5 SIGTERM primary-gone"])
    expect(host.holdingTimers).toBeGreaterThan(0)
    expect(host.actions).not.toContain("exited 1")
    await host.advance(1)
    expect(host.actions.at(-1)).toBe("exited 1")
  })

  test("does not extend the time of a stop that is under way", async () => {
    const host = await running({ shutdown: () => never })
    host.tell(stop)
    await host.advance(600)
    host.losePrimary()
    await host.advance(399)
    expect(host.actions).not.toContain("exited 1")
    await host.advance(1)
    expect(host.actions.at(-1)).toBe("exited 1")
  })

  test("ends a worker with 0 if it comes before run", async () => {
    const host = start({ shutdown: () => undefined })
    host.losePrimary()
    await host.advance(10)
    expect(host.actions).toEqual([
      "sent worker-said-hello",
      "begins closing, for 500",
      "drains undefined",
      "exited 0",
    ])
  })
})

describe("an empty event loop", () => {
  test.each(["on-failure", "never"] as const)(
    'is checked for with respawn "%s", from 1 s after run has settled',
    async (respawn) => {
      const host = await running({ options: { respawn } })
      await host.advance(999)
      expect(host.actions).not.toContain("watches for idleness")
      await host.advance(1)
      expect(host.actions.at(-1)).toBe("watches for idleness")
      host.becomeIdle(4)
      expect(host.actions.at(-1)).toBe("exited 4")
    },
  )

  test('with idle "fail", it is checked for at once, and is a failure', async () => {
    const host = await running({ idle: "fail" })
    await host.advance(0)
    expect(host.actions.at(-1)).toBe("watches for idleness")
    host.becomeIdle(0)
    expect(host.actions.slice(-2)).toEqual(["run failed: [object Object]", "exited 1"])
  })

  test("that is still being judged delays the worker from being ready", async () => {
    const host = await running({ idle: "fail" })
    host.maybeIdle = true
    await host.advance(5_000)
    expect(host.actions).toEqual(["watches for idleness"])
    host.maybeIdle = false
    await host.advance(20)
    expect(host.actions.at(-1)).toBe("sent worker-became-ready")
  })

  test("is not checked for in a worker that is always respawned", async () => {
    const host = await running()
    await host.advance(60_000)
    expect(host.actions).not.toContain("watches for idleness")
  })

  test("does not end a pending shutdown", async () => {
    const host = await running({ options: { respawn: "never" }, shutdown: () => never })
    await host.advance(1_000)
    host.tell(stop)
    host.becomeIdle(0)
    expect(host.actions.at(-1)).toMatch(/^shutdown/)
  })
})

/** A worker whose run returned a server that starts to listen like this. */
async function runningWith(listens: () => Promise<void>): Promise<MemoryHost> {
  const host = start({ run: () => "server" })
  host.listens = listens
  host.tell({ type: "run", slot: 1, willListen: false })
  await host.advance(0)
  host.actions.splice(0, 2)
  return host
}

describe("an exit takes as long as there is time", () => {
  const fails = (): never => {
    throw new Error("no database")
  }

  test("until 500 ms before it would be killed", async () => {
    const host = await running({ shutdown: () => undefined, options: { timeout: 10_000 } })
    host.tell(stop)
    await host.advance(0)
    expect(host.exitMs).toBe(9_500)
  })

  test("for half of what shutdown has left", async () => {
    const shutdown = (): Promise<void> => new Promise((resolve) => void host.after(9_900, resolve))
    const host = await running({ shutdown, options: { timeout: 10_000 } })
    host.tell(stop)
    await host.advance(9_900)
    expect(host.exitMs).toBe(50)
  })

  test("for as long as timeout if nobody has asked for it", async () => {
    const host = await running({ run: fails, options: { timeout: 10_000 } })
    expect(host.exitMs).toBe(9_500)
  })

  test("for two missing heartbeats if there are any", async () => {
    const options = { timeout: 10_000, heartbeatTimeout: 2_000 }
    const host = await running({ run: fails, options })
    expect(host.exitMs).toBe(500)
  })
})

describe("a worker whose program listens to the stop signal itself", () => {
  async function stopping(
    given: Partial<MemoryHost>,
    options: PlanOptions = {},
  ): Promise<MemoryHost> {
    const host = await running({ run: () => "resource", options })
    host.actions.splice(0)
    Object.assign(host, { ownSignals: ["SIGINT"], ...given })
    host.tell(stop)
    await host.advance(0)
    return host
  }

  const untilDrained = ["calls listeners to SIGINT", "drains resource"]

  test("calls its listeners, drains, closes and ends, if nothing was started", async () => {
    const { actions } = await stopping({})
    expect(actions).toEqual([...untilDrained, "closes resource", "exited 0"])
  })

  test("calls those to SIGTERM if there are none to the signal of the stop", async () => {
    const { actions } = await stopping({ ownSignals: ["SIGTERM"] })
    expect(actions[0]).toBe("calls listeners to SIGTERM")
  })

  test("calls none if they are to another signal, or if SIGTERM is not one that stops the pool", async () => {
    const toAnother = await stopping({ ownSignals: ["SIGUSR2"] })
    const unmapped = await stopping({ ownSignals: ["SIGTERM"] }, { signals: { SIGTERM: false } })
    for (const { actions } of [toAnother, unmapped]) {
      expect(actions).toEqual(["closes resource", "exited 0"])
    }
  })

  test("waits for the promises of its listeners", async () => {
    let clean = (): void => undefined
    const promises = [new Promise<void>((resolve) => (clean = resolve))]
    const host = await stopping({ called: { promises, untold: false } })
    expect(host.actions).toEqual([...untilDrained, "watches for emptiness"])
    clean()
    await host.advance(0)
    expect(host.actions.slice(3)).toEqual(["closes resource", "exited 0"])
  })

  test("waits for the end that the program makes, and ends with it", async () => {
    const host = await stopping({ called: { promises: [], untold: true } })
    host.end(0)
    expect(host.actions).toEqual([...untilDrained, "watches for emptiness", "exited 0"])
  })

  test("ends at once if the program ends with an error", async () => {
    const host = await stopping({ called: { promises: [], untold: true } })
    host.end(3)
    expect(host.actions.at(-1)).toBe("exited 3 at once")
  })

  test("ends when nothing keeps it alive, with the code that the program has set", async () => {
    const called = { promises: [], untold: true }
    const host = await stopping({ called, ownExitCode: 4 })
    host.becomeEmpty()
    await host.advance(0)
    expect(host.actions.slice(3)).toEqual(["closes resource", "exited 4"])
  })

  test("says so if it has to end what does not end by itself", async () => {
    const host = await stopping({ called: { promises: [], untold: true } })
    await host.advance(499)
    expect(host.actions.slice(3)).toEqual(["begins closing, for 500"])
    await host.advance(1)
    expect(host.actions.slice(4)).toEqual([
      expect.stringMatching(
        /warn: worker 2: its own listener to SIGINT has not ended the process 500 ms after the stop, so kamisama does\. /,
      ),
      "closes resource",
      "exited 0",
    ])
  })

  test("says so if a promise stays pending, and waits on", async () => {
    const called = { promises: [never], untold: false }
    const host = await stopping({ called })
    await host.advance(60_000)
    expect(host.actions.slice(4)).toEqual([
      expect.stringContaining("the promise of its own listener to SIGINT is still pending 500 ms"),
    ])
  })
})
