/** The check of the options at startup: when it is reported, and that its findings come true. */
import { describe, expect, test } from "vitest"
import { lint } from "../../src/core/index.ts"
import { kamisama, type KamisamaOptions, type Notice, type Supervisor } from "../../src/index.ts"
import { fakePlatform, type FakePlatform, type FakePlatformOptions } from "../../src/fake.ts"

const run = (): void => undefined
const contradiction: Partial<KamisamaOptions> = { respawnLimit: Infinity, backoff: false }
const [finding] = lint({ workers: 2, ...contradiction })
const text = `option check (respawn-without-brake): ${finding?.text}`
const warning = `[kamisama] warn: ${text}`

function start(
  options: Partial<KamisamaOptions>,
  world: FakePlatformOptions = { workers: {} },
): { readonly os: FakePlatform; readonly pool: Supervisor } {
  const os = fakePlatform(world)
  return { os, pool: kamisama({ workers: 2, run, ...options, platform: os }) }
}

function forks({ log }: FakePlatform): number {
  return log.filter((entry) => entry.kind === "command" && entry.command.type === "fork-worker")
    .length
}

describe("a pool whose options defeat each other", () => {
  test("prints each finding once, while the first workers boot", async () => {
    const forksAtPrint: number[] = []
    const os = fakePlatform({ workers: {} })
    const printError = (text: string): void => {
      forksAtPrint.push(forks(os))
      os.printError(text)
    }
    kamisama({ workers: 2, run, ...contradiction, timeout: 30, platform: { ...os, printError } })
    await os.advance(60_000)
    expect(os.errors).toEqual([
      warning,
      expect.stringMatching(/^\[kamisama\] warn: option check \(timeout-short\): ./),
    ])
    expect(forksAtPrint).toEqual([2, 2])
    expect(forks(os)).toBe(2)
  })

  test("prints them before beforeFork is called", async () => {
    const printed: string[][] = []
    const { os } = start({ ...contradiction, beforeFork: () => void printed.push([...os.errors]) })
    await os.advance(1_000)
    expect(printed).toEqual([[warning]])
  })

  test("prints none of them if it is stopped before", async () => {
    const { os, pool } = start({ ...contradiction, exit: false })
    void pool.stop()
    await os.advance(1_000)
    expect(os.errors).toEqual([])
    expect(pool.state).toBe("done")
  })

  test.each([
    ["silent", contradiction, 0],
    ["warn", contradiction, 1],
    ["info", contradiction, 1],
    ["warn", { timeout: 30_000 }, 0],
    ["info", { timeout: 30_000 }, 1],
  ] as const)(
    "with log %o and the options %o prints this many lines: %i",
    async (log, options, count) => {
      const { os } = start({ ...options, log, beforeFork: () => new Promise(run) })
      await os.advance(1_000)
      expect(os.errors).toHaveLength(count)
    },
  )

  test("passes them to a log function and to listeners, as notices", async () => {
    const logged: Notice[] = []
    const heard: Notice[] = []
    const { os, pool } = start({ ...contradiction, log: (notice) => void logged.push(notice) })
    const at = os.clock.epochNow()
    pool.on("lint", (notice) => void heard.push(notice))
    await os.advance(1_000)
    expect(heard).toEqual([
      {
        type: "lint",
        level: "warn",
        at,
        reason: "respawn-without-brake: respawnLimit, backoff",
        text,
        rule: "respawn-without-brake",
        options: ["respawnLimit", "backoff"],
      },
    ])
    expect(logged[2]).toEqual(heard[0])
    expect(logged.map(({ type }) => type)).toEqual([
      "fork",
      "fork",
      "lint",
      "ready",
      "ready",
      "start",
    ])
    expect(os.errors).toEqual([])
  })

  test("compares the signals with the flags of the runtime, and looks at its pid", async () => {
    const os = fakePlatform({ workers: {} })
    const heard: Notice[] = []
    const environment = { ...os.environment, signalFlags: { "--report-on-signal": "SIGHUP" } }
    const process = { ...os.process, pid: 1 }
    const platform = { ...os, environment, process }
    const pool = kamisama({ workers: 2, run, platform })
    pool.on("lint", (notice) => void heard.push(notice))
    await os.advance(1_000)
    expect(heard.map(({ reason }) => reason)).toEqual(["signal-taken-twice: signals", "no-init"])
  })

  test("starts even if the log function throws", async () => {
    const { os, pool } = start({
      ...contradiction,
      log() {
        throw new Error("no logger")
      },
    })
    await os.advance(1_000)
    expect(os.errors[2]).toContain(`a listener to "lint" failed: Error: no logger`)
    expect(pool.state).toBe("running")
  })

  test("compares the workers with the cores of the machine", async () => {
    const options = { workers: 9, log: "info", beforeFork: () => new Promise(run) } as const
    const few = start(options, { cores: 2 })
    const enough = start(options, { cores: 3 })
    await few.os.advance(1_000)
    await enough.os.advance(1_000)
    expect(few.os.errors).toEqual([expect.stringContaining("9 workers share 2 cores")])
    expect(enough.os.errors).toEqual([])
  })
})

