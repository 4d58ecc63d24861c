/**
 * Each process has a number of its own, dies once, and gets no command once it is dead (rules 5 and 11).
 */
import type { WorkerRef } from "../../core/event.ts"
import { type History, processOf } from "./history.ts"
import { named } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const noCommandToTheDead: Rule = {
  number: 5,
  title: "no command to a process that cannot hear it: dead, never forked, or booting",
  seeCommand(command, _at, history) {
    const { type } = command
    if (!("worker" in command) || type === "fork-worker") return undefined
    if (wasNeverForked(history, command.worker)) {
      return `${type} to ${named(command.worker)}, which was never forked`
    }
    const process = processOf(history, command.worker.incarnation)
    if (process === undefined) {
      return `${type} to ${named(command.worker)}, whose end had been reported`
    }
    return type !== "kill-worker" && process.helloAt === null
      ? `${type} to ${named(process)}, which has not said hello`
      : undefined
  },
}

export const diesOnce: Rule = {
  number: 11,
  title: "each incarnation dies once, and reports about the dead change nothing",
  seeEvent(event, history) {
    if (!("worker" in event)) return undefined
    const { type, worker } = event
    return wasNeverForked(history, worker)
      ? `${type} of ${named(worker)}, which was never forked`
      : undefined
  },
  seeCommand(command, _at, { latestIncarnation }, { stale }) {
    if (command.type === "fork-worker" && command.worker.incarnation <= latestIncarnation) {
      return `#${command.worker.incarnation} was forked after #${latestIncarnation}`
    }
    // A pool that no longer waits for exits ends with the next event.
    if (command.type === "finish" && command.reason.rule === "exits-unreported") return undefined
    return stale === null ? undefined : `a late ${stale} led to ${command.type}`
  },
}

function wasNeverForked(history: History, { slot, incarnation }: WorkerRef): boolean {
  const process = processOf(history, incarnation)
  if (process === undefined) return incarnation > history.latestIncarnation
  // A spare is named by the slot that it is about to fill, or was on its way with a report when it filled it.
  return process.slot !== slot && process.slot !== 0 && slot !== 0
}
