/** Logs to draw. */
import { kamisama } from "../../../src/index.ts"
import { type FakePlatform, fakePlatform, type LogEntry } from "../../../src/fake.ts"
import { RandomPool, randomPlan } from "../../core/random-pool.ts"

/** Three workers: one obeys, one hangs at the stop, one crashes again and again. */
export async function transcript(): Promise<FakePlatform> {
  const os = fakePlatform({ workers: [{}, { stop: "ignore" }, { dies: { after: 300 } }] })
  const options = { workers: 3, timeout: 1_000, respawnLimit: 3, log: "silent" } as const
  kamisama({ ...options, run: () => undefined, platform: os })
  await os.advance(1_900)
  os.signal("SIGTTIN")
  await os.advance(10_000)
  return os
}

/** One worker that crashes for a minute. */
export async function longStory(): Promise<FakePlatform> {
  const os = fakePlatform({ workers: { dies: { after: 300 } } })
  const options = { workers: 1, respawnLimit: Infinity, backoff: false, log: "silent" } as const
  kamisama({ ...options, run: () => undefined, platform: os })
  await os.advance(60_000)
  return os
}

/** Whatever happens. */
export function randomLogs(count: number): (readonly LogEntry[])[] {
  return Array.from({ length: count }, (_, seed) => {
    const pool = new RandomPool(randomPlan(seed + 1), seed + 1)
    for (let made = 0; made < 120; made += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      pool.take(event)
    }
    return pool.log
  })
}
