/**
 * Which processes there are: each has a number of its own, dies once, and is left alone once it is dead
 * (safety 5 and 11).
 */
import type { Event } from "../../../core/event.ts"
import { isAlive, named } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const noOrderToTheDead: Rule = {
  number: 5,
  title: "no order to a process that cannot hear it: dead, never forked, or booting",
  begin: () => ({
    see(entry, history) {
      if (entry.kind !== "order") return undefined
      const { order } = entry
      const { type } = order
      if (type !== "run-worker" && type !== "stop-worker" && type !== "kill-worker") {
        return undefined
      }
      const process = history.processes.get(order.worker.incarnation)
      if (process?.slot !== order.worker.slot) {
        return `${type} to ${named(order.worker)}, which was never forked`
      }
      if (!isAlive(process)) {
        return `${type} to ${named(process)}, whose end was reported at ${process.endedAt}`
      }
      return type !== "kill-worker" && process.helloAt === undefined
        ? `${type} to ${named(process)}, which has not said hello`
        : undefined
    },
  }),
}

export const diesOnce: Rule = {
  number: 11,
  title: "each incarnation dies once, and reports about the dead change nothing",
  begin() {
    let latest = 0
    let stale: Event | undefined
    return {
      see(entry, history) {
        if (entry.kind === "order") {
          const { order } = entry
          if (order.type === "fork-worker") {
            const { incarnation } = order.worker
            if (incarnation <= latest) return `#${incarnation} was forked after #${latest}`
            latest = incarnation
          }
          // A pool that waits no longer for exits ends with whatever comes next.
          if (order.type === "finish" && order.reason.rule === "exits-unreported") return undefined
          return stale === undefined ? undefined : `a late ${stale.type} led to ${order.type}`
        }
        if (entry.kind !== "event") return undefined
        stale = undefined
        const { event } = entry
        if (!("worker" in event)) return undefined
        const process = history.processes.get(event.worker.incarnation)
        if (process?.slot !== event.worker.slot) {
          return `${event.type} of ${named(event.worker)}, which was never forked`
        }
        if (!isAlive(process)) stale = event
        return undefined
      },
    }
  },
}
