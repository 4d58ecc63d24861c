/**
 * Logs written by hand: one word for each thing that can stand in one. Worker 1 (#1) is meant where none is named.
 */
import type {
  Command,
  Fact,
  Plan,
  Reason,
  StopCause,
  WorkerRef,
} from "../../../../src/core/index.ts"
import type { LogEntry } from "../../../../src/platform/log-entry.ts"
import type { WorkerAction } from "../../../../src/worker/host.ts"
import { planOf } from "../../../core/pool-in-steps.ts"

const base = { workers: 1, timeout: 500, respawnLimit: 1, respawnInterval: 1_000 } as const
/** Answers are given, and wishes heard, without delay. */
const atOnce = { heartbeatGraceMs: 0, requestHoldMs: 0 } as const
const figures = { limit: 1, intervalMs: 1_000 }
export function worker(slot = 1, incarnation = 1): WorkerRef {
  return { slot, incarnation }
}

/** A log with its plan, and with the word that the pool stops where that stands in none and it stops at once. */
export function log(
  entries: readonly LogEntry[],
  options: Parameters<typeof planOf>[0] = {},
): LogEntry[] {
  const plan = { ...planOf({ ...base, ...options }), ...atOnce }
  return [{ kind: "plan", at: 0, plan }, ...withStopTold(entries, plan)]
}

/** Marks a log whose stop is told of by itself, or not at all. */
export const stopIsTold: LogEntry = {
  kind: "worker",
  at: 0,
  worker: worker(1, 99),
  action: "exited",
}

function withStopTold(
  entries: readonly LogEntry[],
  { signals, stopDelayMs }: Plan,
): readonly LogEntry[] {
  if (entries.includes(stopIsTold)) return entries.filter((entry) => entry !== stopIsTold)
  const index = entries.findIndex(
    (entry) =>
      entry.kind === "event" &&
      (entry.event.type === "stop-requested" ||
        (entry.event.type === "signal-received" && signals[entry.event.signal] === "stop")),
  )
  const stop = entries[index]
  const isStopping = entries
    .slice(0, Math.max(0, index))
    .some(
      (entry) =>
        entry.kind === "command" && ["finish", "announce-give-up"].includes(entry.command.type),
    )
  if (stopDelayMs > 0 || stop?.kind !== "event" || !("signal" in stop.event) || isStopping)
    return entries
  const { at, signal } = stop.event
  return entries.toSpliced(index + 1, 0, tellStop(at, String(signal)))
}

function fact(at: number, what: Fact): LogEntry {
  return { kind: "event", event: { ...what, at } }
}

export function command(at: number, what: Command): LogEntry {
  return { kind: "command", at, command: what }
}

export const started = fact(0, { type: "started" })
export const startFailed = fact(0, { type: "start-failed" })
export const due = (at: number) => fact(at, { type: "deadline-reached" })
export const hello = (at: number, ref = worker()) =>
  fact(at, { type: "worker-said-hello", worker: ref })
export const ready = (at: number, ref = worker()) =>
  fact(at, { type: "worker-became-ready", worker: ref })
export const answered = (at: number, ref = worker()) =>
  fact(at, { type: "worker-sent-heartbeat", worker: ref, agoMs: 0 })
export const measured = (at: number, memoryBytes: number, ref = worker()) =>
  fact(at, { type: "worker-measured", worker: ref, memoryBytes })
export const served = (at: number, ref = worker()) =>
  fact(at, { type: "worker-served-requests", worker: ref, requests: 90 })
export const askedForReplacement = (at: number, ref = worker()) =>
  fact(at, { type: "worker-asked-for-replacement", worker: ref })
export const askedToBeOnly = (at: number, ref = worker()) =>
  fact(at, { type: "worker-asked-for-leadership", worker: ref })
export const grant = (at: number, ref = worker()) =>
  command(at, {
    type: "grant-leadership",
    worker: ref,
    reason: { rule: "leadership", slot: ref.slot },
  })
export const exited = (at: number, ref = worker(), code = 0) =>
  fact(at, { type: "worker-exited", worker: ref, code, signal: null })
