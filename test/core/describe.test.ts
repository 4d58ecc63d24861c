import { describe, expect, test } from "vitest"
import {
  describeCommand,
  describeFact,
  describeMs,
  type Command,
  type Fact,
} from "../../src/core/index.ts"

import { counted, describeAttempt } from "../../src/core/describe.ts"

const worker = { slot: 2, incarnation: 5 }
const figures = { limit: 24, intervalMs: 60_000 }

const facts: [Fact, string][] = [
  [{ type: "started" }, "started"],
  [{ type: "start-failed" }, "beforeFork failed"],
  [{ type: "worker-said-hello", worker }, "worker 2 (#5) said hello"],
  [{ type: "worker-became-ready", worker }, "worker 2 (#5) became ready"],
  [{ type: "worker-was-signaled", worker, signal: "SIGINT" }, "worker 2 (#5) received SIGINT"],
  [{ type: "worker-exited", worker, code: 3, signal: null }, "worker 2 (#5) exited with code 3"],
  [
    { type: "worker-exited", worker, code: null, signal: "SIGKILL" },
    "worker 2 (#5) was ended by SIGKILL",
  ],
  [{ type: "fork-failed", worker, error: "EAGAIN" }, "fork of worker 2 (#5) failed: EAGAIN"],
  [{ type: "signal-received", signal: "SIGTTIN" }, "received SIGTTIN"],
  [{ type: "stop-requested", signal: "SIGTERM" }, "stop with SIGTERM was requested"],
  [{ type: "scale-requested", target: 4 }, "scale to 4 was requested"],
  [{ type: "deadline-reached" }, "deadline reached"],
  [{ type: "reload-requested" }, "reload was requested"],
  [{ type: "worker-sent-heartbeat", worker, agoMs: 0 }, "worker 2 (#5) sent a heartbeat"],
  [{ type: "worker-measured", worker, memoryBytes: 300 * 2 ** 20 }, "worker 2 (#5) uses 300 MiB"],
  [{ type: "worker-measured", worker, memoryBytes: 2 ** 20 }, "worker 2 (#5) uses 1 MiB"],
  [{ type: "worker-measured", worker, memoryBytes: 1_000 }, "worker 2 (#5) uses 1000 bytes"],
  [
    { type: "worker-served-requests", worker, requests: 9_620 },
    "worker 2 (#5) has served 9620 requests",
  ],
  [
    { type: "worker-asked-for-replacement", worker },
    "the replacement of worker 2 (#5) was requested",
  ],
]

const failures = [
  ["exited", "exited during the reload"],
  ["late", "was not ready in time"],
  ["unresponsive", "sent no heartbeat"],
  ["signaled", "received a stop signal during the reload"],
  ["not-forked", "could not be started"],
] as const

