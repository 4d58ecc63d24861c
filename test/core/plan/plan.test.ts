import { describe, expect, test } from "vitest"
import { planFrom, type PlanOptions } from "../../../src/core/index.ts"

const environment = { cores: () => 6, seed: 1 }

/** Options as a program without types can pass them. */
function planOf(options: { readonly [name: string]: unknown }): ReturnType<typeof planFrom> {
  return planFrom(options as PlanOptions, environment)
}

describe("planFrom()", () => {
  test("fills in the defaults", () => {
    expect(planOf({})).toMatchObject({
      workers: 6,
      timeoutMs: 10_000,
      waitForWorkers: true,
      respawn: "always",
      respawnLimit: 48,
      respawnIntervalMs: 60_000,
      backoff: { minMs: 100, maxMs: 30_000 },
      startTimeoutMs: false,
    })
  })

  test("treats undefined as the default", () => {
    const names = ["workers", "timeout", "waitForWorkers", "respawn", "respawnLimit"]
    const more = ["respawnInterval", "backoff", "startTimeout", "signals"]
    const options = Object.fromEntries([...names, ...more].map((name) => [name, undefined]))
    expect(planOf({ ...options, signals: { SIGINT: undefined } })).toEqual(planOf({}))
  })

  test("returns plain data", () => {
    const plan = planOf({ signals: { SIGHUP: "ignore" } })
    expect(structuredClone(plan)).toEqual(plan)
  })

  test("sets respawnLimit to 8 × workers, unless it is given", () => {
    expect(planOf({ workers: 3 }).respawnLimit).toBe(24)
    expect(planOf({ workers: 3, respawnLimit: 0 }).respawnLimit).toBe(0)
    expect(planOf({ workers: 3, respawnLimit: Infinity }).respawnLimit).toBe(Infinity)
  })

  test("takes the default number of workers from WEB_CONCURRENCY, unless that is empty", () => {
    const workers = (webConcurrency: string): number =>
      planFrom({}, { ...environment, webConcurrency }).workers
    expect(workers("3")).toBe(3)
    expect(workers("")).toBe(6)
    expect(workers(" ")).toBe(6)
    expect(planFrom({ workers: 2 }, { ...environment, webConcurrency: "3" }).workers).toBe(2)
  })

  test.each([
    ["0", `"0". Leave it out for one per core.`],
    ["auto", `"auto". Leave it out for one per core.`],
    ["max", `"max". Leave it out for one per core.`],
    ["-1", `"-1"`],
    ["1.5", `"1.5"`],
    ["many", `"many"`],
    ["NaN", `"NaN"`],
    ["Infinity", `"Infinity"`],
  ])("refuses WEB_CONCURRENCY=%s", (webConcurrency, shown) => {
    expect(() => planFrom({}, { ...environment, webConcurrency })).toThrow(
      new RangeError(
        `kamisama: the environment variable WEB_CONCURRENCY must be a positive integer, got ${shown}`,
      ),
    )
  })

  test("does not count the cores if the number of workers is given", () => {
    const cores = (): number => {
      throw new Error("asked")
    }
    expect(planFrom({ workers: 1 }, { seed: 1, cores }).workers).toBe(1)
    expect(planFrom({}, { seed: 1, cores, webConcurrency: "2" }).workers).toBe(2)
  })

  test("accepts either bound of backoff alone", () => {
    expect(planOf({ backoff: { min: 5 } }).backoff).toEqual({ minMs: 5, maxMs: 30_000 })
    expect(planOf({ backoff: { max: 5 } }).backoff).toEqual({ minMs: 5, maxMs: 5 })
    expect(planOf({ backoff: { min: 60_000 } }).backoff).toEqual({ minMs: 60_000, maxMs: 60_000 })
    expect(planOf({ backoff: false }).backoff).toBe(false)
  })

  test("merges signals into the defaults, and false removes one", () => {
    const { signals } = planOf({ signals: { SIGHUP: "ignore", SIGUSR2: false, SIGQUIT: "stop" } })
    expect(signals).toEqual({
      SIGINT: "stop",
      SIGTERM: "stop",
      SIGHUP: "ignore",
      SIGBREAK: "stop",
      SIGQUIT: "stop",
      SIGTTIN: "scale-up",
      SIGTTOU: "scale-down",
    })
  })
})

