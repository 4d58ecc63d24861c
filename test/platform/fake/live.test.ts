/** Workers that run the user's own functions in the process of the test. */
import { EventEmitter } from "node:events"
import { expect, test } from "vitest"
import { kamisama, type KamisamaOptions, type StopContext } from "../../../src/index.ts"
import { fakePlatform, type FakePlatform } from "../../../src/fake.ts"

function pool(options: Partial<KamisamaOptions>): FakePlatform {
  const os = fakePlatform()
  kamisama({ workers: 1, run: () => undefined, platform: os, ...options })
  return os
}

/** Notes what each `shutdown` is told. */
function noted(): { calls: string[]; shutdown: KamisamaOptions["shutdown"] } {
  const calls: string[] = []
  const shutdown = (id: number, signal: string, { reason }: StopContext): void => {
    calls.push(`${id} ${signal} ${reason}`)
  }
  return { calls, shutdown }
}

test("each worker's run has its own context, and is called in a later turn", async () => {
  const seen: string[] = []
  const signals = new Set<AbortSignal>()
  const os = pool({
    workers: 2,
    run(id, { incarnation, signal }) {
      seen.push(`${id} #${incarnation}`)
      signals.add(signal)
    },
  })
  expect(seen).toEqual([])
  await os.advance(100)
  expect(seen).toEqual(["1 #1", "2 #2"])
  os.signalWorker(2, "SIGTERM")
  await os.advance(300)
  expect([...signals].slice(0, 2).map(({ aborted }) => aborted)).toEqual([false, true])
})

test.each<[string, string, (os: FakePlatform) => void]>([
  ["a stop", "1 SIGINT stop", (os) => os.signal("SIGINT")],
  ["a signal to it alone", "1 SIGHUP direct-signal", (os) => os.signalWorker(1, "SIGHUP")],
  ["scaling down", "1 SIGTERM scale-down", (os) => os.signal("SIGTTOU")],
  ["the primary's death", "1 SIGTERM primary-gone", (os) => os.signal("SIGKILL")],
])("shutdown is called once, with the reason, after %s", async (_, told, befalls) => {
  const { calls, shutdown } = noted()
  const os = pool({ workers: 2, shutdown })
  await os.advance(200)
  befalls(os)
  await os.advance(300)
  expect(calls.filter((call) => call.startsWith("1 "))).toEqual([told])
})

test("shutdown is called with the reason when the pool gives up", async () => {
  const { calls, shutdown } = noted()
  const os = pool({ workers: 2, shutdown, respawnLimit: 0 })
  await os.advance(200)
  os.crash(1)
  await os.advance(200)
  expect(calls).toEqual(["2 SIGTERM give-up"])
})

test("a stop that the primary does not wait for arrives before the end of its channel", async () => {
  const { calls, shutdown } = noted()
  const os = pool({ shutdown, waitForWorkers: false })
  await os.advance(200)
  os.signal("SIGINT")
  expect(os.exitCode).toBe(0)
  await os.advance(200)
  expect(calls).toEqual(["1 SIGINT stop"])
})

test.each<[string, (close: () => void) => unknown]>([
  ["a function", (close) => close],
  ["an async disposable", (close) => ({ [Symbol.asyncDispose]: async () => close() })],
  ["a disposable", (close) => ({ [Symbol.dispose]: close })],
  ["something with a close that returns a promise", (close) => ({ close: async () => close() })],
  [
    "something with a close that takes a callback",
    (close) => ({
      close(done: () => void) {
        close()
        done()
      },
    }),
  ],
  [
    "something with a close that takes a flag, and tells the end by an event",
    (close) => {
      const emitter = new EventEmitter()
      return Object.assign(emitter, {
        close(force?: unknown) {
          if (force === undefined) close()
          emitter.emit("close")
        },
      })
    },
  ],
  [
    "something with an async close that takes a flag",
    (close) => ({
      async close(force?: unknown) {
        if (force === undefined) close()
      },
    }),
  ],
])("without shutdown, %s that run returned is closed, once", async (_, returned) => {
  let closed = 0
  const os = pool({ run: () => returned(() => (closed += 1)) })
  await os.advance(200)
  os.signalGroup("SIGTERM")
  await os.advance(200)
  expect([closed, os.exitCode]).toEqual([1, 0])
})

test("an emitter that does not tell its end is waited for until closeTimeout", async () => {
  const silent = Object.assign(new EventEmitter(), { close: () => undefined })
  const os = pool({ timeout: 5_000, closeTimeout: 1_000, run: () => silent })
  await os.advance(200)
  os.signalGroup("SIGTERM")
  await os.advance(900)
  expect(os.exitCode).toBe(undefined)
  await os.advance(200)
  expect(os.exitCode).toBe(0)
})

test.each([
  ["express", Object.assign(() => expect.unreachable(), { handle: () => undefined })],
  ["koa", (_request: unknown, _response: unknown) => expect.unreachable()],
])("an app of %s that run returned is not called at the stop", async (_, app) => {
  const os = pool({ run: () => app })
  await os.advance(200)
  os.signalGroup("SIGTERM")
  await os.advance(200)
  expect(os.exitCode).toBe(0)
})

test("the code of a dead worker may continue, but nothing of it is reported or logged", async () => {
  let release = (): void => undefined
  const os = pool({
    timeout: 1_000,
    shutdown: () => new Promise<void>((resolve) => (release = resolve)),
  })
  await os.advance(200)
  os.signal("SIGTERM")
  await os.advance(2_000)
  const before = [os.exitCode, os.transcript()]
  release()
  await os.advance(1_000)
  expect([os.exitCode, os.transcript()]).toEqual(before)
})

test("a run that fails when its worker is dead is not printed", async () => {
  const fails: ((error: Error) => void)[] = []
  const os = pool({ run: () => new Promise((_, reject) => fails.push(reject)) })
  await os.advance(200)
  os.crash(1)
  await os.advance(100)
  fails[0]?.(new Error("late"))
  await os.advance(100)
  expect(os.errors.join("\n")).not.toContain("late")
})

test("a worker prints a shutdown that fails when the primary is gone", async () => {
  const os = pool({ shutdown: () => Promise.reject(new Error("no flush")) })
  await os.advance(200)
  os.signal("SIGKILL")
  await os.advance(100)
  const [printed = ""] = os.errors
  expect(printed).toContain(
    "[kamisama] warn: worker 1 (pid 1001): shutdown failed: Error: no flush",
  )
})

test("a worker whose shutdown hangs ends on its own at the timeout when the primary is gone", async () => {
  const os = fakePlatform({ cannotLeaveWorkers: "there is no sh" })
  kamisama({
    workers: 1,
    timeout: 500,
    run: () => undefined,
    shutdown: () => new Promise(() => undefined),
    platform: os,
  })
  await os.advance(200)
  os.signal("SIGKILL")
  await os.advance(499)
  expect(os.workers).toHaveLength(1)
  await os.advance(2)
  expect(os.workers).toEqual([])
})

test.each([Number.NaN, Infinity, -1, "5"])(
  "advance() refuses to let time pass by %s",
  async (ms) => {
    const os = fakePlatform()
    await expect(os.advance(ms as number)).rejects.toThrow('os.advance: "ms" must be')
    await expect(os.suspend(ms as number)).rejects.toThrow('os.suspend: "ms" must be')
    expect(os.now).toBe(0)
  },
)
