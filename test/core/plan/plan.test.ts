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

  test.each(["0", "-1", "1.5", "many", "NaN", "Infinity"])(
    "refuses WEB_CONCURRENCY=%s",
    (value) => {
      expect(() => planFrom({}, { ...environment, webConcurrency: value })).toThrow(
        new RangeError(
          `Cannot supervise as the environment variable WEB_CONCURRENCY must be a positive integer: current value is "${value}"`,
        ),
      )
    },
  )

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
const actions = `"stop", "reload", "scale-up", "scale-down", "ignore" or false`

const refusals: [
  option: string,
  value: unknown,
  Kind: typeof TypeError,
  rule: string,
  shown: string,
][] = [
  ["workers", 0, RangeError, positive, "0"],
  ["workers", -1, RangeError, positive, "-1"],
  ["workers", 1.5, RangeError, positive, "1.5"],
  ["workers", Number.NaN, RangeError, positive, "NaN"],
  ["workers", Infinity, RangeError, positive, "Infinity"],
  ["workers", "4", TypeError, positive, `"4"`],
  ["workers", null, TypeError, positive, "null"],
  ["workers", 4n, TypeError, positive, "4n"],
  ["timeout", 0, RangeError, duration, "0"],
  ["timeout", 2 ** 31, RangeError, duration, "2147483648"],
  ["timeout", 0.5, RangeError, duration, "0.5"],
  ["timeout", false, TypeError, duration, "false"],
  ["timeout", [], TypeError, duration, "an array of 0"],
  ["waitForWorkers", "no", TypeError, "a boolean", `"no"`],
  ["waitForWorkers", null, TypeError, "a boolean", "null"],
  ["respawn", true, TypeError, policies, "true"],
  ["respawn", "sometimes", RangeError, policies, `"sometimes"`],
  ["respawnLimit", -1, RangeError, limit, "-1"],
  ["respawnLimit", -Infinity, RangeError, limit, "-Infinity"],
  ["respawnLimit", "8", TypeError, limit, `"8"`],
  ["respawnInterval", 0, RangeError, duration, "0"],
  ["startTimeout", 0, RangeError, `${duration} or false`, "0"],
  ["startTimeout", true, TypeError, `${duration} or false`, "true"],
  ["backoff", true, TypeError, "false or an object with min and max", "true"],
  ["backoff", null, TypeError, "false or an object with min and max", "null"],
  ["signals", "SIGTERM", TypeError, "an object from signals to actions", `"SIGTERM"`],
]

