import { describe, expect, test } from "vitest"
import { backoffMs, nextAttempt } from "../../src/core/backoff.ts"
import { planOf, PoolInSteps } from "./pool-in-steps.ts"

describe("backoff", () => {
  test("backoffMs() is 0 for the first respawn, then doubles from min to max, with up to a fifth of jitter", () => {
    const plan = planOf({ backoff: { min: 100, max: 3_000 } })
    const bases = [0, 100, 200, 400, 800, 1_600, 3_000, 3_000]
    for (const [attempt, base] of bases.entries()) {
      for (let slot = 1; slot <= 50; slot += 1) {
        const wait = backoffMs(plan, slot, attempt)
        expect(wait).toBeGreaterThanOrEqual(base)
        expect(wait).toBeLessThanOrEqual(Math.min(3_000, base * 1.2))
      }
    }
  })

  test("backoffMs() gives different slots different waits", () => {
    const plan = planOf({ backoff: { min: 10_000, max: 30_000 } })
    const waits = Array.from({ length: 50 }, (_, index) => backoffMs(plan, index + 1, 1))
    expect(new Set(waits).size).toBeGreaterThan(40)
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_500)
  })

  test("backoffMs() is the same for the same plan, slot and attempt, and another one for another seed", () => {
    const plan = planOf({})
    expect(backoffMs(plan, 3, 5)).toBe(backoffMs({ ...plan }, 3, 5))
    const waits = [1, 2, 3, 4, 5].map((seed) => backoffMs({ ...plan, seed }, 3, 5))
    expect(new Set(waits).size).toBeGreaterThan(1)
  })

  test("backoffMs() is 0 if backoff is off", () => {
    expect(backoffMs(planOf({ backoff: false }), 1, 9)).toBe(0)
  })

  test("nextAttempt() stops growing when the wait reaches its maximum", () => {
    const plan = planOf({ backoff: { min: 100, max: 400 } })
    expect([0, 1, 2, 3, 4].map((attempt) => nextAttempt(plan, attempt))).toEqual([1, 2, 3, 3, 4])
    expect(backoffMs(plan, 1, 3)).toBe(400)
  })

  test("the backoff of a slot is reset once its worker has been ready for 60 s, and not before", () => {
    for (const [life, waits] of [
      [59_999, true],
      [60_000, false],
    ] as const) {
      const pool = new PoolInSteps({ workers: 1, backoff: { min: 1_000, max: 1_000 } }).run()
      pool.exit(1, 1)
      pool.ready(1)
      pool.pass(life)
      expect(pool.exit(1, 1)).toEqual(waits ? [] : ["fork worker 1 (#3)"])
    }
  })

  test("a worker that was never ready does not reset the backoff", () => {
    const pool = new PoolInSteps({ workers: 1, backoff: { min: 1_000, max: 1_000 } }).run()
    pool.exit(1, 1)
    pool.hello(1)
    pool.pass(600_000)
    expect(pool.exit(1, 1)).toEqual([])
  })

  test("each slot backs off on its own", () => {
    const pool = new PoolInSteps({ backoff: { min: 1_000, max: 1_000 } }).run()
    pool.exit(1, 1)
    expect(pool.exit(1, 1)).toEqual([])
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
  })
})
