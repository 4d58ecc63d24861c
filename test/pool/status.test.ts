/** `pool.status()`: what an operator sees of a pool. */
import { describe, expect, test } from "vitest"
import { inertSupervisor } from "../../src/pool/inert.ts"
import { kamisama, type PoolStatus } from "../../src/index.ts"
import { fakePlatform } from "../../src/fake.ts"

const quiet = { run: () => undefined, log: "silent" } as const

describe("pool.status()", () => {
  test("shows a pool in trouble", async () => {
    const os = fakePlatform({ workers: [{}, { dies: { after: 400 } }] })
    await os.advance(Date.UTC(2026, 10, 23))
    const pool = kamisama({ ...quiet, workers: 2, platform: os })
    await os.advance(2_100)
    expect(pool.status()).toStrictEqual({
      state: "running",
      target: 2,
      ready: 1,
      generation: 0,
      isReloading: false,
      respawns: { counted: 3, limit: 16, intervalMs: 60_000 },
      next: {
        at: Date.UTC(2026, 10, 23) + 2_440,
        inMs: 340,
        why: "worker 2 is restarted for the 4th time in a row",
      },
      workers: [
        {
          id: 1,
          pid: 1_001,
          state: "ready",
          since: Date.UTC(2026, 10, 23) + 23,
          forMs: 2_077,
          incarnation: 1,
          respawns: 0,
          healthy: true,
        },
        {
          id: 2,
          pid: null,
          state: "waiting",
          since: Date.UTC(2026, 10, 23) + 2_005,
          forMs: 95,
          incarnation: 5,
          respawns: 3,
          healthy: true,
        },
      ],
      spares: [],
    } satisfies PoolStatus)
  })

  test("counts the finished reloads, and shows that one is running", async () => {
    const os = fakePlatform({
      workers: ({ nth }) => (nth === 4 ? { dies: { after: 5, since: "fork" } } : {}),
    })
    const pool = kamisama({ ...quiet, workers: 1, signals: { SIGHUP: "reload" }, platform: os })
    const told = (): string => {
      const { generation, isReloading, ready, workers } = pool.status()
      return `${generation} ${isReloading} ${ready} of ${workers.length}`
    }
    await os.advance(1_000)
    expect(told()).toBe("0 false 1 of 1")
    void pool.reload()
    expect(told()).toBe("0 true 1 of 2")
    await os.advance(1_000)
    expect(told()).toBe("1 false 1 of 1")
    os.signal("SIGHUP")
    await os.advance(1_000)
    expect(told()).toBe("2 false 1 of 1")
    expect(await Promise.all([pool.reload(), os.advance(1_000)])).toMatchObject([
      { ok: false },
      undefined,
    ])
    expect(told()).toBe("2 false 1 of 1")
  })

  test("counts a restart until the interval is over", async () => {
    const os = fakePlatform()
    const pool = kamisama({ ...quiet, workers: 1, respawnInterval: 5_000, platform: os })
    await os.advance(1_000)
    os.crash(1)
    await os.advance(5_000)
    expect(pool.status().respawns).toEqual({ counted: 1, limit: 8, intervalMs: 5_000 })
    await os.advance(1)
    expect(pool.status().respawns.counted).toBe(0)
    expect(pool.status().workers[0]?.respawns).toBe(1)
  })

  test("is the same after JSON at every moment, even without a limit", async () => {
    const os = fakePlatform({
      workers: ({ nth }) => ({ dies: { after: 300 * nth }, stop: "ignore" }),
    })
    const pool = kamisama({ ...quiet, workers: 2, respawnLimit: Infinity, platform: os })
    const whys = new Set<string | undefined>()
    for (let count = 0; count < 600; count += 1) {
      if (count === 400) os.signal("SIGTERM")
      const status = pool.status()
      expect(JSON.parse(JSON.stringify(status))).toStrictEqual(status)
      expect(status.respawns.limit).toBeNull()
      whys.add(status.next?.why.replaceAll(/#?\d+(st|nd|rd|th)?/g, "n"))
      await os.advance(25)
    }
    expect([...whys].toSorted()).toEqual([
      "the failures of n workers are reported as one incident",
      "worker n (n) is killed unless it stops",
      "worker n is restarted for the n time in a row",
      undefined,
    ])
    expect(pool.status()).toMatchObject({ state: "done", ready: 0, next: null, workers: [] })
  })

  test("returns a snapshot that does not change afterwards", async () => {
    const os = fakePlatform()
    const pool = kamisama({ ...quiet, workers: 1, platform: os })
    const status = pool.status()
    const text = JSON.stringify(status)
    await os.advance(1_000)
    expect(JSON.stringify(status)).toBe(text)
    expect(JSON.stringify(pool.status())).not.toBe(text)
  })

  test("throws in a worker", () => {
    const message =
      "pool.status: works only in the primary, this is a worker. Guard the call with if (pool.isPrimary)."
    const os = fakePlatform()
    const process = { ...os.process, worker: 1 }
    expect(() => inertSupervisor({ ...os, process }).status()).toThrow(message)
  })
})
