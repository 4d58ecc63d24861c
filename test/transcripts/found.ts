/**
 * What the search has found: counterexamples of the core or of its rules as they were, told as they are now. The search
 * had them in single milliseconds; here they have the figures of a real pool. What the simulated operating system never
 * does is told by the moves of the search itself.
 */
import { expect } from "vitest"
import { type RecordedRun, obedient, seconds, type Scenario } from "./scenario.ts"

/** Its hello is still on its way when its start timeout of 3 s is over, and its exit is reported 500 ms later. */
const late = { boot: 2_999, exitReportedAfter: 500 }

export const foundScenarios: readonly Scenario[] = [
  {
    promise: "found: a worker that is killed while its hello is on its way is not told to run",
    os: { workers: [late, obedient] },
    options: { workers: 1, startTimeout: 3_000 },
    play: (os) => os.advance(4 * seconds),
    isUnfinished: true,
  },
  {
    promise: "found: a worker that is killed, says hello and is ended by a stop signal has failed",
    os: { workers: { ...late, dies: { after: 3_000, since: "fork", signal: "SIGINT" } } },
    options: { workers: 1, startTimeout: 3_000 },
    async play(os) {
      await os.advance(3_200)
      os.signal("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "found: the wait for exits starts at the last kill, even if that worker has exited since",
    os: {
      workers: ({ id }) => ({ stop: "ignore", exitReportedAfter: id === 1 ? 60_000 : 1 }),
    },
    options: { timeout: 2_000 },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(500)
      os.signal("SIGTERM")
      await os.advance(1_600)
      await os.suspend(2_800)
      await os.advance(10 * seconds)
      expect(os.exitCode).toBe(1)
    },
    latenessMs: 2_800,
  },
]

export const foundRuns: readonly RecordedRun[] = [
  {
    promise: "found: a failed fork waits until a signal reported before it can no longer be part of a group signal",
    options: { workers: 1 },
    moves: [
      "started",
      "worker 1 (#1) received SIGINT",
      "fork of worker 1 (#1) failed: EAGAIN",
      "250 ms pass",
      "deadline reached",
    ],
  },
]
