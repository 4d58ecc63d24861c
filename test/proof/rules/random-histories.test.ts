import { expect, test } from "vitest"
import { checkLog } from "../../../src/proof/rules/check-log.ts"
import { RandomPool, randomPlan } from "../../core/random-pool.ts"

/** Nothing is proved by histories in which nothing happens. */
const goals = [
  "fork-worker by start",
  "fork-worker by restore",
  "fork-worker by respawn",
  "fork-worker by scale-up",
  "kill-worker by stop-timeout",
  "kill-worker by start-timeout",
  "announce-give-up by respawn-limit",
  "finish by all-stopped",
  "finish by all-finished",
  "finish by not-waiting",
  "finish by start-failed",
  "finish by exits-unreported",
]

test.each([
  { latenessMs: 0, histories: 3_000 },
  { latenessMs: 40, histories: 1_000 },
  { latenessMs: 450, histories: 1_000 },
])(
  "checkLog() finds nothing wrong with random runs of the core, with deadlines up to $latenessMs ms late",
  ({ latenessMs, histories }) => {
    const seen = new Map<string, number>()
    let events = 0
    for (let seed = 1; seed <= histories; seed += 1) {
      const pool = new RandomPool(randomPlan(seed), seed, latenessMs)
      let isOver = false
      for (let count = 0; count < 250 && !isOver; count += 1) {
        const event = pool.nextEvent()
        isOver = event === undefined
        if (event === undefined) break
        events += 1
        for (const { type, reason } of pool.take(event)) {
          const key = `${type} by ${reason.rule}`
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
      }
      const violations = checkLog(pool.log, { slackMs: latenessMs, isComplete: isOver })
      expect(violations, `seed ${seed}`).toEqual([])
    }
    expect(events).toBeGreaterThan(histories * 50)
    for (const goal of goals) expect(seen.get(goal) ?? 0, goal).toBeGreaterThan(2)
  },
)
