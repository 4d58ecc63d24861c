import { describe, expect, test } from "vitest"
import { kamisama } from "../../../../src/index.ts"
import { drawTimeline, fakePlatform, type LogEntry } from "../../../../src/platform/fake/index.ts"
import { RandomPool, randomPlan } from "../../../core/random-pool.ts"

/** Three workers: one obeys, one hangs at the stop, one crashes again and again. */
async function story(): Promise<readonly LogEntry[]> {
  const os = fakePlatform({ workers: [{}, { stop: "ignore" }, { dies: { after: 300 } }] })
  const options = { workers: 3, timeout: 1_000, respawnLimit: 3, log: "silent" } as const
  kamisama({ ...options, run: () => undefined, platform: os })
  await os.advance(1_900)
  os.signal("SIGTTIN")
  await os.advance(10_000)
  return os.log
}

describe("drawTimeline()", () => {
  test("shows what each worker does at each event, where it goes wrong, and why", async () => {
    const log = await story()
    expect(drawTimeline(log, { mark: log.length, mostOrders: 4 })).toMatchInlineSnapshot(`
      "ms        |0   23 323 748 1_285 1_923
      worker 1  |.:::##################-
      worker 2  |..:::#################---x
      worker 3  |...:::#.:#_.:#_.:#____
      worker 4  |                   .:#--
      event     |1   5    10   15   20   25
                |                          ^

      . booting  : starting  # ready  - stopping
      x killed   _ waiting   = done   ^ wrong

      … 4 before these are left out
         20     1_900 ms  received SIGTTIN
                          → announce scale from 3 to 4
                          → fork worker 4 (#7): scale-up from 3 to 4
         23     2_067 ms  deadline reached
                          → announce giving up: more than 3 respawns within 60 s
                          → stop worker 1 (#1) with SIGTERM: the pool gives up
                          → stop worker 2 (#2) with SIGTERM: the pool gives up
                          → stop worker 4 (#7) with SIGTERM: the pool gives up
         26     3_067 ms  deadline reached
                          → kill worker 2 (#2): still there 1 s after it was to stop
      ^  27     3_068 ms  worker 2 (#2) was ended by SIGKILL
                          → finish with code 1: every worker has stopped, 1 of them with a failure
      "
    `)
  })

  test("goes on in another band where the terminal ends", async () => {
    const lines = drawTimeline(await story(), { width: 30 }).split("\n")
    expect(lines.filter((line) => line.startsWith("worker 1"))).toHaveLength(2)
  })

  test("leaves out what is long before the end", async () => {
    const text = drawTimeline(await story(), { mostColumns: 5, mostOrders: 1 })
    expect(text).toMatch(/^… \d+ events before these are left out\n/)
    expect(text.match(/→/g)).toHaveLength(1)
  })

  test("is never wider than it may be, whatever happens", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const pool = new RandomPool(randomPlan(seed), seed)
      for (let count = 0; count < 120; count += 1) {
        const event = pool.nextEvent()
        if (event === undefined) break
        pool.take(event)
      }
      for (const width of [60, 100]) {
        const text = drawTimeline(pool.log, { width, mark: pool.log.length - 1 })
        expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width)
      }
    }
  })

  test("tells no orders where none are asked for", async () => {
    const text = drawTimeline(await story(), { mostOrders: 0 })
    expect(text).toContain("worker 1")
    expect(text).not.toContain("→")
    expect(text).not.toContain("left out")
  })

  test("needs the plan", () => {
    expect(() => drawTimeline([])).toThrow(
      "Cannot draw a timeline as a log must begin with its plan",
    )
  })
})