export const ended = (at: number, ref = worker(), signal = "SIGKILL") =>
  fact(at, { type: "worker-exited", worker: ref, code: null, signal })
export const forkFailed = (at: number, ref = worker()) =>
  fact(at, { type: "fork-failed", worker: ref, error: "EAGAIN" })
export const signaled = (at: number, ref = worker()) =>
  fact(at, { type: "worker-was-signaled", worker: ref, signal: "SIGTERM" })
export const signal = (at: number, name: string) =>
  fact(at, { type: "signal-received", signal: name })
export const term = (at: number) => signal(at, "SIGTERM")
export const fork = (at: number, ref = worker(), reason: Reason = { rule: "start", workers: 1 }) =>
  command(at, { type: "fork-worker", worker: ref, reason })
export const respawn = (at: number, ref: ReturnType<typeof worker>, respawns = 1, attempt = 1) =>
  fork(at, ref, { rule: "respawn", attempt, respawns, ...figures })
export const run = (at: number, ref = worker()) =>
  command(at, { type: "run-worker", worker: ref, reason: { rule: "hello" } })
export const ask = (at: number, ref = worker(), cause: StopCause = "stop") =>
  command(at, {
    type: "stop-worker",
    worker: ref,
    signal: "SIGTERM",
    cause,
    reason: { rule: "stop", cause, signal: "SIGTERM" },
  })
export const kill = (at: number, reason: Reason = { rule: "stop-timeout", timeoutMs: 500 }) =>
  command(at, { type: "kill-worker", worker: worker(), reason })
/** The kill of a process that is to stop while it boots. */
export const killBooting = (at: number, ref = worker()) =>
  command(at, {
    type: "kill-worker",
    worker: ref,
    reason: { rule: "stop-while-booting", cause: "stop", signal: "SIGTERM" },
  })
export const finish = (
  at: number,
  code: 0 | 1 = 0,
  reason: Reason = { rule: "all-stopped", failed: code },
) => command(at, { type: "finish", code, reason })
/** Done, with so many failures since the stop. */
export const toldOf = (at: number, code: 0 | 1, failed: number) =>
  finish(at, code, { rule: "all-stopped", failed })
export const unreported = (at: number) => finish(at, 1, { rule: "exits-unreported", workers: 1 })
export const giveUp = (at: number, respawns = 1) =>
  command(at, {
    type: "announce-give-up",
    reason: { rule: "respawn-limit", respawns, ...figures },
  })
export const tellStop = (at: number, on = "SIGTERM") =>
  command(at, {
    type: "announce-stop",
    signal: on,
    reason: { rule: "stop", cause: "stop", signal: on },
  })
export const tellDelay = (at: number, on = "SIGTERM") =>
  command(at, {
    type: "announce-stop-delay",
    signal: on,
    reason: { rule: "stop-delay", signal: on, stopDelayMs: 5 },
  })
export const askUpgrade = (at: number) => fact(at, { type: "upgrade-requested" })
export const tellUpgrade = (at: number, phase: "started" | "finished" | "aborted") =>
  command(at, { type: "announce-upgrade", phase, reason: { rule: "upgrade" } })
export const orderSuccessor = (
  at: number,
  type: "start-successor" | "stop-successor" | "kill-successor",
) => command(at, { type, reason: { rule: "upgrade" } })
export const successorReady = (at: number) => fact(at, { type: "successor-became-ready" })
export const successorExited = (at: number) =>
  fact(at, { type: "successor-exited", code: 1, signal: null })
export const scaleTo = (at: number, target: number) => fact(at, { type: "scale-requested", target })
export const scale = (at: number, from: number, to: number) =>
  command(at, { type: "announce-scale", from, to, reason: { rule: "scale-up", from, to } })
export const reload = (at: number) => fact(at, { type: "reload-requested" })
export const reloaded = (
  at: number,
  phase: "started" | "finished" | "aborted",
  reason: Reason = { rule: "all-replaced" },
) => command(at, { type: "announce-reload", phase, reason })
export const action = (action: WorkerAction): LogEntry => ({
  kind: "worker",
  at: 0,
  worker: worker(),
  action,
})

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
  readonly violation: readonly LogEntry[]
  readonly right: readonly LogEntry[]
}
