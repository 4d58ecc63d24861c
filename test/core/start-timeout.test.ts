import { describe, expect, test } from "vitest"
import { nextDeadline } from "../../src/core/index.ts"
import { PoolInSteps } from "./pool-in-steps.ts"

const options = { workers: 1, startTimeout: 3_000, timeout: 10_000 } as const

describe("the start timeout", () => {
  test("kills a worker that is not ready in time, which counts as a failure", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    pool.hello(1)
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#2)"])
    expect(pool.state.respawnedAt).toEqual([3_000])
  })

  test("leaves a worker alone that is ready in time", () => {
    const pool = new PoolInSteps(options).run()
    expect(nextDeadline(pool.state)).toBeNull()
  })

  test("ends when the worker is asked to stop", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    pool.hello(1)
    pool.signal("SIGTERM")
    expect(pool.pass(9_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("is renewed if the primary was blocked for a second", () => {
    for (const [lateness, isKilled] of [
      [999, true],
      [1_000, false],
    ] as const) {
      const pool = new PoolInSteps(options)
      pool.start()
      pool.now = 3_000 + lateness
      const commands = pool.commands({ type: "deadline-reached" })
      expect(commands).toEqual(isKilled ? ["kill worker 1 (#1)"] : [])
      if (!isKilled) expect(pool.pass(3_000)).toEqual(["kill worker 1 (#1)"])
    }
  })

  test("is 30 s for a worker that is respawned during a reload, even if the option is off", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    expect(nextDeadline(pool.state)).toBeNull()
    pool.reload()
    pool.ready("1+")
    pool.now = 100
    pool.exit(2, 1)
    expect(nextDeadline(pool.state)).toBe(10_000)
    pool.exit(1)
    expect(nextDeadline(pool.state)).toBe(30_100)
  })

  test("kills a worker once, and a stop before its exit does not ask it", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    pool.hello(1)
    pool.pass(3_000)
    expect(pool.signal("SIGTERM")).toEqual(["announce stop"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["finish with code 1"])
  })

  test(`leads to a final exit under "never"`, () => {
    const pool = new PoolInSteps({ ...options, respawn: "never" })
    pool.start()
    pool.pass(3_000)
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["finish with code 1"])
  })
})

describe("deadlines", () => {
  test("nextDeadline() is the earliest deadline of all", () => {
    const pool = new PoolInSteps({
      workers: 2,
      startTimeout: 3_000,
      backoff: { min: 100, max: 100 },
    })
    pool.start()
    expect(nextDeadline(pool.state)).toBe(3_000)
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(nextDeadline(pool.state)).toBe(100)
  })

  test("an early or repeated deadline-reached changes nothing", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    pool.now = 2_999
    const before = pool.state
    expect(pool.commands({ type: "deadline-reached" })).toEqual([])
    expect(pool.state).toBe(before)
    pool.now = 3_000
    pool.commands({ type: "deadline-reached" })
    expect(pool.commands({ type: "deadline-reached" })).toEqual([])
  })
})
