/**
 * What a worker is told, and what it makes of it: it runs once and at its hello, it is asked to stop once and as soon as
 * it is due to stop and can hear, and its `run` and `shutdown` are called accordingly (safety 2).
 */
import type { Effect } from "../../../core/effect.ts"
import type { LogEntry } from "../../platform.ts"
import type { History } from "./history.ts"
import { named } from "./process-record.ts"
import type { Rule } from "./rule.ts"

type WorkerEntry = Extract<LogEntry, { readonly kind: "worker" }>

export const askedOnce: Rule = {
  number: 2,
  title: "a worker is asked to stop once, when it is due to, and shuts down at most once",
  begin() {
    const toldToRun = new Set<number>()
    const missed = new Set<number>()
    const deeds = new Map<number, WorkerEntry["did"][]>()

    function told(order: Effect, history: History): string | undefined {
      if (order.type !== "run-worker" && order.type !== "stop-worker") return undefined
      const process = history.processes.get(order.worker.incarnation)
      if (process === undefined) return undefined
      const name = named(process)
      if (order.type === "stop-worker") {
        if (process.askedAt !== undefined) return `${name} was asked to stop twice`
        return process.dueToStopAt === undefined
          ? `${name} was asked to stop though nothing called for it`
          : undefined
      }
      if (toldToRun.has(process.incarnation)) return `${name} was told to run twice`
      toldToRun.add(process.incarnation)
      return process.dueToStopAt === undefined
        ? undefined
        : `${name} was told to run though it was to stop`
    }

    /** Those that could have been asked and were not. */
    function unasked(history: History): string | undefined {
      if (history.phase === "done") return undefined
      const process = [...history.living].find(
        ({ incarnation, dueToStopAt, helloAt, askedAt, killedAt }) =>
          dueToStopAt !== undefined &&
          helloAt !== undefined &&
          askedAt === undefined &&
          killedAt === undefined &&
          !missed.has(incarnation),
      )
      if (process === undefined) return undefined
      missed.add(process.incarnation)
      return `${named(process)} was to stop at ${process.dueToStopAt} and was not asked`
    }

    function did({ worker, did }: WorkerEntry): string | undefined {
      const before = deeds.get(worker.incarnation) ?? []
      deeds.set(worker.incarnation, [...before, did])
      if (before.includes(did)) return `${named(worker)} ${did} twice`
      if (before.includes("exited")) return `${named(worker)} ${did} after it had exited`
      if (did !== "called-run") return undefined
      if (!toldToRun.has(worker.incarnation)) return `${named(worker)} ${did} without being told to`
      return before.includes("called-shutdown")
        ? `${named(worker)} ${did} after its shutdown`
        : undefined
    }

    return {
      see(entry, history) {
        switch (entry.kind) {
          case "event":
            return unasked(history)
          case "order":
            return told(entry.order, history)
          case "worker":
            return did(entry)
          case "plan":
            return undefined
        }
      },
      end: unasked,
    }
  },
}
