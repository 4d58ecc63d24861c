import { describe, expect, test } from "vitest"
import { lint, planFrom, type PlanOptions } from "../../../src/core/index.ts"
import { fakePlatform } from "../../../src/fake.ts"
import { kamisama } from "../../../src/index.ts"
import { defaults, optionTable } from "../../../src/core/plan/options.ts"

function complaint(options: { readonly [name: string]: unknown }): string {
  try {
    planFrom(options as PlanOptions, { cores: () => 6, seed: 1 })
  } catch (error) {
    return String(error)
  }
  return ""
}

function unknown(name: string, meant: string): string {
  return `TypeError: kamisama: unknown option "${name}". Did you mean "${meant}"?`
}

const run = (): void => undefined

/** What others call the options. */
const neighbors: [name: string, value: unknown, option: string][] = [
  ["worker", run, "run"],
  ["worker", 2, "workers"],
  ["start", run, "run"],
  ["script", "server.js", "run"],
  ["master", run, "beforeFork"],
  ["count", 2, "workers"],
  ["instances", "max", "workers"],
  ["concurrency", 2, "workers"],
  ["lifetime", 60_000, "respawnLimit"],
  ["max_restarts", 16, "respawnLimit"],
  ["min_uptime", 1_000, "respawnInterval"],
  ["autorestart", false, "respawn"],
  ["restart", "always", "respawn"],
  ["delay", 100, "backoff"],
  ["restart_delay", 100, "backoff"],
  ["exp_backoff_restart_delay", 100, "backoff"],
  ["grace", 5_000, "timeout"],
  ["gracePeriod", 5_000, "timeout"],
  ["killTimeout", 5_000, "timeout"],
  ["kill_timeout", 5_000, "timeout"],
  ["graceful_timeout", 5_000, "timeout"],
  ["worker_shutdown_timeout", 5_000, "timeout"],
  ["TimeoutStopSec", 5, "timeout"],
  ["terminationGracePeriodSeconds", 30, "timeout"],
  ["shutdownTimeout", 5_000, "timeout"],
  ["heartbeat", 5_000, "heartbeatTimeout"],
  ["listen_timeout", 3_000, "startTimeout"],
  ["minReadySeconds", 2, "reload.minReadyTime"],
  ["minReadyTime", 2_000, "reload.minReadyTime"],
  ["max_memory_restart", "300M", "recycle.maxMemory"],
  ["maxMemory", 2 ** 30, "recycle.maxMemory"],
  ["max_requests", 1_000, "recycle.maxRequests"],
  ["limit_max_requests", 1_000, "recycle.maxRequests"],
  ["treekill", false, "killTree"],
  ["name", "api", "title"],
  ["processTitle", "api", "title"],
  ["cron_restart", "0 0 * * *", "recycle.maxAge"],
  ["maxAge", 86_400_000, "recycle.maxAge"],
]

describe("an unknown option", () => {
  test.each(neighbors)("%s: %o is one of a neighbor, called %s here", (name, value, option) => {
    expect(complaint({ [name]: value })).toBe(unknown(name, option))
    const top = option.replace(/\..*/, "")
    expect(Object.keys(optionTable)).toContain(top)
  })

  test("that is a slip comes with the name that was meant", () => {
    expect(complaint({ workesr: 2 })).toBe(unknown("workesr", "workers"))
    expect(complaint({ heartbeattimeout: 2 })).toBe(unknown("heartbeattimeout", "heartbeatTimeout"))
  })

  test("that resembles none is only named", () => {
    expect(complaint({ zzz: 2 })).toBe(`TypeError: kamisama: unknown option "zzz"`)
    expect(complaint({ toString: 2 })).toBe(`TypeError: kamisama: unknown option "toString"`)
  })

  test("that is up to run comes with that advice", () => {
    expect(complaint({ port: 3_000 })).toBe(
      `TypeError: kamisama: unknown option "port". Listen in run.`,
    )
    expect(complaint({ port: 3_000, host: "::", count: 2 })).toBe(
      `TypeError: kamisama: unknown options "port", "host", "count". Here "count" is "workers". Listen in run.`,
    )
  })

  test("is named with all others", () => {
    expect(complaint({ worker: run, count: 2, zzz: 1, workers: 2 })).toBe(
      `TypeError: kamisama: unknown options "worker", "count", "zzz". Here "worker" is "run", "count" is "workers".`,
    )
    expect(complaint({ yyy: 1, zzz: 1 })).toBe(`TypeError: kamisama: unknown options "yyy", "zzz"`)
  })
})

test.each([
  ["restart", "reload"],
  ["shutdown", "stop"],
  ["quit", "stop"],
  ["exit", "stop"],
  ["kill", "stop"],
  ["up", "scale-up"],
  ["down", "scale-down"],
  ["scaleup", "scale-up"],
])("the action %s is called %s here", (given, action) => {
  expect(complaint({ signals: { SIGHUP: given } })).toMatch(
    new RegExp(`got "${given}"\\. Did you mean "${action}"\\?$`),
  )
})

describe("run", () => {
  const server = { listen: run }
  const app = Object.assign(() => undefined, { listen: run })

  test("is refused if it is a server, or an app that is a function", () => {
    for (const [given, shown] of [
      [server, "an object"],
      [app, "the function"],
    ] as const) {
      const text = complaint({ run: given })
      expect(text).toContain(
        `TypeError: kamisama: "run" must be a function that does the work, got ${shown}`,
      )
      expect(text).toMatch(/\. Write run: \(\) => createServer\(…\)\.listen\(…\)\.$/)
    }
  })

  test("is refused without advice if it is something else", () => {
    for (const given of [{ listen: 3 }, {}]) {
      expect(complaint({ run: given })).toBe(
        `TypeError: kamisama: "run" must be a function that does the work, got an object`,
      )
    }
  })

  test("is not needed for a plan", () => {
    expect(complaint({ run })).toBe("")
    expect(complaint({})).toBe("")
  })
})

test("the default of each option obeys its own rule", () => {
  for (const [name, form] of Object.entries(optionTable)) {
    if (form.default === undefined) continue
    expect(complaint({ [name]: form.default }), name).toBe("")
  }
  expect(planFrom({ ...defaults, workers: 6 }, { cores: () => 6, seed: 1 })).toEqual(
    planFrom({}, { cores: () => 6, seed: 1 }),
  )
})

describe("the first frame of an error is the call, not the check", () => {
  const platform = fakePlatform()
  const pool = kamisama({ run, platform })

  test.each<[name: string, call: () => unknown]>([
    ["kamisama()", () => kamisama({ run, timeout: 0 })],
    ["kamisama(), called again", () => kamisama({ run, platform })],
    ["lint()", () => lint({ timeout: 0 })],
    ["lint() of an environment", () => lint({}, { cores: 0 })],
    ["fakePlatform()", () => fakePlatform({ cores: 0 })],
    ["on()", () => pool.on("exits" as "exit", run)],
  ])("%s", (_, call) => {
    let error: unknown
    try {
      call()
    } catch (thrown) {
      error = thrown
    }
    const [frame] = (error as Error).stack?.match(/^ +at .*/m) ?? []
    expect(frame).toMatch(/options\.test\.ts:\d+:\d+/)
  })
})
