/**
 * What may be reported of a process, each as a function of the process it is about. So a simulation makes only the one report that
 * happens.
 */
import type { WorkerFact, WorkerRef } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { isLeaving, type ProcessRecord } from "../rules/process-record.ts"
import { noOp, type PoolBounds, type PoolMove } from "./pool-world.ts"

/** A report of a process. */
export type Report = (worker: WorkerRef) => PoolMove

/** How far a process has come: a loaded one is a spare, a settled one is ready, or will not be. */
export type ProcessPhase = "booting" | "loaded" | "starting" | "settled"

export function phaseOf(process: ProcessRecord): ProcessPhase {
  if (process.helloAt === null) return "booting"
  if (process.role === "spare") return "loaded"
  return process.readyAt === null && !isLeaving(process) ? "starting" : "settled"
}

/** Signals by what they do. */
export interface Signals {
  /** Those that stop the pool. */
  readonly stops: readonly string[]
  /** Those that end a process, beside SIGKILL. */
  readonly deadly: readonly string[]
  /** One that does nothing. */
  readonly ignored: string
}

const hello = (worker: WorkerRef): WorkerFact => ({ type: "worker-said-hello", worker })
const ready = (worker: WorkerRef): WorkerFact => ({ type: "worker-became-ready", worker })
const helloAgain: Report = (worker) => noOp("again", hello(worker))
const readyAgain: Report = (worker) => noOp("again", ready(worker))
const heartbeat: Report = (worker) => ({ type: "worker-sent-heartbeat", worker, agoMs: 0 })
const earlierHeartbeat: Report = (worker) => ({ type: "worker-sent-heartbeat", worker, agoMs: 1 })
const servedRequests: Report = (worker) => ({
  type: "worker-served-requests",
  worker,
  requests: 1,
})
const recycling: Report = (worker) => ({ type: "worker-asked-for-replacement", worker })
const election: Report = (worker) => ({ type: "worker-asked-for-leadership", worker })
const failedFork: Report = (worker) => ({ type: "fork-failed", worker, error: "EAGAIN" })

function measurementOf(memoryBytes: number): Report {
  return (worker) => ({ type: "worker-measured", worker, memoryBytes })
}

function receiptOf(signal: string): Report {
  return (worker) => ({ type: "worker-was-signaled", worker, signal })
}

/** Each kind of exit. */
function exits(deadly: readonly string[]): readonly Report[] {
  const exitBy =
    (code: number | null, signal: string | null): Report =>
    (worker) => ({ type: "worker-exited", worker, code, signal })
  const killed = ["SIGKILL", ...deadly].map((signal) => exitBy(null, signal))
  return [exitBy(0, null), exitBy(1, null), ...killed]
}

/** What a worker reports again and again. */
export function signsIn(
  { heartbeatTimeoutMs, maxMemoryBytes, maxRequests }: Plan,
  { recycles, elects }: PoolBounds,
): readonly Report[] {
  const signs: Report[] = []
  if (heartbeatTimeoutMs !== false) signs.push(heartbeat, earlierHeartbeat)
  if (maxMemoryBytes !== false) {
    signs.push(measurementOf(maxMemoryBytes), measurementOf(maxMemoryBytes + 1))
  }
  if (maxRequests !== false) signs.push(servedRequests)
  if (recycles) signs.push(recycling)
  if (elects) signs.push(election)
  return signs
}

/** What may be reported of a process that lives. */
export function reportsIn(
  phase: ProcessPhase,
  signs: readonly Report[],
  { stops, deadly, ignored }: Signals,
): readonly Report[] {
  // Signals also before the hello, because its channel may have closed.
  const receipts = stops.map(receiptOf)
  if (phase === "booting") return [...exits(deadly), hello, ...receipts, failedFork]
  if (phase === "loaded") {
    return [...exits(deadly), helloAgain, ...receipts, receiptOf(ignored)]
  }
  const started = phase === "starting" ? ready : readyAgain
  return [...exits(deadly), helloAgain, ...receipts, started, ...signs, receiptOf(ignored)]
}

/** What may be reported of a process that is dead. */
export function lateReports(signs: readonly Report[], stops: readonly string[]): readonly Report[] {
  const reports = [hello, ready, ...stops.map(receiptOf), ...exits(stops), failedFork]
  return [...signs, ...reports].map((report) => (worker) => {
    const fact = report(worker) as WorkerFact
    return noOp("late", fact)
  })
}
