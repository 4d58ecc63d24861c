/**
 * Each rule must be able to fail: for each there is a log that it alone finds wrong, and beside it one that differs in
 * just that and is right.
 */
import { describe, expect, test } from "vitest"
import type { Effect, Fact, Reason } from "../../../../src/core/index.ts"
import { checkLog } from "../../../../src/platform/fake/rules/check-log.ts"
import type { LogEntry } from "../../../../src/platform/platform.ts"
import { planOf } from "../../../core/pool-in-steps.ts"

const base = { workers: 1, timeout: 500, respawnLimit: 1, respawnInterval: 1_000 } as const
const figures = { limit: 1, intervalMs: 1_000 }
const worker = (slot = 1, incarnation = 1) => ({ slot, incarnation })

function log(entries: readonly LogEntry[], options: Parameters<typeof planOf>[0] = {}): LogEntry[] {
  return [{ kind: "plan", at: 0, plan: planOf({ ...base, ...options }) }, ...entries]
}

function fact(at: number, what: Fact): LogEntry {
  return { kind: "event", event: { ...what, at } }
}

function order(at: number, what: Effect): LogEntry {
  return { kind: "order", at, order: what }
}

const started = fact(0, { type: "started" })
const hello = (at: number, ref = worker()) => fact(at, { type: "worker-said-hello", worker: ref })
const ready = (at: number, ref = worker()) => fact(at, { type: "worker-became-ready", worker: ref })
const exited = (at: number, ref = worker(), code: number | null = 0) =>
  fact(at, { type: "worker-exited", worker: ref, code, signal: code === null ? "SIGKILL" : null })
const term = (at: number) => fact(at, { type: "signal-received", signal: "SIGTERM" })
const fork = (at: number, ref = worker(), reason: Reason = { rule: "start", workers: 1 }) =>
  order(at, { type: "fork-worker", worker: ref, reason })
const respawn = (at: number, ref: ReturnType<typeof worker>, respawns = 1, attempt = 1) =>
  fork(at, ref, { rule: "respawn", attempt, respawns, ...figures })
const run = (at: number, ref = worker()) =>
  order(at, { type: "run-worker", worker: ref, reason: { rule: "hello" } })
const ask = (at: number, ref = worker()) =>
  order(at, {
    type: "stop-worker",
    worker: ref,
    signal: "SIGTERM",
    cause: "stop",
    reason: { rule: "stop", cause: "stop", signal: "SIGTERM" },
  })
const kill = (at: number, reason: Reason = { rule: "stop-timeout", timeoutMs: 500 }) =>
  order(at, { type: "kill-worker", worker: worker(), reason })
const finish = (at: number, code: 0 | 1 = 0, reason: Reason = { rule: "all-stopped", failed: 0 }) =>
  order(at, { type: "finish", code, reason })
const giveUp = (at: number) =>
  order(at, {
    type: "announce-give-up",
    reason: { rule: "respawn-limit", respawns: 1, ...figures },
  })
const scale = (at: number, from: number, to: number) =>
  order(at, { type: "announce-scale", from, to, reason: { rule: "scale-up", from, to } })

const toReady = [started, fork(0), hello(1), run(1), ready(2)]
const toStop = [...toReady, term(10), ask(10)]

interface Pair {
  readonly rule: number
  readonly wrong: LogEntry[]
  readonly right: LogEntry[]
}

