/**
 * What the workers themselves did, as they saw it: each calls `run` once and only when told to, `shutdown` at most once
 * and never before `run`, and nothing once it has exited (safety 2). A worker's own words may stand in a log long after
 * its end was reported, so the log is gone through apart from its history.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import type { WorkerDeed } from "../../worker/host.ts"
import { named } from "./process-record.ts"

/** What is wrong at which entry. */
export interface WrongDeed {
  readonly index: number
  readonly text: string
}

export function wrongDeeds(log: readonly LogEntry[]): WrongDeed[] {
  const toldToRun = new Set<number>()
  const deeds = new Map<number, WorkerDeed[]>()
  return [...log.entries()].flatMap(([index, entry]) => {
    if (entry.kind === "order" && entry.order.type === "run-worker") {
      toldToRun.add(entry.order.worker.incarnation)
    }
    if (entry.kind !== "worker") return []
    const { worker, did } = entry
    const before = deeds.get(worker.incarnation) ?? []
    deeds.set(worker.incarnation, [...before, did])
    const wrong = wrongWith(did, before, toldToRun.has(worker.incarnation))
    return wrong === undefined ? [] : [{ index, text: `${named(worker)} ${did} ${wrong}` }]
  })
}

function wrongWith(
  did: WorkerDeed,
  before: readonly WorkerDeed[],
  isToldToRun: boolean,
): string | undefined {
  if (before.includes(did)) return "twice"
  if (before.includes("exited")) return "after it had exited"
  if (did !== "called-run") return undefined
  if (!isToldToRun) return "without being told to"
  return before.includes("called-shutdown") ? "after its shutdown" : undefined
}
