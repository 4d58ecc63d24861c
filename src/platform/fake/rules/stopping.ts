/**
 * How a pool ends: nothing is forked once it stops, it is done once and in time, and nobody is left by then
 * (safety 1, 3 and 9).
 */
import type { History } from "./history.ts"
import { named } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const noForkAfterStop: Rule = {
  number: 1,
  title: "no fork after the first stop",
  begin: () => ({
    see: (entry, { phase, stoppedAt }) =>
      entry.kind === "order" && entry.order.type === "fork-worker" && phase === "stopping"
        ? `${named(entry.order.worker)} was forked though the pool was stopping since ${stoppedAt}`
        : undefined,
  }),
}

export const doneInTime: Rule = {
  number: 3,
  title: "the pool is done once, and in time",
  begin({ slackMs }) {
    let isLate = false

    /** All that the latest event led to is known by now. */
    function undone(history: History, at: number): string | undefined {
      if (isLate || history.phase === "done") return undefined
      const isOver = nothingIsLeft(history)
      const latestAt = latestEnd(history)
      isLate = isOver || at > latestAt + slackMs
      if (!isLate) return undefined
      return isOver
        ? `it was not done at ${history.now}, when nothing was left to wait for`
        : `it was not done by ${latestAt}, having begun to stop at ${history.stoppedAt}`
    }

    return {
      see(entry, history) {
        if (entry.kind === "event") return undone(history, entry.event.at)
        if (entry.kind !== "order") return undefined
        const { order, at } = entry
        const { phase, stoppedAt, doneAt, latestEndAt = -Infinity } = history
        if (phase === "done") return `${order.type} after it was done at ${doneAt}`
        if (order.type !== "finish" || stoppedAt === undefined) return undefined
        const dueAt = nothingIsLeft(history)
          ? Math.max(stoppedAt, latestEndAt)
          : latestEnd(history) + slackMs
        return at > dueAt ? `it was done at ${at} and had to be by ${dueAt}` : undefined
      },
      end(history) {
        if (history.phase === "stopping" && !isLate) return "it stopped and was never done"
        return undone(history, history.now)
      },
    }
  },
}

/** When a pool that stops is done at the latest: a kill may be late, which is another rule's affair. */
function latestEnd({ stoppedAt = Infinity, plan, living }: History): number {
  const killedAt = Array.from(living, (process) => process.killedAt ?? -Infinity)
  return Math.max(stoppedAt + plan.timeoutMs, ...killedAt) + plan.killReportMs
}

/** Whether there is nothing that the pool may still wait for. */
function nothingIsLeft({ phase, plan, slots, living, startFailedAt }: History): boolean {
  if (startFailedAt !== undefined) return true
  if (phase === "stopping") return !plan.waitForWorkers || living.size === 0
  return phase === "running" && slots.every(({ state }) => state === "finished")
}

export const nobodyLeft: Rule = {
  number: 9,
  title: "nobody is left when the pool is done",
  begin: ({ slackMs }) => ({
    see(entry, history) {
      if (entry.kind !== "order" || entry.order.type !== "finish") return undefined
      const { plan } = history
      for (const process of history.living) {
        const { helloAt, askedAt, killedAt } = process
        const name = named(process)
        if (!plan.waitForWorkers) {
          if (helloAt !== undefined && askedAt === undefined && killedAt === undefined) {
            return `${name} was not asked to stop`
          }
          continue
        }
        if (killedAt === undefined) return `${name} was alive`
        const waitedMs = entry.at - killedAt
        if (waitedMs + slackMs < plan.killReportMs) {
          return `the exit of ${name}, killed at ${killedAt}, was waited for only ${waitedMs} ms`
        }
      }
      return undefined
    },
  }),
}
