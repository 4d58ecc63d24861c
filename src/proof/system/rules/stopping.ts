/**
 * How a process stops: in which order, and what it waits for.
 */
import type { Process } from "../system-world.ts"
import type { Seen } from "./seen.ts"
import type { Scene, SystemRule } from "./system-rule.ts"

/** Whether the program's own listeners to the signal come first in its stop. */
function hasListeners({ record }: Process, { bounds: { program } }: Scene): boolean {
  const isStopped = record.runCalls > 0 && record.toldToStop !== "discard"
  return program.listens && !program.hasShutdown && isStopped
}

/** Whether it ends in good order because it was told to stop. */
function endsStopped(seen: Seen, { record }: Process): boolean {
  return seen.type === "exits" && seen.code === 0 && record.toldToStop !== null && !record.isIdle
}

export const stopping: readonly SystemRule[] = [
  {
    name: "abort first",
    title:
      "a process aborts context.signal once, after its own listeners were called, and before it calls shutdown, closes or ends",
    see(seen, process, scene) {
      const { record, side } = process
      if (seen.type === "began-stopping") {
        if (record.isAborted) return "context.signal is aborted again"
        const isEarly = side?.listeners === "uncalled" || side?.listeners === "called"
        return hasListeners(process, scene) && isEarly
          ? "context.signal is aborted before the listeners were called"
          : undefined
      }
      const mustBeAborted =
        seen.type === "called-shutdown" ||
        seen.type === "began-closing" ||
        endsStopped(seen, process)
      return mustBeAborted && !record.isAborted ? "context.signal is not aborted" : undefined
    },
  },
  {
    name: "all settled",
    title:
      "a process that stops in good order has waited for shutdown, for a run that stops, and for its own listeners",
    see(seen, process) {
      if (!endsStopped(seen, process)) return undefined
      const { side, record } = process
      if (side?.shutdown === "pending") return "shutdown is cut off"
      if (record.saidDone === "exit") return undefined
      if (record.endsByRun && record.isRunPending) return "run is cut off"
      const listeners = side?.listeners ?? "uncalled"
      const isCutOff = listeners !== "uncalled" && listeners !== "done"
      return isCutOff && record.saidDone === "no" ? "its listeners are cut off" : undefined
    },
  },
  {
    name: "returned closed",
    title:
      "without shutdown, what run returned is closed in a stop, and only once run has returned",
    see(seen, process, { bounds }) {
      const { record } = process
      if (seen.type === "began-closing" && seen.closes === "close-returned" && record.isRunPending)
        return "something is closed that run did not return yet"
      if (!endsStopped(seen, process) || bounds.program.hasShutdown) return undefined
      const isDue = record.hasReturned && record.toldToStop !== "discard"
      const isClosed = record.closesReturned || record.saidDone === "exit"
      return isDue && !isClosed ? "what run returned is not closed" : undefined
    },
  },
  {
    name: "no return",
    title: "a process that exits calls nothing any more, and does not exit again",
    see(seen, { side }) {
      if (side === null || side.leaving === null) return undefined
      switch (seen.type) {
        case "called-run":
        case "called-shutdown":
        case "began-stopping":
        case "began-closing":
        case "exits":
          return `${seen.type}, and it was about to exit`
        default:
          return undefined
      }
    },
  },
  {
    name: "no idle wait",
    title: "a process that stops or exits waits for something besides the end of its time",
    seePassing(process, _scene, goesOn) {
      const { record, side, os, isBlocked } = process
      if (side === null || os !== "running" || isBlocked) return undefined
      if (record.toldToStop === null && side.leaving === null) return undefined
      return goesOn(process) ? undefined : "a process waits for nothing"
    },
  },
  {
    name: "own exit",
    title: "a program that is done ends its process once every request is answered",
    seePassing({ record, side, isBlocked }) {
      if (record.saidDone === "no" || side === null || isBlocked) return undefined
      const isWaiting = side.leaving === null && side.closing === "nothing"
      return isWaiting && side.listeners !== "called"
        ? "a program is done, and its process lives"
        : undefined
    },
  },
  {
    name: "whole time",
    title: "a process gives its stop up only once its time is over",
    see(seen, { record }, { now, plan }) {
      if (seen.type !== "overdue") return undefined
      const endsAt = (record.toldAt ?? Infinity) + plan.timeoutMs
      return now < endsAt ? "it has given up before that" : undefined
    },
  },
  {
    name: "listeners in time",
    title:
      "a process watches its own listeners only while they are at work, and gives them up before it would be killed",
    see(seen, { record, side }, { now, plan }) {
      if (seen.type !== "watches-listeners") return undefined
      if (side?.listeners === "done") return "listeners are watched that are done"
      const killedAt = (record.toldAt ?? Infinity) + plan.timeoutMs
      return now < killedAt && seen.until >= killedAt ? "it would be killed before that" : undefined
    },
  },
  {
    name: "gone in time",
    title:
      "a process that exits is gone before it would be killed, and what it has written has arrived",
    see(seen, { record }, { now, plan }) {
      if (seen.type === "leaves")
        return seen.from === "unflushed" ? "what it has written is lost" : undefined
      if (seen.type !== "exits") return undefined
      const killedAt = (record.toldAt ?? Infinity) + plan.timeoutMs
      return now < killedAt && seen.endsBy >= killedAt
        ? "it would be killed before that"
        : undefined
    },
  },
]