const pairs: readonly Pair[] = [
  {
    rule: 1,
    wrong: log([
      started,
      fork(0),
      term(5),
      exited(6),
      respawn(6, worker(1, 2)),
      exited(7, worker(1, 2)),
      finish(7),
    ]),
    right: log([
      started,
      fork(0),
      exited(5),
      respawn(5, worker(1, 2)),
      term(6),
      exited(7, worker(1, 2)),
      finish(7),
    ]),
  },
  {
    rule: 2,
    wrong: log([...toStop, term(11), ask(11), exited(12), finish(12)]),
    right: log([...toStop, term(11), exited(12), finish(12)]),
  },
  {
    rule: 3,
    wrong: log([...toStop, exited(11), finish(5_511)]),
    right: log([...toStop, exited(11), finish(5_510)]),
  },
  {
    rule: 4,
    wrong: log([...toStop, kill(509), exited(510, worker(), null), finish(510, 1)]),
    right: log([...toStop, kill(510), exited(511, worker(), null), finish(511, 1)]),
  },
  {
    rule: 5,
    wrong: log([...toStop, exited(11), kill(510), finish(510)]),
    right: log([...toStop, kill(510), exited(511), finish(511)]),
  },
  {
    rule: 6,
    wrong: log(
      [
        started,
        fork(0),
        fork(0, worker(1, 2)),
        term(1),
        exited(2),
        exited(2, worker(1, 2)),
        finish(2),
      ],
      { workers: 2 },
    ),
    right: log(
      [
        started,
        fork(0),
        fork(0, worker(2, 2)),
        term(1),
        exited(2),
        exited(2, worker(2, 2)),
        finish(2),
      ],
      { workers: 2 },
    ),
  },
  {
    rule: 7,
    wrong: log(
      [
        ...toReady,
        exited(10, worker(), 1),
        respawn(10, worker(1, 2)),
        exited(1_009, worker(1, 2), 1),
        respawn(1_009, worker(1, 3), 2),
      ],
      { backoff: false },
    ),
    right: log(
      [
        ...toReady,
        exited(10, worker(), 1),
        respawn(10, worker(1, 2)),
        exited(1_010, worker(1, 2), 1),
        respawn(1_010, worker(1, 3)),
      ],
      { backoff: false },
    ),
  },
  {
    rule: 7,
    wrong: log([...toReady, exited(10, worker(), 1), giveUp(10), finish(10, 1)]),
    right: log([
      ...toReady,
      exited(10, worker(), 1),
      respawn(10, worker(1, 2)),
      exited(20, worker(1, 2), 1),
      giveUp(120),
      finish(120, 1),
    ]),
  },
  {
    rule: 8,
    wrong: log([...toReady, exited(10), fact(261, { type: "deadline-reached" })], {
      backoff: false,
    }),
    right: log([...toReady, exited(10), fact(260, { type: "deadline-reached" })], {
      backoff: false,
    }),
  },
  {
    rule: 9,
    wrong: log([...toStop, finish(11)]),
    right: log([...toStop, exited(11), finish(11)]),
  },
  {
    rule: 9,
    wrong: log([...toReady, term(10), finish(10, 0, { rule: "not-waiting" })], {
      waitForWorkers: false,
    }),
    right: log([...toStop, finish(10, 0, { rule: "not-waiting" })], { waitForWorkers: false }),
  },
  {
    rule: 10,
    wrong: log([...toStop, exited(11, worker(), 1), finish(11, 0)]),
    right: log([...toStop, exited(11, worker(), 1), finish(11, 1)]),
  },
  {
    rule: 10,
    wrong: log([...toReady, exited(10, worker(), 1), term(11), finish(11, 1)]),
    right: log([...toReady, exited(10, worker(), 1), term(11), finish(11, 0)]),
  },
  {
    rule: 11,
    wrong: log([
      ...toReady,
      exited(10),
      respawn(10, worker(1, 2)),
      exited(20),
      order(20, { type: "announce-stop", signal: "", reason: { rule: "hello" } }),
    ]),
    right: log([...toReady, exited(10), respawn(10, worker(1, 2)), exited(20)]),
  },
  {
    rule: 12,
    wrong: log([
      ...toReady,
      exited(10),
      respawn(10, worker(1, 2)),
      exited(1_100, worker(1, 2)),
      respawn(1_199, worker(1, 3), 1, 2),
    ]),
    right: log([
      ...toReady,
      exited(10),
      respawn(10, worker(1, 2)),
      exited(1_100, worker(1, 2)),
      respawn(1_200, worker(1, 3), 1, 2),
    ]),
  },
  {
    rule: 13,
    wrong: log([...toReady, fact(5, { type: "scale-requested", target: 1 }), scale(5, 1, 1)]),
    right: log([
      ...toReady,
      fact(5, { type: "scale-requested", target: 2 }),
      scale(5, 1, 2),
      fork(5, worker(2, 2)),
    ]),
  },
]

describe("checkLog()", () => {
  test.each(pairs)(
    "rule $rule alone finds the wrong log wrong, and the right one right",
    ({ rule, wrong, right }) => {
      expect([...new Set(checkLog(wrong).map((violation) => violation.rule))]).toEqual([rule])
      expect(checkLog(right, { isComplete: false })).toEqual([])
    },
  )

  test("rule 2 counts what the workers did, too", () => {
    const deed = (did: "called-run" | "called-shutdown"): LogEntry => ({
      kind: "worker",
      at: 0,
      worker: worker(),
      did,
    })
    const once = [...toReady, deed("called-run"), deed("called-shutdown")]
    expect(checkLog(log(once))).toEqual([])
    expect(checkLog(log([...once, deed("called-shutdown")])).map(({ rule }) => rule)).toEqual([2])
    expect(checkLog(log([...once, deed("called-run")])).map(({ rule }) => rule)).toEqual([2])
  })

  test("rule 3 finds a stop that never ends, in a log that is complete", () => {
    expect(checkLog(log(toStop)).map(({ rule }) => rule)).toEqual([3])
    expect(checkLog(log(toStop), { isComplete: false })).toEqual([])
  })

  test("rule 4 knows the start timeout", () => {
    const late: Reason = { rule: "start-timeout", startTimeoutMs: 200 }
    const at = (moment: number): LogEntry[] =>
      log([started, fork(0), hello(1), run(1), kill(moment, late)], { startTimeout: 200 })
    expect(checkLog(at(199)).map(({ rule }) => rule)).toEqual([4])
    expect(checkLog(at(200))).toEqual([])
  })

  test("a log must begin with its plan", () => {
    expect(() => checkLog([started])).toThrow("must begin with its plan")
  })
})