const positive = "a positive integer"
const duration = "a whole number of milliseconds from 1 to 2147483647"
const limit = "an integer, 0 or more, or Infinity"
const policies = `"always", "on-failure" or "never"`
const backoff = "false or an object such as { min: 100, max: 30_000 }"
const logs = `"silent", "warn", "info" or a function`
const actions = `"stop", "reload", "upgrade", "scale-up", "scale-down", "ignore" or false`

const number = "Convert it with Number()."
const off = "Use false to turn it off."

const refusals: [
  option: string,
  value: unknown,
  Kind: typeof TypeError,
  rule: string,
  shown: string,
][] = [
  ["workers", 0, RangeError, positive, "0. Leave it out for one per core."],
  ["workers", -1, RangeError, positive, "-1"],
  ["workers", 1.5, RangeError, positive, "1.5"],
  ["workers", Number.NaN, RangeError, positive, "NaN"],
  ["workers", Infinity, RangeError, positive, "Infinity"],
  ["workers", "4", TypeError, positive, `"4". ${number}`],
  ["workers", "", TypeError, positive, `""`],
  ["workers", "auto", TypeError, positive, `"auto". Leave it out for one per core.`],
  ["workers", "max", TypeError, positive, `"max". Leave it out for one per core.`],
  ["workers", "many", TypeError, positive, `"many"`],
  ["workers", null, TypeError, positive, "null"],
  ["workers", 4n, TypeError, positive, "4n"],
  ["timeout", 0, RangeError, duration, "0. Use 1 to kill at once."],
  ["timeout", 2 ** 31, RangeError, duration, "2147483648"],
  ["timeout", 0.5, RangeError, duration, "0.5"],
  ["timeout", false, TypeError, duration, "false. A pool cannot wait forever."],
  ["timeout", Infinity, RangeError, duration, "Infinity. A pool cannot wait forever."],
  ["timeout", "10s", TypeError, duration, `"10s". Write 10_000 for 10 s.`],
  ["timeout", "250 ms", TypeError, duration, `"250 ms". Write 250 for 250 ms.`],
  [
    "timeout",
    "2 milliseconds",
    TypeError,
    duration,
    `"2 milliseconds". Write 2 for 2 milliseconds.`,
  ],
  ["timeout", "1.5min", TypeError, duration, `"1.5min". Write 90_000 for 1.5 min.`],
  ["timeout", "1h", TypeError, duration, `"1h". Write 3_600_000 for 1 h.`],
  ["timeout", "2 days", TypeError, duration, `"2 days". Write 172_800_000 for 2 days.`],
  ["timeout", "1.2.3s", TypeError, duration, `"1.2.3s"`],
  ["timeout", ".s", TypeError, duration, `".s"`],
  ["timeout", "1 month", TypeError, duration, `"1 month"`],
  ["timeout", "1M", TypeError, duration, `"1M". Write 60_000 for 1 M.`],
  ["timeout", [], TypeError, duration, "an array of 0"],
  ["timeout", new Map(), TypeError, duration, "a Map"],
  ["timeout", Object.create(null), TypeError, duration, "an object"],
  ["timeout", new (class {})(), TypeError, duration, "an object"],
  ["timeout", new (class Age {})(), TypeError, duration, "an Age"],
  ["waitForWorkers", "no", TypeError, "true or false", `"no"`],
  ["waitForWorkers", "true", TypeError, "true or false", `"true". Write true without quotes.`],
  ["waitForWorkers", null, TypeError, "true or false", "null"],
  ["respawn", true, TypeError, policies, "true"],
  ["respawn", "sometimes", RangeError, policies, `"sometimes"`],
  ["respawn", "onfailure", RangeError, policies, `"onfailure". Did you mean "on-failure"?`],
  ["respawnLimit", -1, RangeError, limit, "-1"],
  ["respawnLimit", 0.5, RangeError, limit, "0.5"],
  ["respawnLimit", -Infinity, RangeError, limit, "-Infinity"],
  ["respawnLimit", "8", TypeError, limit, `"8". ${number}`],
  ["respawnInterval", 0, RangeError, duration, "0"],
  ["startTimeout", 0, RangeError, `false or ${duration}`, `0. ${off}`],
  ["startTimeout", Infinity, RangeError, `false or ${duration}`, `Infinity. ${off}`],
  ["startTimeout", null, TypeError, `false or ${duration}`, `null. ${off}`],
  ["startTimeout", "off", TypeError, `false or ${duration}`, `"off". ${off}`],
  ["startTimeout", "5s", TypeError, `false or ${duration}`, `"5s". Write 5_000 for 5 s.`],
  ["startTimeout", true, TypeError, `false or ${duration}`, "true"],
  ["backoff", true, TypeError, backoff, "true"],
  ["backoff", 100, TypeError, backoff, "100. Did you mean { min: 100 }?"],
  ["backoff", null, TypeError, backoff, `null. ${off}`],
  ["signals", "SIGTERM", TypeError, `an object such as { SIGHUP: "reload" }`, `"SIGTERM"`],
  ["scheduling", "kernel", RangeError, `"round-robin" or "os"`, `"kernel". Did you mean "os"?`],
  ["scheduling", 1, TypeError, `"round-robin" or "os"`, "1"],
  ["log", "loud", RangeError, logs, `"loud"`],
  ["log", "warm", RangeError, logs, `"warm". Did you mean "warn"?`],
  ["log", "debug", RangeError, logs, `"debug". "info" prints everything.`],
  ["log", true, TypeError, logs, `true. "info" prints everything.`],
  ["log", 1, TypeError, logs, "1"],
  ["exit", 1, TypeError, "true or false", "1"],
  ["shutdown", 7, TypeError, "a function", "7"],
  ["beforeFork", {}, TypeError, "a function", "an object"],
  ["platform", {}, TypeError, "a platform of kamisama/fake", "an object"],
  ["platform", null, TypeError, "a platform of kamisama/fake", "null"],
]

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

