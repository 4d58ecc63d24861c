/**
 * The rules about slots: how many processes live, that wanted ones are filled again, and that each dies once
 * (safety 6, 8 and 11).
 */
import type { Event } from "../../../core/event.ts"
import { type History, isAlive, living, type ProcessRecord } from "./history.ts"
import type { Rule } from "./rule.ts"

export const oneProcessASlot: Rule = {
  number: 6,
  title: "at most one live worker a slot, and no more than wanted",
  begin: () => ({
    see(entry, history) {
      if (entry.kind !== "order" || entry.order.type !== "fork-worker") return undefined
      const { slot } = entry.order.worker
      const alive = living(history)
      if (alive.some((process) => process.slot === slot)) return `slot ${slot} was occupied`
      const working = alive.filter(
        (process) => process.asked === undefined && process.killedAt === undefined,
      )
      return working.length + 1 > history.target + scaledDownBooting(history)
        ? `${working.length + 1} workers for a target of ${history.target}`
        : undefined
    },
  }),
}

/** Booting workers may be on their way out without having been asked: they cannot hear yet. */
function scaledDownBooting(history: History): number {
  return living(history).filter((process) => process.helloAt === undefined).length
}

export const wantedSlotsAreFilled: Rule = {
  number: 8,
  title: "every wanted slot is filled again in time",
  begin({ slackMs }) {
    const owed = new Map<number, number>()
    // Slots that scaling down has given up while they waited. Which ones, only the core knows.
    let forgiven = 0

    function overdue(now: number): string | undefined {
      for (const [slot, by] of owed) {
        if (now <= by + slackMs) continue
        owed.delete(slot)
        if (forgiven === 0) return `slot ${slot} was to be filled by ${by}`
        forgiven -= 1
      }
      return undefined
    }

    return {
      see(entry, history) {
        if (history.stoppedAt !== undefined || history.finished !== undefined) {
          owed.clear()
          return undefined
        }
        if (entry.kind === "order") {
          const { order } = entry
          if (order.type === "fork-worker") owed.delete(order.worker.slot)
          if (order.type === "announce-scale") forgiven += Math.max(0, order.from - order.to)
          return undefined
        }
        if (entry.kind !== "event") return undefined
        const { event } = entry
        const late = event.type === "signal-received" ? undefined : overdue(event.at)
        if (event.type === "worker-exited" || event.type === "fork-failed") {
          const process = history.processes.get(event.worker.incarnation)
          if (process !== undefined && isAlive(process) && isOwed(event, process, history)) {
            owed.set(process.slot, event.at + longestWaitMs(history))
          }
        }
        return late
      },
    }
  },
}

/** Whether the exit of a wanted worker must be followed by a fork. */
function isOwed(event: Event, process: ProcessRecord, { plan }: History): boolean {
  if (process.asked?.cause === "scale-down") return false
  if (event.type === "fork-failed") return true
  if (event.type !== "worker-exited" || plan.respawn === "never") return false
  return plan.respawn === "always" || event.code !== 0
}

function longestWaitMs({ plan }: History): number {
  const backoffMs = plan.backoff === false ? 0 : plan.backoff.maxMs
  return Math.max(backoffMs, plan.forkRetryMs, plan.signalEchoMs)
}

export const diesOnce: Rule = {
  number: 11,
  title: "each incarnation dies once, and reports about the dead change nothing",
  begin() {
    let latest = 0
    let stale: string | undefined
    return {
      see(entry, history) {
        if (entry.kind === "order") {
          if (stale !== undefined) return `${stale} led to ${entry.order.type}`
          if (entry.order.type !== "fork-worker") return undefined
          const { incarnation } = entry.order.worker
          if (incarnation <= latest) return `#${incarnation} was forked after #${latest}`
          latest = incarnation
          return undefined
        }
        if (entry.kind !== "event") return undefined
        stale = undefined
        const { event } = entry
        if (!("worker" in event)) return undefined
        const process = history.processes.get(event.worker.incarnation)
        if (process === undefined) return `#${event.worker.incarnation} was never forked`
        if (!isAlive(process)) stale = `${event.type} of the dead #${process.incarnation}`
        return undefined
      },
    }
  },
}
