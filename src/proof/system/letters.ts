/**
 * What a log says of one process: its primary's commands and events about it, and its own actions.
 *
 * All processes append to one file, each entry in one write, a command before it is carried out and an action before its effect.
 * So the order of the file is that in which it all happened: no cause stands behind its effect.
 */
import type { Command } from "../../core/command.ts"
import type { Fact, WorkerFact } from "../../core/event.ts"
import type { LogEntry } from "../../platform/log-entry.ts"
import type { WorkerAction } from "../../worker/host.ts"

/** An entry about a process, at its place in the log. */
export type Letter =
  | { readonly index: number; readonly kind: "command"; readonly command: Command }
  | { readonly index: number; readonly kind: "event"; readonly event: WorkerFact }
  | {
      readonly index: number
      readonly kind: "action"
      readonly action: WorkerAction
      readonly slot: number
    }

/** An entry that no run of the model explains. */
export interface Unexplained {
  /** Its place in the log. */
  readonly index: number
  /** What was possible instead. */
  readonly instead: string
}

/** The entries about each process, by its incarnation. */
export function lettersOf(log: readonly LogEntry[]): ReadonlyMap<number, readonly Letter[]> {
  const found = new Map<number, Letter[]>()
  for (const [index, entry] of log.entries()) {
    const letter = letterOf(index, entry)
    if (letter === undefined) continue
    const [incarnation, given] = letter
    const known = found.get(incarnation)
    if (known === undefined) found.set(incarnation, [given])
    else known.push(given)
  }
  return found
}

function letterOf(index: number, entry: LogEntry): [number, Letter] | undefined {
  switch (entry.kind) {
    case "worker": {
      const { worker, action } = entry
      return [worker.incarnation, { index, kind: "action", action, slot: worker.slot }]
    }
    case "event": {
      const { event } = entry
      if (!isOfWorker(event)) return undefined
      return [event.worker.incarnation, { index, kind: "event", event }]
    }
    case "command": {
      const { command } = entry
      if (!("worker" in command)) return undefined
      return [command.worker.incarnation, { index, kind: "command", command }]
    }
    default:
      return undefined
  }
}

export function isOfWorker(fact: Fact): fact is WorkerFact {
  return "worker" in fact
}

/** A fact without its figures: a platform measures them, and the model does not. */
export function textOfFact(fact: WorkerFact): string {
  const { type, worker } = fact
  const of = `${type} ${worker.slot}#${worker.incarnation}`
  switch (type) {
    case "worker-exited":
      return `${of} code ${fact.code} signal ${fact.signal}`
    case "worker-was-signaled":
      return `${of} ${fact.signal}`
    default:
      return of
  }
}

/** An action. Before its run, a spare may not have heard yet which slot it fills. */
export function textOfAction(action: WorkerAction, slot: number): string {
  return action === "called-run" ? `${action} as ${slot}` : action
}
