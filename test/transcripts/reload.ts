/**
 * How the program is loaded anew while it serves.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

/** A reload that replaces every worker: which ones live then, each by its slot and its incarnation. */
function reloads(...living: readonly (readonly [number, number])[]): Scenario["play"] {
  return async (os, pool) => {
    await os.advance(seconds)
    const reload = pool.reload()
    await os.advance(seconds)
    expect(await reload).toEqual({ ok: true })
    expect(os.workers.map(({ id, incarnation }) => [id, incarnation])).toEqual(living)
  }
}

export const reloadScenarios: readonly Scenario[] = [
  {
    promise: "reload: one slot follows the other, new before old",
    os: { workers: obedient },
    play: reloads([1, 3], [2, 4]),
    isUnfinished: true,
  },
  {
    promise: "reload: with atOnce, several slots are replaced side by side",
    options: { workers: 3, reload: { atOnce: 2 } },
    os: { workers: obedient },
    play: reloads([1, 4], [2, 5], [3, 6]),
    isUnfinished: true,
  },
  {
    promise: "reload: a signal that is mapped to it starts it",
    options: { workers: 1, signals: { SIGHUP: "reload" } },
    os: { workers: obedient },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGHUP")
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "reload: the old worker is asked to stop once the new one has been ready for minReadyTime",
    options: { workers: 1, reload: { minReadyTime: 5_000 } },
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      void pool.reload()
      await os.advance(4_900)
      expect(os.workers).toHaveLength(2)
      await os.advance(seconds)
      expect(os.workers).toHaveLength(1)
    },
    isUnfinished: true,
  },
  {
    promise: "reload: a new worker that dies aborts it, and the old one stays",
    os: { workers: ({ incarnation }) => (incarnation > 2 ? { dies: { after: 50 } } : obedient) },
    options: { reload: { minReadyTime: seconds } },
    async play(os, pool) {
      await os.advance(seconds)
      const reload = pool.reload()
      await os.advance(seconds)
      expect(await reload).toEqual({
        ok: false,
        reason:
          "new worker 1 (pid 1003) exited with code 1, 50 ms after it became ready (minReadyTime 1 s). All 2 workers run the old code.",
      })
      expect(os.workers.map(({ incarnation, asked }) => [incarnation, asked])).toEqual([
        [1, []],
        [2, []],
      ])
    },
    isUnfinished: true,
  },
  {
    promise: "reload: a new worker that is never ready is killed after 30 s, and the old one stays",
    os: { workers: ({ incarnation }) => (incarnation > 2 ? { boot: false } : obedient) },
    async play(os, pool) {
      await os.advance(seconds)
      const reload = pool.reload()
      await os.advance(31 * seconds)
      expect(await reload).toMatchObject({ ok: false })
      expect(os.workers.map(({ incarnation }) => incarnation)).toEqual([1, 2])
    },
    isUnfinished: true,
  },
  {
    promise: "reload: one that is requested during another follows it",
    options: { workers: 1 },
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      const command: string[] = []
      const reloads = ["first", "second", "third"].map((name) =>
        pool.reload().then(({ ok }) => command.push(`${name} ${ok}`)),
      )
      await os.advance(seconds)
      await Promise.all(reloads)
      expect(command).toEqual(["first true", "second true", "third true"])
      expect(os.worker(1)?.incarnation).toBe(3)
    },
    isUnfinished: true,
  },
  {
    promise: "reload: a stop ends it, and each worker is asked once",
    options: { workers: 1 },
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      const reloads = [pool.reload(), pool.reload()]
      os.signal("SIGTERM")
      await os.advance(seconds)
      for (const reload of reloads) expect(await reload).toMatchObject({ ok: false })
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "reload: it is refused until every worker has been ready, and once the pool stops",
    os: { workers: obedient },
    async play(os, pool) {
      const early = pool.reload()
      await expect(early).rejects.toThrow("pool.reload: the pool is not ready yet. Await pool.ready first.")
      await os.advance(seconds)
      os.signal("SIGTERM")
      await expect(pool.reload()).rejects.toThrow("pool.reload: the pool is stopping")
      await os.advance(seconds)
    },
  },
  {
    promise: "reload: SIGTTIN and SIGTTOU change the target meanwhile",
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      void pool.reload()
      os.signal("SIGTTIN")
      os.signal("SIGTTIN")
      os.signal("SIGTTOU")
      await os.advance(seconds)
      expect(os.workers.map(({ state }) => state)).toEqual(["ready", "ready", "ready"])
    },
    isUnfinished: true,
  },
]
