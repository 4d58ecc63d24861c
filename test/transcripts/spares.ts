/**
 * Spares: processes that have loaded the program and wait to fill a slot.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const sparesScenarios: readonly Scenario[] = [
  {
    promise: "spares: one fills the slot of a worker that dies, and the next one follows",
    options: { workers: 2, spares: 1 },
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      expect(pool.status().spares).toMatchObject([{ state: "loaded", incarnation: 3 }])
      os.crash(2)
      await os.advance(seconds)
      expect(os.worker(2)).toMatchObject({ incarnation: 3, state: "ready" })
      expect(pool.workers[1]).toMatchObject({ incarnation: 3, respawns: 1 })
    },
    isUnfinished: true,
  },
  {
    promise: "spares: a reload discards those of the old program before it begins",
    options: { workers: 1, spares: 1 },
    os: { workers: obedient },
    async play(os, pool) {
      await os.advance(seconds)
      const reload = pool.reload()
      await os.advance(seconds)
      expect(await reload).toEqual({ ok: true })
      expect(os.workers.map(({ id, incarnation }) => [id, incarnation])).toEqual([
        [1, 3],
        [0, 4],
      ])
    },
    isUnfinished: true,
  },
  {
    promise: "spares: one that dies is replaced ever later, and that is no restart of a worker",
    options: { workers: 1, spares: 1, backoff: { min: 200, max: 400 } },
    os: {
      workers: ({ id }) => (id === 0 ? { dies: { after: 50, since: "fork" } } : obedient),
    },
    async play(os, pool) {
      await os.advance(seconds)
      expect(pool.status().respawns.counted).toBe(0)
    },
    isUnfinished: true,
  },
  {
    promise: "spares: none outlives the stop, and one that boots is killed",
    options: { workers: 1, spares: 2 },
    os: { workers: ({ id, nth }) => (id === 0 && nth === 2 ? { boot: false } : obedient) },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
]
