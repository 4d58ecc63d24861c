/**
 * What the user's own code sees and does in a worker.
 */
import { expect } from "vitest"
import { seconds, type Scenario } from "./scenario.ts"

export const workerScenarios: readonly Scenario[] = [
  {
    promise: "run: if it rejects, the worker exits with 1 and the error is reported once",
    options: {
      run: () => Promise.reject(new Error("no database")),
      respawnLimit: 1,
      backoff: false,
    },
    async play(os) {
      await os.advance(seconds)
      expect(os.errors.filter((line) => line.includes("no database\n"))).toHaveLength(1)
    },
  },
  {
    promise: "run: a function that it returns is called at the stop",
    options: { workers: 1, run: () => () => Promise.resolve() },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "run: context.ready() makes the worker ready while run is pending",
    options: {
      workers: 1,
      run: (_, { ready }) => {
        ready()
        return new Promise(() => undefined)
      },
    },
    async play(os, pool) {
      await os.advance(40 * seconds)
      await pool.ready
      expect(os.errors).toEqual([])
    },
    isUnfinished: true,
  },
  {
    promise: "run: a warning is printed if it is still pending after 30 s",
    options: { workers: 1, run: () => new Promise(() => undefined) },
    async play(os) {
      await os.advance(30 * seconds)
      expect(os.errors).toEqual([])
      await os.advance(seconds)
      expect(os.errors.join()).toMatch(/worker 1: .*context\.ready\(\)/)
    },
    isUnfinished: true,
  },
  {
    promise: "run: if it reads context.signal, it is expected to end by it",
    options: {
      workers: 1,
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason))
        }),
    },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "run: if it is pending at a stop without shutdown, the worker exits with 0 at once",
    options: { workers: 1, run: () => new Promise(() => undefined) },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "shutdown: it is called while run is pending",
    options: { workers: 1, run: () => new Promise(() => undefined), shutdown: () => undefined },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "shutdown: if it rejects, the worker exits with 1 and the error is printed",
    options: { workers: 1, shutdown: () => Promise.reject(new Error("no flush")) },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
      expect(os.errors.join("\n")).toContain("shutdown failed: Error: no flush")
    },
  },
  {
    promise: "shutdown: if it never ends, the worker is killed at its timeout",
    options: { workers: 1, timeout: 2_000, shutdown: () => new Promise(() => undefined) },
    async play(os) {
      await os.advance(seconds)
      os.signalGroup("SIGINT")
      os.signalGroup("SIGTERM", "workers")
      await os.advance(3 * seconds)
      expect(os.exitCode).toBe(1)
    },
  },
]
