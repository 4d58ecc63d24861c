/**
 * Signals: to the primary, to a worker, to all of them.
 */
import { expect } from "vitest"
import { obedient, seconds, type Story } from "./story.ts"

export const signalsStories: readonly Story[] = [
  {
    promise: "signals: the first stop counts, later ones change nothing",
    async tell(os) {
      await os.advance(seconds)
      for (const signal of ["SIGINT", "SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"]) os.signal(signal)
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: Ctrl-C reaches the whole group, and each worker is asked once",
    async tell(os) {
      await os.advance(seconds)
      os.signalGroup("SIGINT")
      os.signalGroup("SIGINT", "workers")
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: a group signal that reaches the workers first causes no fork",
    async tell(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGUSR2")
      os.signalWorker(2, "SIGUSR2")
      await os.advance(200)
      os.signal("SIGUSR2")
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: SIGTTIN adds a worker, SIGTTOU stops the oldest",
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTTIN")
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: SIGTTOU never goes below one",
    async tell(os) {
      await os.advance(seconds)
      for (let count = 0; count < 4; count += 1) os.signal("SIGTTOU")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: SIGTTIN takes back a slot that is stopping",
    os: { workers: { stop: { after: 500 } } },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(100)
      os.signal("SIGTTIN")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: what is mapped to ignore is swallowed",
    options: { signals: { SIGHUP: "ignore" } },
    async tell(os) {
      await os.advance(seconds)
      os.signalGroup("SIGHUP")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: after SIGKILL of the primary every worker shuts down by itself",
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGKILL")
      await os.advance(seconds)
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
    options: { shutdown: () => undefined },
  },
  {
    promise: "signals: to one worker alone, it is replaced 250 ms after the report",
    async tell(os) {
      await os.advance(seconds)
      os.signalWorker(2, "SIGTERM")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: one after another over the whole tree, as nodemon sends them, cause no fork",
    async tell(os) {
      await os.advance(seconds)
      os.signalGroup("SIGUSR2", "workers", 5)
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: to a worker twice asks it once",
    os: { workers: { stop: { after: 500 } } },
    options: { workers: 1 },
    async tell(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGTERM")
      await os.advance(100)
      os.signalWorker(1, "SIGINT")
      await os.advance(300)
      expect(os.worker(1)?.asked).toEqual(["SIGTERM"])
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: to a booting worker end it, and it is replaced 250 ms later",
    os: { workers: [{ boot: 400 }, obedient] },
    options: { workers: 1 },
    async tell(os) {
      await os.advance(100)
      os.signalWorker(1, "SIGTERM")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: to one worker, its exit with 0 is final under on-failure",
    options: { respawn: "on-failure" },
    os: { workers: obedient },
    async tell(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGTERM")
      await os.advance(seconds)
      os.signalWorker(2, "SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: false leaves one alone, in the primary and in the workers",
    os: { workers: obedient },
    options: { signals: { SIGHUP: false } },
    async tell(os) {
      await os.advance(seconds)
      os.signalGroup("SIGHUP")
      await os.advance(seconds)
      expect(os.exitCode).toBeUndefined()
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "signals: what is mapped to stop stops",
    os: { workers: obedient },
    options: { signals: { SIGQUIT: "stop" } },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGQUIT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: after SIGQUIT to the primary alone the workers end as after SIGKILL",
    options: { shutdown: () => undefined },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGQUIT")
      await os.advance(seconds)
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "signals: after SIGKILL of the primary no worker outlives its timeout",
    os: { workers: [{ stop: "ignore" }, { boot: false }, obedient] },
    options: { workers: 3, timeout: 2_000 },
    async tell(os) {
      await os.advance(seconds)
      os.signal("SIGKILL")
      await os.advance(1_999)
      expect(os.workers.map(({ id }) => id)).toEqual([1])
      await os.advance(1)
      expect(os.workers).toEqual([])
      expect(os.pendingTimers).toBe(0)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: a worker whose channel has closed stops by itself",
    os: { workers: [{ channelCloses: { after: 500 } }, obedient] },
    options: { workers: 1 },
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "signals: a worker that hangs without its channel is killed in its time",
    os: { workers: [{ channelCloses: { after: 500 }, stop: "ignore" }, obedient] },
    options: { workers: 1, timeout: 2_000 },
    tell: (os) => os.advance(5 * seconds),
    isUnfinished: true,
  },
]
