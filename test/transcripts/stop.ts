/**
 * How a pool stops, by when, and with which exit code.
 */
import { expect } from "vitest"
import { obedient, seconds, type Story } from "./story.ts"

export const stopStories: readonly Story[] = [
  {
    promise: "timeout: a worker that does not stop is killed, and the exit code is 1",
    os: { workers: [obedient, { stop: "ignore" }] },
    options: { timeout: 5_000 },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "timeout: the time of a kill is never moved by a later stop",
    os: { workers: { stop: "ignore" } },
    options: { timeout: 5_000 },
    async tell(os) {
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
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "stop: before the first fork ends with 0",
    async tell(os) {
      os.signal("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stop: a booting worker is asked when it says hello, and never runs",
    os: { workers: { boot: 400 } },
    async tell(os) {
      await os.advance(100)
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  {
    promise: "stop: a worker that never says hello is killed at its time",
    os: { workers: { boot: false } },
    options: { timeout: 2_000 },
    async tell(os) {
      await os.advance(100)
      os.signal("SIGTERM")
      await os.advance(3 * seconds)
    },
  },
  {
    promise: "stop: a booting worker that the signal ends is no failure",
    os: { workers: { boot: 400 } },
    async tell(os) {
      await os.advance(100)
      os.signalGroup("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "waitForWorkers false: the primary asks and is done",
    options: { waitForWorkers: false },
    os: { workers: { stop: { after: 500 } } },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      expect(os.exitCode).toBe(0)
      expect(os.workers).toHaveLength(2)
      await os.advance(seconds)
      expect(os.workers).toHaveLength(0)
    },
  },
  {
    promise: "stop: no fork, whatever exits and whoever scales",
    os: { workers: { stop: { after: 500 } } },
    async tell(os) {
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
    async tell(os) {
      await os.advance(100)
      expect(os.workers).toEqual([])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "stop: during beforeFork ends with 0, and nothing is forked",
    options: { beforeFork: () => new Promise(() => undefined) },
    async tell(os) {
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
    async tell(os) {
      await os.advance(seconds)
      os.crash(1, { code: 7 })
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exit code: a fork that fails during the stop is no exit",
    os: { workers: [{ forkError: "ENOMEM" }, obedient] },
    async tell(os) {
      await os.advance(0)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exit code: death by a stop signal after hello is a failure",
    os: { workers: { stop: { after: 500 } } },
    options: { workers: 1 },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      os.crash(1, { signal: "SIGTERM" })
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "timeout: a kill that meets a process dead already changes nothing",
    os: { workers: { stop: { after: 4_990 }, exitReportedAfter: 20 } },
    options: { workers: 1, timeout: 5_000 },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "timeout: the primary is gone a moment after it, even if no exit is reported",
    os: { workers: { stop: "ignore", exitReportedAfter: 60_000 } },
    options: { workers: 1, timeout: 5_000 },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(11 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "waitForWorkers false: who boots ends with the channel, who hangs is killed at timeout",
    options: { waitForWorkers: false, timeout: 2_000 },
    os: { workers: [{ boot: 5_000 }, { stop: "ignore" }] },
    async tell(os) {
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
    async tell(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
]
