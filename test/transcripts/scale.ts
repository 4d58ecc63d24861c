/**
 * How many workers there are, and which ones come and go.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const scaleScenarios: readonly Scenario[] = [
  {
    promise: "scale(): down stops the highest numbers, up opens the lowest free ones",
    options: { workers: 4 },
    async play(os, pool) {
      await os.advance(seconds)
      void pool.scale(2)
      await os.advance(seconds)
      await pool.scale(2)
      void pool.scale(3)
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "SIGTTIN: it opens the lowest free number",
    os: { workers: obedient },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(seconds)
      os.signal("SIGTTIN")
      os.signal("SIGTTIN")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "SIGTTOU: it removes a finished slot first",
    os: {
      workers: [
        obedient,
        { dies: { after: 100, code: 0 } },
        { dies: { after: 50 } },
        { dies: { after: 50 } },
        obedient,
      ],
    },
    options: { workers: 3, respawn: "on-failure" },
    async play(os) {
      await os.advance(200)
      os.signal("SIGTTOU")
      await os.advance(seconds)
      expect(os.workers.map(({ id }) => id)).toEqual([1, 3])
    },
    isUnfinished: true,
  },
  {
    promise: "SIGTTOU: it removes a waiting slot next, and its respawn does not count",
    os: { workers: [obedient, { dies: { after: 0 } }, { dies: { after: 0 } }, obedient] },
    async play(os) {
      await os.advance(100)
      os.signal("SIGTTOU")
      await os.advance(seconds)
      os.crash(1)
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "SIGTTOU: it removes a slot that is stopping before one that serves",
    os: { workers: { stop: { after: 500 } } },
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(2, "SIGTERM")
      await os.advance(300)
      os.signal("SIGTTOU")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "SIGTTOU: it removes again what SIGTTIN took back",
    os: { workers: { stop: { after: 500 } } },
    async play(os) {
      await os.advance(seconds)
      for (const signal of ["SIGTTOU", "SIGTTIN", "SIGTTOU"]) os.signal(signal)
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "scale(): a booting worker that is not wanted is killed at once",
    os: { workers: { boot: 400 } },
    async play(os, pool) {
      await os.advance(100)
      const scaled = pool.scale(1)
      await os.advance(seconds)
      await scaled
    },
    isUnfinished: true,
  },
  {
    promise: "scale(): before the first fork it sets the number of workers",
    os: { workers: obedient },
    async play(os, pool) {
      const scaled = pool.scale(1)
      await os.advance(seconds)
      await scaled
    },
    isUnfinished: true,
  },
  {
    promise: "scale(): it rejects if another target is set, or the pool stops",
    os: { workers: { stop: { after: 500 } } },
    async play(os, pool) {
      await os.advance(seconds)
      const superseded = pool.scale(1)
      os.signal("SIGTTIN")
      await expect(superseded).rejects.toThrow("pool.scale: superseded, the target is now 2 instead of 1")
      os.signal("SIGTERM")
      await expect(pool.scale(4)).rejects.toThrow("pool.scale: cannot scale to 4, the pool is stopping")
      await os.advance(seconds)
    },
  },
]
