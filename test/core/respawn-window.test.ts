import { describe, expect, test } from "vitest"
import { countingRespawns, isExhausted } from "../../src/core/respawn-window.ts"
import { planOf, PoolInSteps } from "./pool-in-steps.ts"

const options = { workers: 1, respawnLimit: 3, respawnInterval: 1_000, backoff: false } as const

describe("respawn window", () => {
  test("countingRespawns() counts a respawn while less than the interval has passed", () => {
    const plan = planOf(options)
    expect(countingRespawns(plan, [0], 999)).toEqual([0])
    expect(countingRespawns(plan, [0], 1_000)).toEqual([])
  })

  test("countingRespawns() remembers nothing if there is no limit", () => {
    expect(countingRespawns(planOf({ respawnLimit: Infinity }), [1, 2], 3)).toEqual([])
  })

  test("isExhausted() is true at the limit, and not below", () => {
    const plan = planOf(options)
    expect(isExhausted(plan, [1, 2])).toBe(false)
    expect(isExhausted(plan, [1, 2, 3])).toBe(true)
  })

  test("a pool allows exactly respawnLimit respawns, and gives up at one more", () => {
    const pool = new PoolInSteps(options).run()
    for (let death = 1; death <= 3; death += 1) {
      expect(pool.exit(1, 1)).toEqual([`fork worker 1 (#${death + 1})`])
    }
    expect(pool.exit(1, 1)).toEqual(["announce giving up", "finish with code 1"])
  })

  test("respawns up to the limit within every interval can continue forever", () => {
    const pool = new PoolInSteps(options).run()
    for (let death = 0; death < 300; death += 1) {
      pool.now = Math.floor(death / 3) * 1_000
      expect(pool.exit(1, 1)).toHaveLength(1)
    }
    pool.now = 99_999
    expect(pool.exit(1, 1)).toEqual(["announce giving up", "finish with code 1"])
  })

  test("a pool with a limit of 0 gives up at the first death", () => {
    const pool = new PoolInSteps({ ...options, respawnLimit: 0 }).run()
    expect(pool.exit(1, 1)).toEqual(["announce giving up", "finish with code 1"])
  })

  test("a pool without a limit remembers no respawns and never gives up", () => {
    const pool = new PoolInSteps({ ...options, respawnLimit: Infinity }).run()
    for (let death = 0; death < 1_000; death += 1) expect(pool.exit(1, 1)).toHaveLength(1)
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("a respawn is counted when it is made, not when it is scheduled", () => {
    const pool = new PoolInSteps({ ...options, backoff: { min: 500, max: 500 } }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(pool.state.respawnedAt).toEqual([0])
    pool.pass(500)
    expect(pool.state.respawnedAt).toEqual([0, 500])
  })

  test("a respawn that scaling down has canceled is not counted", () => {
    const pool = new PoolInSteps({ ...options, workers: 2, backoff: { min: 500 } }).run()
    pool.exit(2, 1)
    pool.exit(2, 1)
    expect(pool.slots).toBe("1:ready 2:waiting")
    pool.scale(1)
    pool.pass(1_000)
    expect(pool.state.respawnedAt).toEqual([0])
  })

  test("giving up stops the living workers, and finishes with code 1 even if they exit with 0", () => {
    const pool = new PoolInSteps({ ...options, workers: 2, respawnLimit: 0 }).run()
    expect(pool.exit(1, 1)).toEqual(["announce giving up", "stop worker 2 (#2) with SIGTERM"])
    expect(pool.exit(2, 0)).toEqual(["finish with code 1"])
  })

  test("all workers of a pool share one window", () => {
    const pool = new PoolInSteps({ ...options, workers: 3, respawnLimit: 2 }).run()
    pool.exit(1, 1)
    pool.exit(2, 1)
    expect(pool.exit(3, 1)).toContain("announce giving up")
  })
})