const commands: [Command, string][] = [
  ...failures.map(([failure, text]): [Command, string] => [
    {
      type: "announce-reload",
      phase: "aborted",
      reason: { rule: "replacement-failed", worker, failure },
    },
    `announce reload aborted: worker 2 (#5) ${text}`,
  ]),
  [
    {
      type: "kill-worker",
      worker,
      reason: { rule: "heartbeat-timeout", heartbeatTimeoutMs: 10_000 },
    },
    "kill worker 2 (#5): no heartbeat for 10 s",
  ],
  [
    { type: "fork-worker", worker, reason: { rule: "scale-down", from: 3, to: 2 } },
    "fork worker 2 (#5): scaled down from 3 to 2",
  ],
  [
    { type: "fork-worker", worker, reason: { rule: "max-age", maxAgeMs: 86_400_000 } },
    "fork worker 2 (#5): the previous worker has reached its maximum age (24 h, minus up to 20 %)",
  ],
  [
    {
      type: "fork-worker",
      worker,
      reason: { rule: "max-memory", memoryBytes: 310 * 2 ** 20, maxMemoryBytes: 300 * 2 ** 20 },
    },
    "fork worker 2 (#5): the previous worker uses 310 MiB, more than 300 MiB",
  ],
  [
    {
      type: "fork-worker",
      worker,
      reason: { rule: "max-requests", requests: 9_620, maxRequests: 10_000 },
    },
    "fork worker 2 (#5): the previous worker has served 9620 requests (at most 10000, minus up to 20 %)",
  ],
  [
    { type: "fork-worker", worker, reason: { rule: "recycle-requested" } },
    "fork worker 2 (#5): its replacement was requested",
  ],
  [
    { type: "fork-worker", worker, reason: { rule: "start", workers: 3 } },
    "fork worker 2 (#5): one of the first 3 workers",
  ],
  [
    {
      type: "fork-worker",
      worker,
      reason: { rule: "respawn", attempt: 1, respawns: 3, ...figures },
    },
    "fork worker 2 (#5): restart 3 of at most 24 within 60 s",
  ],
  [
    {
      type: "fork-worker",
      worker,
      reason: { rule: "respawn", attempt: 4, respawns: 0, limit: Infinity, intervalMs: 1 },
    },
    "fork worker 2 (#5): restart without a limit, for the 4th time in a row",
  ],
  [
    { type: "fork-worker", worker, reason: { rule: "restore" } },
    "fork worker 2 (#5): scaled up again while its previous worker was stopping",
  ],
  [{ type: "run-worker", worker, reason: { rule: "hello" } }, "run worker 2 (#5): it said hello"],
  [
    {
      type: "stop-worker",
      worker,
      signal: "SIGINT",
      cause: "direct-signal",
      reason: { rule: "stop", cause: "direct-signal", signal: "SIGINT" },
    },
    "stop worker 2 (#5) with SIGINT: it received SIGINT",
  ],
  [
    { type: "kill-worker", worker, reason: { rule: "stop-timeout", timeoutMs: 500 } },
    "kill worker 2 (#5): did not stop within 500 ms",
  ],
  [
    { type: "kill-worker", worker, reason: { rule: "start-timeout", startTimeoutMs: 30_000 } },
    "kill worker 2 (#5): not ready within 30 s",
  ],
  [
    { type: "announce-give-up", reason: { rule: "respawn-limit", respawns: 24, ...figures } },
    "announce giving up: more than 24 restarts within 60 s",
  ],
  [
    { type: "finish", code: 1, reason: { rule: "all-stopped", failed: 2 } },
    "finish with code 1: every worker has stopped, 2 of them with a failure",
  ],
]

describe("describe", () => {
  test.each(facts)("describeFact() says what happened: %o", (fact, text) => {
    expect(describeFact(fact)).toBe(text)
  })

  test.each(commands)("describeCommand(%o)", (command, text) => {
    expect(describeCommand(command)).toBe(text)
  })

  test("describeMs() uses the unit that makes the text short", () => {
    const shown = [1, 999, 1_000, 1_500, 90_000, 120_000, 7_200_000].map(describeMs)
    expect(shown).toEqual(["1 ms", "999 ms", "1 s", "1.5 s", "90 s", "2 min", "2 h"])
  })
})

test("an attempt is counted as people count, from the second one on", () => {
  const ordinals = [2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 100, 111, 112, 113, 121]
  expect(ordinals.map((attempt) => describeAttempt(attempt).split(" ")[3])).toEqual(
    ["2nd", "3rd", "4th", "10th", "11th", "12th", "13th", "14th", "20th", "21st", "22nd"].concat([
      "100th",
      "111th",
      "112th",
      "113th",
      "121st",
    ]),
  )
  expect([0, 1].map(describeAttempt)).toEqual(["", ""])
  expect(describeAttempt(3)).toBe(" for the 3rd time in a row")
})

test("a noun agrees with its number", () => {
  expect([0, 1, 2].map((number) => counted(number, "worker"))).toEqual([
    "0 workers",
    "1 worker",
    "2 workers",
  ])
})
