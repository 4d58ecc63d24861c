import FakeTimers from "@sinonjs/fake-timers"
import { describe, expect, test } from "vitest"
import { kamisama } from "../../../src/index.ts"
import { fakePlatform, type FakePlatform, type FakePlatformOptions } from "../../../src/fake.ts"

async function running(
  options: FakePlatformOptions = { workers: {} },
  workers = 2,
): Promise<FakePlatform> {
  const os = fakePlatform(options)
  kamisama({ workers, run: () => undefined, platform: os })
  await os.advance(200)
  return os
}

test("a fake platform takes one kamisama() call, even when the pool is done", async () => {
  const os = await running()
  const again = (): unknown => kamisama({ run: () => undefined, platform: os })
  expect(again).toThrow(
    "kamisama: already called on this fake platform. It may be called only once.",
  )
  os.signal("SIGTERM")
  await os.advance(200)
  expect(os.exitCode).toBe(0)
  expect(again).toThrow(
    "kamisama: already called on this fake platform. It may be called only once.",
  )
})

test("kamisama() refuses waitForWorkers: false if nothing would end the workers", () => {
  const os = fakePlatform({ cannotLeaveWorkers: "in a process with pid 1" })
  const start = (): unknown =>
    kamisama({ run: () => undefined, waitForWorkers: false, platform: os })
  expect(start).toThrow(RangeError)
})

describe("worker()", () => {
  test("returns the worker that lives in a slot, as it was at the call", async () => {
    const os = await running()
    const before = os.worker(2)
    expect(before).toEqual({ id: 2, incarnation: 2, pid: 1_002, state: "ready", asked: [] })
    os.signal("SIGTERM")
    expect(before?.asked).toEqual([])
    expect(os.worker(2)).toMatchObject({ state: "stopping", asked: ["SIGTERM"] })
    expect(os.worker(3)).toBeUndefined()
  })
})

describe("fakePlatform()", () => {
  test.each<[string, (os: FakePlatform) => void, string]>([
    ["signal()", (os) => os.signal("SIGFOO"), `"signal" must be the name of a signal`],
    [
      "signalWorker()",
      (os) => os.signalWorker(1, "TERM"),
      `os.signalWorker: "signal" must be the name of a signal, got "TERM". Did you mean "SIGTERM"?`,
    ],
    ["crash() of no worker", (os) => os.crash(9), "os.crash: worker 9 is not alive. Alive: 1, 2."],
    ["signalGroup()", (os) => os.signalGroup(""), `"signal" must be the name of a signal`],
    [
      "signalGroup() first",
      (os) => os.signalGroup("SIGTERM", "worker" as "workers"),
      `"first" must be "primary" or "workers", got "worker"`,
    ],
    [
      "signalGroup() apart",
      (os) => os.signalGroup("SIGTERM", "primary", -4),
      'os.signalGroup: "apart" must be a number of milliseconds, 0 or more, got -4',
    ],
    [
      "crash() signal",
      (os) => os.crash(1, { signal: "SIGFOO" }),
      `"signal" must be the name of a signal`,
    ],
    [
      "crash() code",
      (os) => os.crash(1, { code: 256 }),
      `"code" must be an exit code from 0 to 255`,
    ],
    [
      "crash() both",
      (os) => os.crash(1, { code: 1, signal: "SIGKILL" }),
      `"code" must be left out if "signal" is given`,
    ],
    [
      "crash() by an unknown name",
      (os) => os.crash(1, { cod: 3 } as object),
      `os.crash: unknown option "cod". Did you mean "code"?`,
    ],
  ])("refuses what cannot happen: %s", async (_, act, message) => {
    const os = await running()
    expect(() => act(os)).toThrow(message)
    expect(os.workers).toHaveLength(2)
  })
})

describe("advanceTo()", () => {
  test("lets time pass until that moment", async () => {
    const os = await running()
    await os.advanceTo(1_500)
    await os.advanceTo(1_500)
    expect(os.now).toBe(1_500)
  })

  test("refuses a moment that has passed", async () => {
    const os = await running()
    await expect(os.advanceTo(199)).rejects.toThrow(
      "os.advanceTo: 199 ms has passed, it is now 200 ms",
    )
  })
})

