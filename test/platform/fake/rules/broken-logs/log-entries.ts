/**
 * Logs written by hand: one word for each thing that can stand in one. Worker 1 (#1) is meant where none is named.
 */
import type { Effect, Fact, Reason, StopCause } from "../../../../../src/core/index.ts"
import type { LogEntry, WorkerDeed } from "../../../../../src/platform/platform.ts"
import { planOf } from "../../../../core/pool-in-steps.ts"

const base = { workers: 1, timeout: 500, respawnLimit: 1, respawnInterval: 1_000 } as const
const figures = { limit: 1, intervalMs: 1_000 }
export const worker = (slot = 1, incarnation = 1) => ({ slot, incarnation })

export function log(
  entries: readonly LogEntry[],
  options: Parameters<typeof planOf>[0] = {},
): LogEntry[] {
  return [{ kind: "plan", at: 0, plan: planOf({ ...base, ...options }) }, ...entries]
}

function fact(at: number, what: Fact): LogEntry {
  return { kind: "event", event: { ...what, at } }
}

export function order(at: number, what: Effect): LogEntry {
  return { kind: "order", at, order: what }
}

export const started = fact(0, { type: "started" })
export const startFailed = fact(0, { type: "start-failed" })
export const due = (at: number) => fact(at, { type: "deadline-reached" })
export const hello = (at: number, ref = worker()) =>
  fact(at, { type: "worker-said-hello", worker: ref })
export const ready = (at: number, ref = worker()) =>
  fact(at, { type: "worker-became-ready", worker: ref })
export const answered = (at: number, ref = worker()) =>
  fact(at, { type: "worker-answered", worker: ref })
export const measured = (at: number, memoryBytes: number, ref = worker()) =>
  fact(at, { type: "worker-measured", worker: ref, memoryBytes })
export const askedForReplacement = (at: number, ref = worker()) =>
  fact(at, { type: "worker-asked-for-replacement", worker: ref })
export const askedToBeOnly = (at: number, ref = worker()) =>
  fact(at, { type: "worker-asked-for-exclusivity", worker: ref })
export const grant = (at: number, ref = worker()) =>
  order(at, {
    type: "grant-exclusivity",
    worker: ref,
    reason: { rule: "lowest-slot", slot: ref.slot },
  })
export const exited = (at: number, ref = worker(), code = 0) =>
  fact(at, { type: "worker-exited", worker: ref, code, signal: null })
export const ended = (at: number, ref = worker(), signal = "SIGKILL") =>
  fact(at, { type: "worker-exited", worker: ref, code: null, signal })
export const forkFailed = (at: number, ref = worker()) =>
  fact(at, { type: "fork-failed", worker: ref, error: "EAGAIN" })
export const signalled = (at: number, ref = worker()) =>
  fact(at, { type: "worker-was-signalled", worker: ref, signal: "SIGTERM" })
export const signal = (at: number, name: string) =>
  fact(at, { type: "signal-received", signal: name })
export const term = (at: number) => signal(at, "SIGTERM")
export const fork = (at: number, ref = worker(), reason: Reason = { rule: "start", workers: 1 }) =>
  order(at, { type: "fork-worker", worker: ref, reason })
export const respawn = (at: number, ref: ReturnType<typeof worker>, respawns = 1, attempt = 1) =>
  fork(at, ref, { rule: "respawn", attempt, respawns, ...figures })
export const run = (at: number, ref = worker()) =>
  order(at, { type: "run-worker", worker: ref, reason: { rule: "hello" } })
export const ask = (at: number, ref = worker(), cause: StopCause = "stop") =>
  order(at, {
    type: "stop-worker",
    worker: ref,
    signal: "SIGTERM",
    cause,
    reason: { rule: "stop", cause, signal: "SIGTERM" },
  })
export const kill = (at: number, reason: Reason = { rule: "stop-timeout", timeoutMs: 500 }) =>
  order(at, { type: "kill-worker", worker: worker(), reason })
export const finish = (
  at: number,
  code: 0 | 1 = 0,
  reason: Reason = { rule: "all-stopped", failed: 0 },
) => order(at, { type: "finish", code, reason })
export const unreported = (at: number) => finish(at, 1, { rule: "exits-unreported", workers: 1 })
export const giveUp = (at: number) =>
  order(at, {
    type: "announce-give-up",
    reason: { rule: "respawn-limit", respawns: 1, ...figures },
  })
export const scaleTo = (at: number, target: number) => fact(at, { type: "scale-requested", target })
export const scale = (at: number, from: number, to: number) =>
  order(at, { type: "announce-scale", from, to, reason: { rule: "scale-up", from, to } })
export const reload = (at: number) => fact(at, { type: "reload-requested" })
export const reloaded = (
  at: number,
  phase: "started" | "finished" | "aborted",
  reason: Reason = { rule: "all-replaced" },
) => order(at, { type: "announce-reload", phase, reason })
export const did = (did: WorkerDeed): LogEntry => ({ kind: "worker", at: 0, worker: worker(), did })

export const first = worker(1, 1)
export const next = worker(1, 2)
export const second = worker(2, 2)
export const toReady = [started, fork(0), hello(1), run(1), ready(2)]
export const toStop = [...toReady, term(10), ask(10)]
export const toDone = [...toStop, exited(11), finish(11)]
export const twoReady = [
  started,
  fork(0, first),
  fork(0, second),
  hello(1, first),
  run(1, first),
  hello(1, second),
  run(1, second),
]

/** Two logs that differ in one thing: the rule alone, of all rules, says that the first is wrong, and none that the second is. */
export interface Pair {
  readonly rule: number
  readonly about: string
  readonly options?: Parameters<typeof planOf>[0]
  readonly wrong: readonly LogEntry[]
  readonly right: readonly LogEntry[]
}
