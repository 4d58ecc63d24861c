/**
 * Signals: to the primary, to a worker, to all of them.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const signalsScenarios: readonly Scenario[] = [
  {
    promise: "signals: the first stop counts, and later ones change nothing",
    async play(os) {
      await os.advance(seconds)
      for (const signal of ["SIGINT", "SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"]) os.signal(signal)
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: Ctrl-C reaches the whole group, and each worker is asked once",
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGINT")
      os.signalGroup("SIGINT", "workers")
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: a group signal that reaches the workers first causes no fork",
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGUSR2")
      os.signalWorker(2, "SIGUSR2")
      await os.advance(200)
      os.signal("SIGUSR2")
      await os.advance(seconds)
    },
  },
  {
    promise: "signals: SIGTTIN adds a worker, and SIGTTOU stops the oldest",
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTIN")
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: SIGTTOU never goes below one worker",
    async play(os) {
      await os.advance(seconds)
      for (let count = 0; count < 4; count += 1) os.signal("SIGTTOU")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: SIGTTIN takes back a slot that is stopping",
    os: { workers: { stop: { after: 500 } } },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(100)
      os.signal("SIGTTIN")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: a signal that is mapped to ignore is caught and ignored",
    options: { signals: { SIGHUP: "ignore" } },
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGHUP")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: after SIGKILL to the primary every worker shuts down by itself",
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGKILL")
      await os.advance(seconds)
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
    options: { shutdown: () => undefined },
  },
  {
    promise: "Windows: a killed primary takes its workers with it, without a shutdown",
    os: { system: "windows" },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGKILL")
      expect(os.workers).toEqual([])
      await os.advance(seconds)
    },
    isUnfinished: true,
    options: { shutdown: () => undefined },
  },
  {
    promise: "signals: a worker that gets a stop signal alone is replaced 250 ms after the report",
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(2, "SIGTERM")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: stop signals to each process of the tree, as nodemon sends them, cause no fork",
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGUSR2", "workers", 5)
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: two stop signals to one worker ask it once",
    os: { workers: { stop: { after: 500 } } },
    options: { workers: 1 },
    async play(os) {
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
    promise: "signals: stop signals again and again do not keep a worker",
    options: { workers: 1 },
    async play(os) {
      await os.advance(seconds)
      for (let count = 0; count < 3; count += 1) {
        os.signalWorker(1, "SIGTERM")
        await os.advance(100)
      }
      expect(os.worker(1)?.incarnation).not.toBe(1)
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: workers that end by themselves at a stop signal have not failed together",
    async play(os) {
      await os.advance(seconds)
      for (const id of [1, 2]) {
        os.signalWorker(id, "SIGTERM")
        os.crash(id, { code: 143 })
      }
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: a stop signal ends a booting worker, and it is replaced 250 ms later",
    os: { workers: [{ boot: 400 }, obedient] },
    options: { workers: 1 },
    async play(os) {
      await os.advance(100)
      os.signalWorker(1, "SIGTERM")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "signals: a stop signal to one worker makes its exit with 0 final under on-failure",
    options: { respawn: "on-failure" },
    os: { workers: obedient },
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGTERM")
      await os.advance(seconds)
      os.signalWorker(2, "SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: a signal that is mapped to false is left alone, in the primary and in the workers",
    os: { workers: obedient },
    options: { signals: { SIGHUP: false } },
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGHUP")
      await os.advance(seconds)
      expect(os.exitCode).toBeUndefined()
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "signals: a signal that is mapped to stop stops the pool",
    os: { workers: obedient },
    options: { signals: { SIGQUIT: "stop" } },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGQUIT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "signals: after SIGQUIT to the primary alone the workers end as after SIGKILL",
    options: { shutdown: () => undefined },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGQUIT")
      await os.advance(seconds)
      expect(os.workers).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "signals: after SIGKILL to the primary no worker outlives its timeout",
    os: { workers: [{ stop: "ignore" }, { boot: false }, obedient] },
    options: { workers: 3, timeout: 2_000 },
    async play(os) {
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
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "signals: a worker that hangs without its channel is killed at its timeout",
    os: { workers: [{ channelCloses: { after: 500 }, stop: "ignore" }, obedient] },
    options: { workers: 1, timeout: 2_000 },
    play: (os) => os.advance(5 * seconds),
    isUnfinished: true,
  },
]
