/**
 * The start, and what the handle tells.
 */
import { expect } from "vitest"
import { obedient, seconds, type Story } from "./story.ts"

export const handleStories: readonly Story[] = [
  {
    promise: "README: the workers start, and each runs",
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "handle: stop() stops with the signal it names",
    async tell(os, pool) {
      await os.advance(seconds)
      const done = pool.stop("SIGHUP")
      await os.advance(seconds)
      expect(await done).toEqual({ code: 0, reason: "every worker has stopped" })
    },
  },
  {
    promise: "beforeFork: is awaited before the first fork",
    options: { beforeFork: () => Promise.resolve() },
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "beforeFork: a rejection is exit 1",
    options: { beforeFork: () => Promise.reject(new Error("no migrations")) },
    async tell(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "workers: WEB_CONCURRENCY says how many, where the options do not",
    options: { workers: undefined },
    os: { workers: obedient, webConcurrency: "1", cores: 3 },
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "workers: as many as there are cores, where WEB_CONCURRENCY is empty",
    options: { workers: undefined },
    os: { workers: obedient, webConcurrency: "", cores: 3 },
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "handle: ready resolves when every worker serves for the first time",
    os: { workers: [obedient, { ready: 500 }] },
    async tell(os, pool) {
      let readyAt = -1
      void pool.ready.then(() => (readyAt = os.now))
      await os.advance(seconds)
      expect([readyAt, pool.state]).toEqual([513, "running"])
    },
    isUnfinished: true,
  },
  {
    promise: "handle: ready is rejected when the pool ends before",
    os: { workers: { ready: false } },
    async tell(os, pool) {
      await os.advance(seconds)
      expect(pool.state).toBe("starting")
      void pool.stop()
      await os.advance(seconds)
      await expect(pool.ready).rejects.toThrow("the pool has ended before it was ready: every worker has stopped")
    },
  },
  {
    promise: "handle: with exit false only done resolves",
    os: { workers: obedient },
    options: { exit: false },
    async tell(os, pool) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBeUndefined()
      expect(await pool.done).toEqual({ code: 0, reason: "every worker has stopped" })
    },
  },
]
