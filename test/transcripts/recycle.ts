/**
 * How workers are replaced by plan.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

const minute = 60 * seconds

export const recycleScenarios: readonly Scenario[] = [
  {
    promise: "recycle: workers that reach maxAge are replaced, new before old and not all at once",
    options: { recycle: { maxAge: 10 * minute } },
    os: { workers: obedient },
    async play(os) {
      await os.advance(11 * minute)
      expect(os.workers.map(({ incarnation }) => incarnation).toSorted()).toEqual([3, 4])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: a worker that uses more than maxMemory is replaced",
    options: { workers: 1, recycle: { maxMemory: 300_000_000 } },
    os: { workers: { memory: { atFirst: 80_000_000, perSecond: 4_000_000 } } },
    async play(os) {
      await os.advance(2 * minute)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: a worker that uses too much from its start on is left alone",
    options: { workers: 1, recycle: { maxMemory: 50_000_000 } },
    os: { workers: { memory: { atFirst: 80_000_000, perSecond: 1_000_000 } } },
    async play(os) {
      await os.advance(60 * minute)
      expect(os.workers.map(({ incarnation }) => incarnation)).toEqual([1])
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  {
    promise: "recycle: workers that have served maxRequests are replaced, and not all at once",
    options: { recycle: { maxRequests: 10_000 } },
    os: { workers: { ...obedient, requestsPerSecond: 100 } },
    async play(os) {
      await os.advance(2 * minute)
      expect(os.workers.map(({ incarnation }) => incarnation).toSorted()).toEqual([3, 4])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle(): workers that call it are replaced, one at a time",
    os: {
      workers: ({ nth }) =>
        nth === 1 ? { recycles: { after: 100 }, stop: { after: 500 } } : obedient,
    },
    async play(os) {
      await os.advance(10 * seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "recycle: if the replacement fails, the old worker stays and is recycled a minute later",
    options: { workers: 1 },
    os: {
      workers: ({ nth }) =>
        nth === 1
          ? { recycles: { after: 100 } }
          : nth === 2
            ? { dies: { after: 5, since: "fork" } }
            : obedient,
    },
    async play(os) {
      await os.advance(2 * minute)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
]
