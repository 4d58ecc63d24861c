import { describe, expect, test } from "vitest"
import { rehearse } from "../../../src/fake.ts"

const outage = { from: 60_000, until: 360_000, crashAfter: 2_000 }

describe("rehearse()", () => {
  test("shows that the defaults give up on workers that crash after 2 s", () => {
    const { runs, gaveUp, gaveUpAt, respawns, leastReady, recoveredAfter } = rehearse(
      { workers: 4 },
      outage,
    )
    expect({ runs, gaveUp, recoveredAfter }).toEqual({
      runs: 100,
      gaveUp: 100,
      recoveredAfter: undefined,
    })
    expect(respawns).toEqual({ least: 32, median: 32, most: 32 })
    expect(leastReady).toEqual({ least: 0, median: 0, most: 0 })
    // A slot has 8 respawns: 9 lives of 2 s with a boot of half a second between, and backoff of 25.5 s and more.
    expect(gaveUpAt?.least).toBeGreaterThan(60_000 + 9 * 2_000 + 8 * 400 + 25_500)
    expect(gaveUpAt?.most).toBeLessThan(60_000 + 9 * 2_000 + 8 * 600 + 1.2 * 25_500)
  })

  test("shows how soon all workers are ready after an outage", () => {
    const { gaveUp, leastReady, recoveredAfter, respawns } = rehearse(
      { workers: 2, respawnLimit: Infinity, backoff: { min: 1_000, max: 5_000 } },
      outage,
    )
    expect({ gaveUp, least: leastReady.most }).toEqual({ gaveUp: 0, least: 0 })
    // A worker that runs just before the end still dies; its slot waits, boots, and becomes ready.
    expect(recoveredAfter?.most).toBeLessThanOrEqual(2_000 + 5_000 + 600 + 120)
    expect(recoveredAfter?.least).toBeGreaterThanOrEqual(0)
    // Each slot dies some 300 s / (2 s + 5 s + 0.5 s) times.
    expect(respawns.median).toBeGreaterThan(70)
    expect(respawns.median).toBeLessThan(90)
  })

  test("counts ready workers from the beginning of an outage in which never all were ready", () => {
    const options = { workers: 2, backoff: false, respawnLimit: Infinity } as const
    const early = { from: 0, until: 60_000, crashAfter: 50 }
    const { leastReady, recovered, runs } = rehearse(options, early)
    expect(leastReady).toEqual({ least: 0, median: 0, most: 0 })
    expect(recovered).toBe(runs)
  })

  test("has no respawn if the outage ends before a worker crashes", () => {
    const short = { from: 60_000, until: 60_001, crashAfter: 2_000 }
    const { respawns } = rehearse({ workers: 3 }, short)
    // Whoever ran when it began dies of it all the same.
    expect(respawns).toEqual({ least: 3, median: 3, most: 3 })
    const never = { from: 1_000_000, until: Infinity, crashAfter: 500_000 }
    expect(rehearse({ workers: 3 }, never, { after: 400_000 }).respawns.most).toBe(0)
  })

  test("takes no worker for unresponsive", () => {
    const outage = { from: 1_000, until: 20_000, crashAfter: 500 }
    const options = { workers: 2, respawnLimit: Infinity }
    expect(rehearse({ ...options, heartbeatTimeout: 2_000 }, outage)).toEqual(
      rehearse(options, outage),
    )
  })

  test("is the same each time", () => {
    expect(rehearse({ workers: 4 }, outage)).toEqual(rehearse({ workers: 4 }, outage))
  })

  test.each([
    [
      { ...outage, until: 60_000 },
      {},
      `rehearse: "outage.until" must be more than outage.from (60000), got 60000`,
    ],
    [
      { ...outage, crashAfter: -1 },
      {},
      `rehearse: "outage.crashAfter" must be a number of milliseconds, 0 or more, got -1`,
    ],
    [outage, { runs: 0 }, `rehearse: "runs" must be a positive integer, got 0`],
  ])("refuses %j with %j", (given, how, message) => {
    expect(() => rehearse({}, given, how)).toThrow(new RangeError(message))
  })

  test("refuses unknown figures", () => {
    expect(() => rehearse({}, { ...outage, untill: 3 } as typeof outage)).toThrow(
      new TypeError(`rehearse: unknown option "outage.untill". Did you mean "outage.until"?`),
    )
    expect(() => rehearse({}, outage, { seeds: 3 } as object)).toThrow(
      new TypeError(`rehearse: unknown option "seeds"`),
    )
    expect(() => rehearse({ respawnLimt: 3 } as object, outage)).toThrow(
      new TypeError(`kamisama: unknown option "respawnLimt". Did you mean "respawnLimit"?`),
    )
    expect(() => rehearse({}, undefined as unknown as typeof outage)).toThrow(
      new TypeError(
        `rehearse: "outage" must be an object such as { until: 120_000, crashAfter: 2_000 }, got undefined`,
      ),
    )
  })
})
