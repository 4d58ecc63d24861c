/**
 * How a worker that hangs is found and replaced.
 */
import { expect } from "vitest"
import { obedient, seconds, type Scenario } from "./scenario.ts"

const options = { workers: 2, heartbeatTimeout: 4_000 } as const

export const heartbeatScenarios: readonly Scenario[] = [
  {
    promise: "heartbeat: a worker whose event loop is blocked is killed and replaced",
    options,
    os: { workers: ({ incarnation }) => (incarnation === 1 ? { hangs: { after: 10_000 } } : {}) },
    async play(os) {
      await os.advance(20_000)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "heartbeat: workers that send heartbeats are left alone",
    options,
    os: { workers: obedient },
    async play(os) {
      await os.advance(3_600 * seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "heartbeat: after a suspend no worker is killed",
    options,
    os: { workers: obedient },
    async play(os) {
      for (const ms of [500, 3_999, 4_000, 5_001, 3_600 * seconds]) {
        await os.advance(1_234)
        await os.suspend(ms)
        await os.advance(10 * seconds)
      }
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "heartbeat: a worker that is blocked while it stops is killed at its timeout",
    options: { ...options, workers: 1, timeout: 10_000 },
    os: { workers: { hangs: { after: 1_000 } } },
    async play(os) {
      await os.advance(2_000)
      os.signal("SIGTERM")
      await os.advance(20_000)
      expect(os.exitCode).toBe(1)
    },
  },
]
