/**
 * The start, and what the handle tells.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const handleScenarios: readonly Scenario[] = [
  {
    promise: "start: the workers start, and each one runs",
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "stop(): the workers get the signal that it names",
    async play(os, pool) {
      await os.advance(seconds)
      const done = pool.stop("SIGHUP")
      await os.advance(seconds)
      expect(await done).toEqual({ code: 0, reason: "every worker has stopped" })
    },
  },
  {
    promise: "beforeFork: it is awaited before the first fork",
    options: { beforeFork: () => Promise.resolve() },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "beforeFork: if it rejects, the primary exits with 1",
    options: { beforeFork: () => Promise.reject(new Error("no migrations")) },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "workers: WEB_CONCURRENCY sets the number if the options do not",
    options: { workers: undefined },
    os: { workers: obedient, webConcurrency: "1", cores: 3 },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "workers: there is one per core if WEB_CONCURRENCY is empty",
    options: { workers: undefined },
    os: { workers: obedient, webConcurrency: "", cores: 3 },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "ready: it resolves once every worker is ready",
    os: { workers: [obedient, { ready: 500 }] },
    async play(os, pool) {
      let readyAt = -1
      void pool.ready.then(() => (readyAt = os.now))
      await os.advance(seconds)
      expect([readyAt, pool.state]).toEqual([513, "running"])
    },
    isUnfinished: true,
  },
  {
    promise: "ready: it rejects if the pool ends first",
    os: { workers: { ready: false } },
    async play(os, pool) {
      await os.advance(seconds)
      expect(pool.state).toBe("starting")
      void pool.stop()
      await os.advance(seconds)
      await expect(pool.ready).rejects.toThrow("the pool has ended before it was ready: every worker has stopped")
    },
  },
  {
    promise: "exit false: the primary does not exit, and done resolves",
    os: { workers: obedient },
    options: { exit: false },
    async play(os, pool) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBeUndefined()
      expect(await pool.done).toEqual({ code: 0, reason: "every worker has stopped" })
    },
  },
]
