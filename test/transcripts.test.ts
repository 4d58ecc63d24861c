/**
 * Promises as stories: each runs a pool on the fake platform, and its transcript is kept in test/transcripts. A change
 * of what kamisama decides shows there as a change of text. `npx vitest run --project unit -u` writes them anew; read
 * them before they are committed.
 */
import { describe, expect, test } from "vitest"
import {
  fakePlatform,
  type FakePlatform,
  type FakePlatformOptions,
} from "../src/platform/fake/index.ts"
import { checkLog } from "../src/platform/fake/rules/check-log.ts"
import { kamisama, type KamisamaOptions, type Supervisor } from "../src/index.ts"

interface Story {
  readonly promise: string
  readonly options?: Partial<KamisamaOptions>
  readonly os?: FakePlatformOptions
  readonly tell: (os: FakePlatform, pool: Supervisor) => Promise<void>
  /** Where it stops in the middle on purpose. */
  readonly isUnfinished?: boolean
}

const obedient = {}
const seconds = 1_000

const stories: readonly Story[] = [
  {
    promise: "README: the workers start, and each runs",
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
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
    promise: "respawn: a worker that dies is replaced at once, with code 0 too",
    async tell(os) {
      await os.advance(seconds)
      os.crash(1, { code: 0 })
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "respawn: backoff doubles from 100 ms, per slot",
    os: { workers: ({ id }) => (id === 1 ? { dies: { after: 0, since: "fork" } } : {}) },
    options: { respawnLimit: 6 },
    tell: (os) => os.advance(60 * seconds),
  },
  {
    promise: "respawn: the slot starts over after 60 s of stable life",
    options: { workers: 1 },
    async tell(os) {
      for (const life of [seconds, seconds, 61 * seconds]) {
        await os.advance(life)
        os.crash(1)
      }
      await os.advance(seconds)
    },
    isUnfinished: true,
  },
  {
    promise: "respawnLimit: more than the limit within the interval gives up with code 1",
    os: { workers: { dies: { after: 10 } } },
    options: { respawnLimit: 3, backoff: false },
    async tell(os) {
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "respawnLimit: the limit in every interval goes on for ever",
    os: { workers: { dies: { after: 980 } } },
    options: { workers: 1, respawnLimit: 2, respawnInterval: 2_000, backoff: false },
    tell: (os) => os.advance(8 * seconds),
    isUnfinished: true,
  },
  {
    promise: "respawn: a failed fork is tried again no sooner than 100 ms later, charged",
    os: { workers: [{ forkError: "EAGAIN" }, obedient] },
    options: { workers: 1 },
    tell: (os) => os.advance(seconds),
    isUnfinished: true,
  },
  {
    promise: "respawn on-failure: code 0 is final, and the pool ends when all have finished",
    os: {
      workers: [
        { dies: { after: 50, code: 0 } },
        { dies: { after: 50, code: 2 } },
        { dies: { after: 50, code: 0 } },
      ],
    },
    options: { respawn: "on-failure" },
    async tell(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "respawn never: a failure makes the exit code 1",
    os: { workers: [{ dies: { after: 50, code: 0 } }, { dies: { after: 70, code: 2 } }] },
    options: { respawn: "never" },
    async tell(os) {
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "startTimeout: a worker that is not ready in time is killed and counts as failed",
    os: { workers: [{ ready: false }, obedient] },
    options: { workers: 1, startTimeout: 3_000 },
    tell: (os) => os.advance(4 * seconds),
    isUnfinished: true,
  },
  {
    promise: "startTimeout: is renewed after a suspend",
    os: { workers: { boot: 2_000 } },
    options: { workers: 1, startTimeout: 3_000 },
    async tell(os) {
      await os.advance(seconds)
      await os.suspend(3_600 * seconds)
      await os.advance(2 * seconds)
      expect(os.workers).toHaveLength(1)
    },
    isUnfinished: true,
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
    promise: "scale: down stops the highest numbers, up opens the lowest free ones",
    options: { workers: 4 },
    async tell(os, pool) {
      await os.advance(seconds)
      void pool.scale(2)
      await os.advance(seconds)
      await pool.scale(2)
      void pool.scale(3)
      await os.advance(seconds)
    },
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
    promise: "pids: a process id that is used again confuses nobody",
    os: { reusePids: true },
    async tell(os) {
      await os.advance(seconds)
      os.crash(1)
      await os.advance(seconds)
      expect(os.workers.map(({ pid }) => pid).sort()).toEqual([1_001, 1_002])
    },
    isUnfinished: true,
  },
]

describe("stories", () => {
  test.each(stories)("$promise", async ({ promise, options, os: world, tell, isUnfinished }) => {
    const os = fakePlatform(world)
    const pool = kamisama({ workers: 2, run: () => undefined, ...options, platform: os })
    await tell(os, pool)
    const name = promise.replaceAll(/[^A-Za-z0-9]+/g, "-")
    await expect(`${promise}\n\n${os.transcript()}`).toMatchFileSnapshot(`transcripts/${name}.txt`)
    expect(checkLog(os.log, { isComplete: isUnfinished !== true })).toEqual([])
    if (isUnfinished !== true) expect(os.pendingTimers).toBe(0)
  })
})
