/**
 * How a new primary takes over, and what happens if it does not.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const upgradeScenarios: readonly Scenario[] = [
  {
    promise: "upgrade: the pool stops once the new primary is ready",
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      const upgrade = pool.upgrade()
      await os.advance(seconds)
      expect(await upgrade).toEqual({ ok: true, pid: expect.any(Number) })
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "upgrade: if the new primary dies, the old one serves on, and the next one may take over",
    os: { workers: obedient, successor: { dies: 200 } },
    isUnfinished: true,
    async play(os, pool) {
      await os.advance(seconds)
      const upgrades = [pool.upgrade(), pool.upgrade()]
      await os.advance(seconds)
      const reason = "the new primary exited with code 1 before its workers were ready"
      expect(await Promise.all(upgrades)).toEqual([
        { ok: false, reason },
        { ok: false, reason },
      ])
      void pool.upgrade()
      await os.advance(100)
      expect(os.workers).toHaveLength(2)
    },
  },
  {
    promise: "upgrade: a new primary that is not ready in time is told to stop, then killed",
    os: { workers: obedient, successor: { ready: false, stop: false } },
    isUnfinished: true,
    async play(os, pool) {
      await os.advance(seconds)
      const upgrade = pool.upgrade()
      await os.advance(61 * seconds)
      expect(await upgrade).toEqual({
        ok: false,
        reason: "the workers of the new primary were not ready within 60 s",
      })
      await expect(pool.upgrade()).rejects.toThrow("the upgrade before has not ended yet")
      await os.advance(20 * seconds)
      expect(os.workers).toHaveLength(2)
    },
  },
  {
    promise: "upgrade: a stop ends the new primary, too",
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      const upgrade = pool.upgrade()
      await os.advance(100)
      os.signal("SIGTERM")
      expect(await upgrade).toEqual({ ok: false, reason: "the pool stops on SIGTERM" })
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "upgrade: a stop waits for a new primary that does not end, and kills it",
    os: { workers: obedient, successor: { ready: false, stop: false } },
    options: { timeout: 2_000 },
    async play(os, pool) {
      await os.advance(seconds)
      void pool.upgrade()
      await os.advance(100)
      os.signal("SIGTERM")
      await os.advance(2_900)
      expect(os.exitCode).toBeUndefined()
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "upgrade: it is refused before the pool is ready, and once it stops",
    os: { workers: { boot: 400 } },
    async play(os, pool) {
      await expect(pool.upgrade()).rejects.toThrow("the pool is not ready yet")
      await os.advance(seconds)
      os.signal("SIGTERM")
      await expect(pool.upgrade()).rejects.toThrow("the pool is stopping")
      await os.advance(seconds)
    },
  },
]
