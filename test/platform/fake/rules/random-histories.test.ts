import { expect, test } from "vitest"
import { checkLog } from "../../../../src/platform/fake/rules/check-log.ts"
import { RandomPool, randomPlan } from "../../../core/random-pool.ts"

test("checkLog() finds nothing wrong with random histories of the core", () => {
  const seen = new Map<string, number>()
  for (let seed = 1; seed <= 3_000; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed)
    let isOver = false
    for (let count = 0; count < 250 && !isOver; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) isOver = true
      else
        for (const { type, reason } of pool.take(event)) {
          const key = `${type} by ${reason.rule}`
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
    }
    const violations = checkLog(pool.log, { slackMs: 300 + 120, isComplete: isOver })
    expect(violations, `seed ${seed}`).toEqual([])
  }
  // Nothing is proved by histories in which nothing happens.
  for (const goal of [
    "fork-worker by refill",
    "fork-worker by respawn",
    "fork-worker by scale-up",
    "kill-worker by stop-timeout",
    "kill-worker by start-timeout",
    "announce-give-up by respawn-limit",
    "finish by all-stopped",
    "finish by all-finished",
    "finish by not-waiting",
  ]) {
    expect(seen.get(goal), goal).toBeGreaterThan(10)
  }
})