test("lint() takes the options of kamisama(), and finds what the pool warns about", () => {
  const options: KamisamaOptions = { workers: 2, run, ...contradiction }
  expect(lint(options)).toEqual([finding])
  expect(finding?.rule).toBe("respawn-without-brake")
})

test.each<Partial<KamisamaOptions>>([
  {},
  { workers: undefined },
  { workers: 3, timeout: 5_000 },
  { workers: 2, timeout: 30_000 },
])("a pool with the options of an example, %o, says nothing", async (options) => {
  const { os } = start(options)
  await os.advance(60_000)
  expect(os.errors).toEqual([])
})

describe("a crash loop from the fork on", () => {
  const crashing = { workers: { dies: { after: 0, since: "fork" }, exitReportedAfter: 0 } } as const
  const even = { backoff: { min: 1_000, max: 1_000 }, respawnInterval: 10_000 }
  const hour = 3_600_000

  test("never stops with options that the check warns about", async () => {
    const { os, pool } = start({ ...even, respawnLimit: 20 }, crashing)
    await os.advance(0)
    expect(os.errors[0]).toContain("a crash loop continues forever")
    await os.advance(hour)
    expect(os.exitCode).toBeUndefined()
    for (const { respawns } of pool.workers) expect(respawns).toBeGreaterThan(3_500)
  })

  test("is given up on with a limit that is one less", async () => {
    const { os } = start({ ...even, respawnLimit: 19 }, crashing)
    await os.advance(hour)
    expect(os.exitCode).toBe(1)
  })

  test("is given up on once a worker is added to those that the check assumed", async () => {
    const { os, pool } = start({ ...even, respawnLimit: 20 }, crashing)
    await os.advance(60_000)
    expect(os.exitCode).toBeUndefined()
    pool.scale(3).catch(run)
    await os.advance(60_000)
    expect(os.exitCode).toBe(1)
  })

  test.each([1, 2, 8])("of %i workers is given up on with the default options", async (workers) => {
    const { os } = start({ workers }, crashing)
    await os.advance(60_000)
    expect(os.exitCode).toBe(1)
    expect(os.errors.join("\n")).not.toContain("continues forever")
  })

  test.each([1, 2, 8])(
    "of %i workers never stops if backoff.min is a second, and the check warns about it",
    async (workers) => {
      const { os } = start({ workers, backoff: { min: 1_000 } }, crashing)
      await os.advance(0)
      expect(os.errors[0]).toContain("a crash loop continues forever")
      await os.advance(hour)
      expect(os.exitCode).toBeUndefined()
    },
  )
})

describe("a finding predicts what happens:", () => {
  const quiet = { log: () => undefined } as const

  test("start-timeout-short: a worker that starts at a common speed is killed again and again", async () => {
    const slow = { workers: { boot: 900, ready: 80 } }
    const short = start({ startTimeout: 900, ...quiet }, slow)
    const enough = start({ startTimeout: 1_000, ...quiet }, slow)
    await short.os.advance(60_000)
    await enough.os.advance(60_000)
    expect(short.pool.workers.every(({ respawns }) => respawns > 5)).toBe(true)
    expect(enough.pool.workers.map(({ respawns }) => respawns)).toEqual([0, 0])
  })

  test.each([
    [500, 1],
    [510, 0],
  ])(
    "timeout-short: if workers wait for idle connections, timeout %i leads to exit code %i",
    async (timeout, code) => {
      const { os } = start({ timeout, ...quiet }, { workers: { stop: { after: 500 } } })
      await os.advance(1_000)
      os.signal("SIGTERM")
      await os.advance(1_000)
      expect(os.exitCode).toBe(code)
    },
  )

  test("timeout-beyond-grace: a pool with a worker that hangs ends after its timeout, not with it", async () => {
    const { os } = start({ timeout: 30_000, ...quiet }, { workers: { stop: "ignore" } })
    await os.advance(1_000)
    os.signal("SIGTERM")
    await os.advance(30_000)
    expect(os.exitCode).toBeUndefined()
    await os.advance(5_000)
    expect(os.exitCode).toBe(1)
  })

  test("sigterm-swallowed: SIGTERM does not stop the pool", async () => {
    const { os } = start({ signals: { SIGTERM: "ignore" }, ...quiet })
    await os.advance(1_000)
    os.signal("SIGTERM")
    await os.advance(600_000)
    expect(os.exitCode).toBeUndefined()
    expect(os.workers.map(({ state }) => state)).toEqual(["ready", "ready"])
  })

  test("no-stop-signal: SIGTERM ends the primary, which does not wait for its workers", async () => {
    const signals = { SIGINT: false, SIGTERM: false, SIGHUP: false, SIGBREAK: false } as const
    const { os, pool } = start({ signals: { ...signals, SIGUSR2: false }, ...quiet })
    await os.advance(1_000)
    os.signal("SIGTERM")
    expect(os.workers).toHaveLength(2)
    expect(pool.state).toBe("running")
    await os.advance(60_000)
    expect(os.workers).toEqual([])
    expect(os.exitCode).toBeUndefined()
    expect(os.transcript()).toContain("the primary was ended by SIGTERM")
  })
})
