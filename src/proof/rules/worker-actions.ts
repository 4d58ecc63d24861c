/**
 * What the workers themselves did, as they saw it: each calls `run` once and only when told to, `shutdown` at most once and never
 * before `run`, and does nothing once it has exited (rule 2). A worker's own entries may come long after its exit was reported, so
 * they are checked apart from the history.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import type { WorkerAction } from "../../worker/host.ts"
import { named } from "./process-record.ts"

/** What is wrong at which entry. */
export interface WrongAction {
  readonly index: number
  readonly text: string
}

export function wrongActions(log: readonly LogEntry[]): WrongAction[] {
  const toldToRun = new Set<number>()
  const actions = new Map<number, WorkerAction[]>()
  return [...log.entries()].flatMap(([index, entry]) => {
    if (entry.kind === "command" && entry.command.type === "run-worker") {
      toldToRun.add(entry.command.worker.incarnation)
    }
    if (entry.kind !== "worker") return []
    const { worker, action } = entry
    const before = actions.get(worker.incarnation) ?? []
    actions.set(worker.incarnation, [...before, action])
    const violation = wrongWith(action, before, toldToRun.has(worker.incarnation))
    return violation === undefined
      ? []
      : [{ index, text: `${named(worker)} ${action} ${violation}` }]
  })
}

function wrongWith(
  action: WorkerAction,
  before: readonly WorkerAction[],
  isToldToRun: boolean,
): string | undefined {
  if (before.includes(action)) return "twice"
  if (before.includes("exited")) return "after it had exited"
  if (action !== "called-run") return undefined
  if (!isToldToRun) return "without being told to"
  return before.includes("called-shutdown") ? "after its shutdown" : undefined
}
