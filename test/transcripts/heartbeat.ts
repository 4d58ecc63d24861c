/**
 * How a worker that hangs is found and replaced.
 */
import { expect } from "vitest"
import { obedient, seconds, type Story } from "./story.ts"

const options = { workers: 2, heartbeatTimeout: 4_000 } as const

export const heartbeatStories: readonly Story[] = [
  {
    promise: "heartbeat: a worker whose event loop hangs is killed and replaced",
    options,
    os: { workers: ({ incarnation }) => (incarnation === 1 ? { hangs: { after: 10_000 } } : {}) },
    async tell(os) {
      await os.advance(20_000)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "heartbeat: workers that answer are left alone",
    options,
    os: { workers: obedient },
    async tell(os) {
      await os.advance(3_600 * seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "heartbeat: a machine that was suspended kills nobody",
    options,
    os: { workers: obedient },
    async tell(os) {
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
    promise: "heartbeat: one that hangs when it is to stop is killed at its timeout",
    options: { ...options, workers: 1, timeout: 10_000 },
    os: { workers: { hangs: { after: 1_000 } } },
    async tell(os) {
      await os.advance(2_000)
      os.signal("SIGTERM")
      await os.advance(20_000)
      expect(os.exitCode).toBe(1)
    },
  },
]
