/**
 * What the user's own code sees and does in a worker.
 */
import { expect } from "vitest"
import { seconds, type Story } from "./story.ts"

export const workerStories: readonly Story[] = [
  {
    promise: "run: a rejection is exit 1 of the worker, and reported once",
    options: {
      run: () => Promise.reject(new Error("no database")),
      respawnLimit: 1,
      backoff: false,
    },
    async tell(os) {
      await os.advance(seconds)
      expect(os.errors.filter((line) => line.includes("no database\n"))).toHaveLength(1)
    },
  },
  {
    promise: "run: at a stop it is closed by the function that it returned",
    options: { workers: 1, run: () => () => Promise.resolve() },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "run: context.ready() makes the worker ready while it is pending",
    options: {
      workers: 1,
      run: (_, { ready }) => {
        ready()
        return new Promise(() => undefined)
      },
    },
    async tell(os, pool) {
      await os.advance(40 * seconds)
      await pool.ready
      expect(os.errors).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "run: one that is still pending after 30 s is warned of",
    options: { workers: 1, run: () => new Promise(() => undefined) },
    async tell(os) {
      await os.advance(30 * seconds)
      expect(os.errors).toEqual([])
      await os.advance(seconds)
      expect(os.errors.join()).toMatch(/worker 1: .*context\.ready\(\)/)
    },
    isUnfinished: true,
  },
  {
    promise: "run: that takes context.signal is trusted to end by it",
    options: {
      workers: 1,
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason))
        }),
    },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "run: still pending at a stop without shutdown, the worker exits with 0 at once",
    options: { workers: 1, run: () => new Promise(() => undefined) },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "shutdown: is called while run is pending",
    options: { workers: 1, run: () => new Promise(() => undefined), shutdown: () => undefined },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "shutdown: a rejection is exit 1, and printed",
    options: { workers: 1, shutdown: () => Promise.reject(new Error("no flush")) },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
      expect(os.errors.join("\n")).toContain("shutdown failed: Error: no flush")
    },
  },
  {
    promise: "shutdown: that never ends is killed at the timeout",
    options: { workers: 1, timeout: 2_000, shutdown: () => new Promise(() => undefined) },
    async tell(os) {
      await os.advance(seconds)
      os.signalGroup("SIGINT")
      os.signalGroup("SIGTERM", "workers")
      await os.advance(3 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
]
