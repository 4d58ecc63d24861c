/**
 * How a pool stops, by when, and with which exit code.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const stopScenarios: readonly Scenario[] = [
  {
    promise: "timeout: a worker that does not stop is killed, and the exit code is 1",
    os: { workers: [obedient, { stop: "ignore" }] },
    options: { timeout: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "timeout: a later stop never moves the time of a kill",
    os: { workers: { stop: "ignore" } },
    options: { timeout: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(3 * seconds)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
    },
  },
  {
    promise: "exit code: a failure during the stop makes it 1",
    os: { workers: [obedient, { stop: { code: 3 } }] },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "stop: before the first fork it ends the pool with 0",
    async play(os) {
      os.signal("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stop: workers that boot are killed at once, and the exit code is 0",
    os: { workers: [{ boot: 400 }, { boot: false }] },
    async play(os) {
      await os.advance(100)
      os.signal("SIGTERM")
      await os.advance(1)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stop: a booting worker that the signal ends is not a failure",
    os: { workers: { boot: 400 } },
    async play(os) {
      await os.advance(100)
      os.signalGroup("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "waitForWorkers false: the primary asks the workers and is done",
    options: { waitForWorkers: false },
    os: { workers: { stop: { after: 500 } } },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      expect(os.exitCode).toBe(0)
      expect(os.workers).toHaveLength(2)
      await os.advance(seconds)
      expect(os.workers).toHaveLength(0)
    },
  },
  {
    promise: "stop: no fork happens, whatever exits or scales",
    os: { workers: { stop: { after: 500 } } },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      os.crash(1)
      await os.advance(100)
      for (const signal of ["SIGTTIN", "SIGTTOU"]) os.signal(signal)
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "stop: a slot that waits for its respawn stays empty",
    os: { workers: { dies: { after: 0 } } },
    options: { workers: 1 },
    async play(os) {
      await os.advance(100)
      expect(os.workers).toEqual([])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stopDelay: the pool serves on, then it stops, and later signals change nothing",
    os: { workers: obedient },
    options: { stopDelay: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      os.crash(1)
      for (const signal of ["SIGTERM", "SIGINT", "SIGTTIN", "SIGTTOU"]) os.signal(signal)
      await os.advance(3 * seconds)
      expect(os.workers).toHaveLength(2)
      expect(os.exitCode).toBeUndefined()
      await os.advance(2 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stopDelay: after Ctrl-C the workers serve on, whoever gets the signal first",
    os: { workers: obedient },
    options: { stopDelay: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGINT", "workers", 5)
      await os.advance(4 * seconds)
      expect(os.workers).toHaveLength(2)
      await os.advance(2 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stopDelay: a worker that gets a stop signal alone is stopped 250 ms later",
    os: { workers: obedient },
    options: { stopDelay: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGTERM")
      await os.advance(seconds)
    },
  },
  {
    promise: "stopDelay: a reload ends when a stop is asked for",
    os: { workers: { boot: 400 } },
    options: { stopDelay: 5_000 },
    async play(os, pool) {
      await os.advance(seconds)
      const reload = pool.reload()
      await os.advance(100)
      os.signal("SIGTERM")
      expect(await reload).toEqual({ ok: false, reason: "the pool stops on SIGTERM in 5 s" })
      await os.advance(6 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stopDelay: a pool that gives up meanwhile stops at once",
    os: { workers: obedient },
    options: { stopDelay: 5_000, respawnLimit: 0 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      os.crash(1)
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "stop: during beforeFork it ends the pool with 0, and nothing is forked",
    options: { beforeFork: () => new Promise(() => undefined) },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exit code: a failure before the stop does not count",
    os: { workers: obedient },
    options: { workers: 1 },
    async play(os) {
      await os.advance(seconds)
      os.crash(1, { code: 7 })
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exit code: a fork that fails during the stop does not count",
    os: { workers: [{ forkError: "ENOMEM" }, obedient] },
    async play(os) {
      await os.advance(0)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exit code: after its hello a worker that a stop signal ends has failed",
    os: { workers: { stop: { after: 500 } } },
    options: { workers: 1 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      os.crash(1, { signal: "SIGTERM" })
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "timeout: a kill that meets a dead process changes nothing",
    os: { workers: { stop: { after: 4_990 }, exitReportedAfter: 20 } },
    options: { workers: 1, timeout: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "timeout: the primary exits soon after it, even if no exit is reported",
    os: { workers: { stop: "ignore", exitReportedAfter: 60_000 } },
    options: { workers: 1, timeout: 5_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(11 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "waitForWorkers false: a booting worker is killed at once, and a blocked one at its timeout",
    options: { waitForWorkers: false, timeout: 2_000 },
    os: { workers: [{ boot: 5_000 }, { stop: "ignore" }] },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      expect(os.exitCode).toBe(0)
      await os.advance(2 * seconds)
      expect(os.workers).toEqual([])
    },
  },
  {
    promise: "waitForWorkers false: after giving up the code is 1",
    options: { waitForWorkers: false, respawnLimit: 0 },
    os: { workers: [{ dies: { after: 100 } }, obedient] },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
]
