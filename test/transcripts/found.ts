/**
 * What the search has found: counterexamples of the core or of its rules as they were, told as they are now. The search
 * had them in single milliseconds; here they have the figures of a real pool. What the simulated operating system never
 * does is told by the moves of the search itself.
 */
import { expect } from "vitest"
import { type History, obedient, seconds, type Story } from "./story.ts"

/** Its hello is still on its way when its start timeout of 3 s is over, and its exit is reported 500 ms later. */
const late = { boot: 2_999, exitReportedAfter: 500 }

export const foundStories: readonly Story[] = [
  {
    promise: "found: a worker that was killed while its hello was on its way is not told to run",
    os: { workers: [late, obedient] },
    options: { workers: 1, startTimeout: 3_000 },
    tell: (os) => os.advance(4 * seconds),
    isUnfinished: true,
  },
  {
    promise: "found: a worker that was killed, said hello and was ended by a stop signal is a failure",
    os: { workers: { ...late, dies: { after: 3_000, since: "fork", signal: "SIGINT" } } },
    options: { workers: 1, startTimeout: 3_000 },
    async tell(os) {
      await os.advance(3_200)
      os.signal("SIGINT")
      await os.advance(seconds)
      expect(os.exitCode).toBe(1)
    },
  },
  {
    promise: "found: the wait for exits counts from the last kill, also of one that has exited since",
    os: {
      workers: ({ id }) => ({ stop: "ignore", exitReportedAfter: id === 1 ? 60_000 : 1 }),
    },
    options: { timeout: 2_000 },
    async tell(os) {
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

export const foundHistories: readonly History[] = [
  {
    promise: "found: a failed fork waits for the echo of a signal that was told of before it",
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