describe("planFrom() refuses", () => {
  test.each(refusals)("%s: %o", (option, value, Kind, rule, shown) => {
    const error = new Kind(`kamisama: "${option}" must be ${rule}, got ${shown}`)
    expect(() => planOf({ [option]: value })).toThrow(error)
    expect(() => planOf({ [option]: value })).toThrow(Kind)
  })

  test("invalid values of reload", () => {
    const whole = "a whole number of milliseconds from 0 to 2147483647"
    expect(() => planOf({ reload: 5 })).toThrow(
      `"reload" must be an object such as { minReadyTime: 2_000 }, got 5. Did you mean { minReadyTime: 5 }?`,
    )
    expect(() => planOf({ reload: { minReadyTim: 5 } })).toThrow(
      `unknown option "reload.minReadyTim". Did you mean "reload.minReadyTime"?`,
    )
    expect(() => planOf({ reload: { minReadyTime: -1 } })).toThrow(
      `"reload.minReadyTime" must be ${whole}, got -1`,
    )
    expect(planOf({ reload: { minReadyTime: 0 } }).minReadyMs).toBe(0)
  })

  test("invalid values of recycle", () => {
    expect(() => planOf({ recycle: true })).toThrow(
      `"recycle" must be false or an object such as { maxAge: 86_400_000, maxMemory: 2 ** 30 }, got true`,
    )
    expect(() => planOf({ recycle: { maxage: 5 } })).toThrow(
      `unknown option "recycle.maxage". Did you mean "recycle.maxAge"?`,
    )
    expect(() => planOf({ recycle: { maxAge: 0 } })).toThrow(
      `"recycle.maxAge" must be false or ${duration}, got 0. ${off}`,
    )
    const bytes = `"recycle.maxMemory" must be false or a whole number of bytes, 1 or more, got`
    for (const [maxMemory, shown] of [
      [0.5, "0.5"],
      ["300M", `"300M". Write 314_572_800 for 300 M.`],
      ["1.5 GiB", `"1.5 GiB". Write 1_610_612_736 for 1.5 GiB.`],
      ["64kb", `"64kb". Write 65_536 for 64 kb.`],
      ["9 bytes", `"9 bytes". Write 9 for 9 bytes.`],
      ["10s", `"10s"`],
    ]) {
      expect(() => planOf({ recycle: { maxMemory } })).toThrow(
        new RegExp(`${escaped(`${bytes} ${shown}`)}$`),
      )
    }
    for (const [maxRequests, shown] of [
      [0, `0. ${off}`],
      [-1, "-1"],
      [1.5, "1.5"],
      ["1000", `"1000". Convert it with Number().`],
    ]) {
      const rule = `"recycle.maxRequests" must be false or a positive integer, got ${shown}`
      expect(() => planOf({ recycle: { maxRequests } })).toThrow(new RegExp(`${escaped(rule)}$`))
    }
    expect(planOf({ recycle: { maxRequests: 1 } }).maxRequests).toBe(1)
    expect(planOf({ recycle: {} })).toMatchObject({
      maxAgeMs: false,
      maxMemoryBytes: false,
      maxRequests: false,
    })
    expect(planOf({ recycle: { maxAge: 9, maxMemory: 2 ** 31 } })).toMatchObject({
      maxAgeMs: 9,
      maxMemoryBytes: 2 ** 31,
    })
  })

  test("names that resemble no option, and shows each kind of value", () => {
    expect(() => planOf({ backoff: { quite: 9 } })).toThrow(/unknown option "backoff\.quite"$/)
    expect(() => planOf({ respawn: function always() {} })).toThrow(/got the function always$/)
    expect(() => planOf({ respawn: () => "always" })).toThrow(/got the function( respawn)?$/)
    expect(() => planOf({ respawn: {} })).toThrow(/got an object$/)
    expect(() => planOf({ respawn: [1, 2] })).toThrow(/got an array of 2$/)
    expect(() => planOf({ respawn: 5n })).toThrow(/got 5n$/)
    expect(() => planOf({ respawn: null })).toThrow(/got null$/)
  })

  test("bounds of backoff that are not durations, or are in the wrong order", () => {
    expect(() => planOf({ backoff: { min: 0 } })).toThrow(`"backoff.min" must be ${duration}`)
    expect(() => planOf({ backoff: { max: "1" } })).toThrow(`"backoff.max" must be ${duration}`)
    expect(() => planOf({ backoff: { min: 9, max: 8 } })).toThrow(
      `"backoff.min" must be at most backoff.max (8), got 9`,
    )
    expect(() => planOf({ backoff: { mim: 9 } })).toThrow(
      `unknown option "backoff.mim". Did you mean "backoff.min"?`,
    )
  })

  test("signals that no program can handle", () => {
    for (const [signal, why] of [
      ["SIGKILL", "cannot be caught"],
      ["SIGSTOP", "cannot be caught"],
      ["SIGUSR1", "belongs to the debugger of the runtime"],
    ]) {
      expect(() => planOf({ signals: { [signal as string]: "stop" } })).toThrow(
        new RangeError(`kamisama: "signals" must not map ${signal}: it ${why}`),
      )
    }
    expect(() => planOf({ signals: { SIGKILL: false } })).toThrow(RangeError)
  })

  test("signals that do not exist, and suggests the one that was probably meant", () => {
    expect(() => planOf({ signals: { SIGTREM: "stop" } })).toThrow(
      new RangeError('kamisama: unknown signal "SIGTREM". Did you mean "SIGTERM"?'),
    )
    for (const signal of ["sigterm", "term", "TERM"]) {
      expect(() => planOf({ signals: { [signal]: "stop" } })).toThrow(
        new RangeError(`kamisama: unknown signal "${signal}". Did you mean "SIGTERM"?`),
      )
    }
    expect(() => planOf({ signals: { nonsense: "stop" } })).toThrow(/unknown signal "nonsense"$/)
    expect(() => planOf({ signals: { toString: "stop" } })).toThrow(/unknown signal "toString"$/)
  })

  test("actions that do not exist", () => {
    expect(() => planOf({ signals: { SIGHUP: "restart" } })).toThrow(
      new RangeError(
        `kamisama: "signals.SIGHUP" must be ${actions}, got "restart". Did you mean "reload"?`,
      ),
    )
    expect(() => planOf({ signals: { SIGHUP: true } })).toThrow(TypeError)
  })

  test("waitForWorkers: false if nothing would end the workers", () => {
    const cannotLeaveWorkers = "as pid 1"
    const options = { waitForWorkers: false }
    expect(() => planFrom(options, { ...environment, cannotLeaveWorkers })).toThrow(
      new RangeError(
        `kamisama: "waitForWorkers" must be true as pid 1, got false. There, leftover workers do not get their time to end.`,
      ),
    )
    expect(planOf(options).waitForWorkers).toBe(false)
    expect(planFrom({}, { ...environment, cannotLeaveWorkers }).waitForWorkers).toBe(true)
  })
})
