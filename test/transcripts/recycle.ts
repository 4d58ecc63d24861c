/**
 * How workers are replaced by plan.
 */
import { expect } from "vitest"
import { obedient, seconds, type Story } from "./story.ts"

const minute = 60 * seconds

export const recycleStories: readonly Story[] = [
  {
    promise: "recycle: a worker that has served for maxAge is replaced, the new one first, and not all at once",
    options: { recycle: { maxAge: 10 * minute } },
    os: { workers: obedient },
    async tell(os) {
      await os.advance(11 * minute)
      expect(os.workers.map(({ incarnation }) => incarnation).toSorted()).toEqual([3, 4])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: a worker that takes more than maxMemory is replaced",
    options: { workers: 1, recycle: { maxMemory: 300_000_000 } },
    os: { workers: { memory: { atFirst: 80_000_000, perSecond: 4_000_000 } } },
    async tell(os) {
      await os.advance(2 * minute)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: one that takes too much from its start on is left alone, as another one would, too",
    options: { workers: 1, recycle: { maxMemory: 50_000_000 } },
    os: { workers: { memory: { atFirst: 80_000_000, perSecond: 1_000_000 } } },
    async tell(os) {
      await os.advance(60 * minute)
      expect(os.workers.map(({ incarnation }) => incarnation)).toEqual([1])
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  {
    promise: "recycle: a worker that asks for it is replaced, one at a time",
    os: {
      workers: ({ nth }) =>
        nth === 1 ? { recycles: { after: 100 }, stop: { after: 500 } } : obedient,
    },
    async tell(os) {
      await os.advance(10 * seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: where the new worker fails the old one stays, and it is tried again a minute later",
    options: { workers: 1 },
    os: {
      workers: ({ nth }) =>
        nth === 1
          ? { recycles: { after: 100 } }
          : nth === 2
            ? { dies: { after: 5, since: "fork" } }
            : obedient,
    },
    async tell(os) {
      await os.advance(2 * minute)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
]