describe("planFrom() refuses", () => {
  test.each(refusals)("%s: %o", (option, value, Kind, rule, shown) => {
    const error = new Kind(
      `Cannot supervise as "${option}" must be ${rule}: current value is ${shown}`,
    )
    expect(() => planOf({ [option]: value })).toThrow(error)
    expect(() => planOf({ [option]: value })).toThrow(Kind)
  })

  test("invalid values of reload", () => {
    const whole = "a whole number of milliseconds from 0 to 2147483647"
    expect(() => planOf({ reload: 5 })).toThrow(
      `"reload" must be an object with minReadyTime: current value is 5`,
    )
    expect(() => planOf({ reload: { minReadyTim: 5 } })).toThrow(
      `"reload.minReadyTim" is not an option; did you mean "reload.minReadyTime"?`,
    )
    expect(() => planOf({ reload: { minReadyTime: -1 } })).toThrow(
      `"reload.minReadyTime" must be ${whole}: current value is -1`,
    )
    expect(planOf({ reload: { minReadyTime: 0 } }).minReadyMs).toBe(0)
  })

  test("invalid values of recycle", () => {
    expect(() => planOf({ recycle: true })).toThrow(
      `"recycle" must be false or an object with maxAge and maxMemory: current value is true`,
    )
    expect(() => planOf({ recycle: { maxage: 5 } })).toThrow(
      `"recycle.maxage" is not an option; did you mean "recycle.maxAge"?`,
    )
    expect(() => planOf({ recycle: { maxAge: 0 } })).toThrow(
      `"recycle.maxAge" must be ${duration}: current value is 0`,
    )
    expect(() => planOf({ recycle: { maxMemory: 0.5 } })).toThrow(
      `"recycle.maxMemory" must be a whole number of bytes, 1 or more: current value is 0.5`,
    )
    expect(planOf({ recycle: {} })).toMatchObject({ maxAgeMs: false, maxMemoryBytes: false })
    expect(planOf({ recycle: { maxAge: 9, maxMemory: 2 ** 31 } })).toMatchObject({
      maxAgeMs: 9,
      maxMemoryBytes: 2 ** 31,
    })
  })

  test("names that resemble no option, and shows each kind of value", () => {
    expect(() => planOf({ backoff: { quite: 9 } })).toThrow(/"backoff\.quite" is not an option$/)
    expect(() => planOf({ respawn: function always() {} })).toThrow("is function always")
    expect(() => planOf({ respawn: () => "always" })).toThrow(/is function( respawn)?$/)
    expect(() => planOf({ respawn: {} })).toThrow("is an object")
    expect(() => planOf({ respawn: [1, 2] })).toThrow("is an array of 2")
    expect(() => planOf({ respawn: 5n })).toThrow("is 5n")
    expect(() => planOf({ respawn: null })).toThrow("is null")
  })

  test("bounds of backoff that are not durations, or are in the wrong order", () => {
    expect(() => planOf({ backoff: { min: 0 } })).toThrow(`"backoff.min" must be ${duration}`)
    expect(() => planOf({ backoff: { max: "1" } })).toThrow(`"backoff.max" must be ${duration}`)
    expect(() => planOf({ backoff: { min: 9, max: 8 } })).toThrow(
      `"backoff.min" must be at most backoff.max (8): current value is 9`,
    )
    expect(() => planOf({ backoff: { mim: 9 } })).toThrow(
      `"backoff.mim" is not an option; did you mean "backoff.min"?`,
    )
  })

  test("signals that no program can handle", () => {
    for (const [signal, why] of [
      ["SIGKILL", "cannot be caught"],
      ["SIGSTOP", "cannot be caught"],
      ["SIGUSR1", "is the runtime's debugger"],
    ]) {
      expect(() => planOf({ signals: { [signal as string]: "stop" } })).toThrow(
        new RangeError(`Cannot supervise as "signals" must not map ${signal}: it ${why}`),
      )
    }
    expect(() => planOf({ signals: { SIGKILL: false } })).toThrow(RangeError)
  })

  test("signals that do not exist, and suggests the one that was probably meant", () => {
    expect(() => planOf({ signals: { SIGTREM: "stop" } })).toThrow("did you mean SIGTERM?")
    expect(() => planOf({ signals: { sigterm: "stop" } })).toThrow("did you mean SIGTERM?")
    expect(() => planOf({ signals: { nonsense: "stop" } })).toThrow(/has "nonsense"$/)
    expect(() => planOf({ signals: { toString: "stop" } })).toThrow(/has "toString"$/)
  })

  test("actions that do not exist", () => {
    expect(() => planOf({ signals: { SIGHUP: "restart" } })).toThrow(
      new RangeError(
        `Cannot supervise as "signals.SIGHUP" must be ${actions}: current value is "restart"`,
      ),
    )
    expect(() => planOf({ signals: { SIGHUP: true } })).toThrow(TypeError)
  })

  test("waitForWorkers: false if nothing would end the workers", () => {
    const cannotLeaveWorkers = "as pid 1"
    const options = { waitForWorkers: false }
    expect(() => planFrom(options, { ...environment, cannotLeaveWorkers })).toThrow(
      new RangeError(
        `Cannot supervise as "waitForWorkers" must be true as pid 1: current value is false`,
      ),
    )
    expect(planOf(options).waitForWorkers).toBe(false)
    expect(planFrom({}, { ...environment, cannotLeaveWorkers }).waitForWorkers).toBe(true)
  })
})
