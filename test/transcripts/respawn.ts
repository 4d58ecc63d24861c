/**
 * What follows an exit or a failed fork, and when it is too much.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

export const respawnScenarios: readonly Scenario[] = [
  {
    promise: "respawn: a worker that exits is replaced at once, also after code 0",
    async play(os) {
      await os.advance(seconds)
      os.crash(1, { code: 0 })
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: the backoff of a slot doubles from 100 ms",
    os: { workers: ({ id }) => (id === 1 ? { dies: { after: 0, since: "fork" } } : {}) },
    options: { respawnLimit: 6 },
    play: (os) => os.advance(60 * seconds),
  },
  {
    promise: `startFailure "exit": the pool gives up at once when every first worker has failed`,
    os: { workers: [{ dies: { after: 5, since: "fork" } }, { dies: { after: 8, since: "fork" } }, { boot: 400 }] },
    options: { startFailure: "exit" },
    async play(os) {
      await os.advance(60)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: `startFailure "exit": once a worker was ready, failures are retried`,
    os: { workers: [obedient, { dies: { after: 50, since: "fork" } }, obedient] },
    options: { startFailure: "exit" },
    async play(os) {
      await os.advance(100)
      os.crash(1)
      await os.advance(seconds)
      expect(os.workers).toHaveLength(2)
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: the backoff starts over after 60 s of stable life",
    options: { workers: 1 },
    async play(os) {
      for (const life of [seconds, seconds, 61 * seconds]) {
        await os.advance(life)
        os.crash(1)
      }
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "incident: workers that fail together are reported as one incident, and one that fails alone is not",
    options: { workers: 4 },
    async play(os, pool) {
      const told: string[] = []
      pool.on("incident", ({ text }) => void told.push(text))
      await os.advance(2 * seconds)
      for (const id of [2, 3, 1]) {
        os.crash(id, { signal: "SIGKILL" })
        await os.advance(40)
      }
      await os.advance(5 * seconds)
      os.crash(4)
      await os.advance(5 * seconds)
      expect(told).toEqual([
        "3 of 4 workers failed within 0.1 s, all ended by SIGKILL, 1.9 s to 2 s after they became ready: probably one cause (database? release? memory?)",
      ])
    },
    isUnfinished: true,
  },
  {
    promise: "respawnLimit: one more respawn than the limit within the interval gives up with code 1",
    os: { workers: { dies: { after: 10 } } },
    options: { respawnLimit: 3, backoff: false },
    async play(os) {
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "respawnLimit: as many respawns as the limit in every interval can continue forever",
    os: { workers: { dies: { after: 980 } } },
    options: { workers: 1, respawnLimit: 2, respawnInterval: 2_000, backoff: false },
    play: (os) => os.advance(8 * seconds),
    isUnfinished: true,
  },
  {
    promise: "respawn: a failed fork is retried after 100 ms at the earliest, and counts",
    os: { workers: [{ forkError: "EAGAIN" }, obedient] },
    options: { workers: 1 },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "respawn on-failure: code 0 is final, and the pool ends when all workers have finished",
    os: {
      workers: [
        { dies: { after: 50, code: 0 } },
        { dies: { after: 50, code: 2 } },
        { dies: { after: 50, code: 0 } },
      ],
    },
    options: { respawn: "on-failure" },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "respawn never: a failure makes the exit code 1",
    os: { workers: [{ dies: { after: 50, code: 0 } }, { dies: { after: 70, code: 2 } }] },
    options: { respawn: "never" },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "startTimeout: a worker that is not ready in time is killed and counts as failed",
    os: { workers: [{ ready: false }, obedient] },
    options: { workers: 1, startTimeout: 3_000 },
    play: (os) => os.advance(4 * seconds),
    isUnfinished: true,
  },
  {
    promise: "startTimeout: it starts over after a suspend",
    os: { workers: { boot: 2_000 } },
    options: { workers: 1, startTimeout: 3_000 },
    async play(os) {
      await os.advance(seconds)
      await os.suspend(3_600 * seconds)
      await os.advance(2 * seconds)
      expect(os.workers).toHaveLength(1)
    },
    isUnfinished: true,
  },
  {
    promise: "pids: a process id that is used again causes no mistake",
    os: { reusePids: true },
    async play(os) {
      await os.advance(seconds)
      os.crash(1)
      await os.advance(seconds)
      expect(os.workers.map(({ pid }) => pid).sort()).toEqual([1_001, 1_002])
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: a worker that is killed by a signal is replaced",
    os: { workers: obedient },
    options: { workers: 1 },
    async play(os) {
      await os.advance(seconds)
      os.signalWorker(1, "SIGKILL")
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: a worker is not stable 59_999 ms after it became ready",
    os: { workers: [{ dies: { after: 0 } }, { dies: { after: 59_999 } }, obedient] },
    options: { workers: 1 },
    async play(os) {
      await os.advance(61 * seconds)
      expect(os.transcript()).toMatch(/47 ms .* ready\n 60_046 ms .* code 1\n 60_153 ms /)
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: a worker is stable 60_000 ms after it became ready",
    os: { workers: [{ dies: { after: 0 } }, { dies: { after: 60_000 } }, obedient] },
    options: { workers: 1 },
    async play(os) {
      await os.advance(61 * seconds)
      expect(os.transcript()).toMatch(/47 ms .* ready\n 60_047 ms .* code 1\n +→ fork /)
    },
    isUnfinished: true,
  },
  {
    promise: "respawnInterval: a respawn counts until just before the interval has passed",
    os: { workers: obedient },
    options: { workers: 1, respawnLimit: 1, respawnInterval: 2_000, backoff: false },
    async play(os) {
      await os.advance(seconds)
      os.crash(1)
      await os.advance(1_999)
      os.crash(1)
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "respawnInterval: a respawn is forgotten once the interval has passed",
    os: { workers: obedient },
    options: { workers: 1, respawnLimit: 1, respawnInterval: 2_000, backoff: false },
    async play(os) {
      await os.advance(seconds)
      os.crash(1)
      await os.advance(2_000)
      os.crash(1)
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "respawnLimit 0: the pool gives up at the first exit",
    os: { workers: [{ dies: { after: 100 } }, obedient] },
    options: { respawnLimit: 0 },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "respawnLimit: failed forks count too",
    os: { workers: { forkError: "ENOMEM" } },
    options: { workers: 1, respawnLimit: 2, backoff: false },
    async play(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "startTimeout: a worker that is ready just too late is killed",
    os: { workers: [{ boot: 10, ready: 12 }, { ready: 0 }] },
    options: { workers: 1, startTimeout: 24 },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "startTimeout: a worker that is ready just in time lives",
    os: { workers: { boot: 10, ready: 10 } },
    options: { workers: 1, startTimeout: 24 },
    play: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "startTimeout: it no longer applies once the worker is asked to stop",
    os: { workers: { ready: false, stop: { after: 2_000 } } },
    options: { workers: 1, startTimeout: 3_000 },
    async play(os) {
      await os.advanceTo(2_900)
      os.signal("SIGTERM")
      await os.advance(3 * seconds)
      expect(os.exitCode).toBe(0)
    },
  },
]