describe("signal()", () => {
  test.each(["SIGWINCH", "SIGCHLD", "SIGURG", "SIGCONT", "SIGSTOP", "SIGTSTP"])(
    "does nothing to a primary that does not listen to %s",
    async (signal) => {
      const os = await running()
      os.signal(signal)
      os.signal("SIGTERM")
      await os.advance(200)
      expect(os.exitCode).toBe(0)
    },
  )

  test("ends the primary with SIGKILL, and nothing is decided after that", async () => {
    const os = await running({ workers: { stop: "ignore" } })
    os.signal("SIGKILL")
    const { length } = os.log
    os.crash(1)
    os.signal("SIGTERM")
    await os.advance(20_000)
    expect([os.exitCode, os.workers, os.pendingTimers]).toEqual([undefined, [], 0])
    expect(os.log).toHaveLength(length)
  })
})

describe("signalGroup()", () => {
  const facts = (os: FakePlatform): string[] =>
    os.log.flatMap((entry) => {
      if (entry.kind !== "event") return []
      const { type, at } = entry.event
      return type === "signal-received" || type === "worker-was-signaled" ? [`${at} ${type}`] : []
    })

  test("reaches the primary first", async () => {
    const os = await running(undefined, 1)
    os.signalGroup("SIGINT")
    await os.advance(100)
    expect(facts(os)).toEqual(["200 signal-received", "200 worker-was-signaled"])
  })

  test("can reach the workers first, and the primary then hears them before the signal", async () => {
    const os = await running(undefined, 1)
    os.signalGroup("SIGINT", "workers")
    await os.advance(100)
    expect(facts(os)).toEqual(["200 worker-was-signaled", "200 signal-received"])
  })

  test.each([
    ["primary", ["200 signal-received", "211 worker-was-signaled", "221 worker-was-signaled"]],
    ["workers", ["200 worker-was-signaled", "211 worker-was-signaled", "220 signal-received"]],
  ] as const)("can reach them one after another, the %s first", async (first, expected) => {
    const os = await running({ workers: { stop: "ignore" } })
    os.signalGroup("SIGINT", first, 10)
    await os.advance(100)
    expect(facts(os)).toEqual(expected)
  })
})

describe("the clock of a fake platform", () => {
  test("never wakes up early, even if time has fractions", async () => {
    const os = fakePlatform()
    let wokenAt = -1
    await os.advance(0.5)
    os.clock.wakeAt(10, () => (wokenAt = os.now))
    await os.advance(100)
    expect(wokenAt).toBeGreaterThanOrEqual(10)
  })

  test("can be a clock of the test, which is left as it is", async () => {
    const clock = FakeTimers.createClock(1_000_000)
    await clock.tickAsync(5_000)
    const os = await running({ workers: {}, clock })
    expect([os.now, os.clock.epochNow()]).toEqual([200, 1_005_200])
    clock.setTimeout(() => undefined, 60_000)
    os.signal("SIGTERM")
    await clock.tickAsync(200)
    expect([os.exitCode, os.pendingTimers]).toEqual([0, 0])
  })

  test("can be the global one, until restore()", async () => {
    const real = globalThis.setTimeout
    const os = fakePlatform({ clock: "global" })
    try {
      const rung: number[] = []
      kamisama({
        workers: 1,
        run: (_, { signal }) => {
          const timer = setInterval(() => rung.push(Date.now()), 1_000)
          signal.addEventListener("abort", () => clearInterval(timer))
        },
        platform: os,
      })
      await os.advance(3_500)
      os.signal("SIGTERM")
      await os.advance(3_500)
      expect(rung).toEqual([1_012, 2_012, 3_012])
    } finally {
      os.restore()
    }
    expect(globalThis.setTimeout).toBe(real)
    os.restore()
  })

  test("jumps over a suspend, and what was due happens late", async () => {
    const os = await running({ workers: { dies: { after: 1_000 } } }, 1)
    await os.suspend(60_000)
    expect(os.now).toBe(60_200)
    await os.advance(1)
    const exits = os.log.flatMap((entry) =>
      entry.kind === "event" && entry.event.type === "worker-exited" ? [entry.event.at] : [],
    )
    expect(exits).toEqual([60_201])
    expect(os.worker(1)?.incarnation).toBe(2)
  })
})

test("transcript() is the same text for the same events, each time", async () => {
  async function transcript(): Promise<string> {
    const os = await running({ workers: ({ nth }) => ({ dies: { after: nth * 70 } }) }, 3)
    os.signalGroup("SIGINT", "workers", 3)
    await os.advance(30_000)
    return os.transcript()
  }
  expect(await transcript()).toBe(await transcript())
})
