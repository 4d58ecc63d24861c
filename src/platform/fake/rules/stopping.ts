/**
 * The rules about a stop: who is asked and killed, when, and when the pool is done (safety 1 to 5 and 9).
 */
import { isAlive, living } from "./history.ts"
import type { Rule } from "./rule.ts"

export const noForkAfterStop: Rule = {
  number: 1,
  title: "no fork after the first stop",
  begin: () => ({
    see: (entry, history) =>
      entry.kind === "order" &&
      entry.order.type === "fork-worker" &&
      history.stoppedAt !== undefined
        ? `worker ${entry.order.worker.slot} was forked though the pool was stopping since ${history.stoppedAt}`
        : undefined,
  }),
}

export const askedOnce: Rule = {
  number: 2,
  title: "each worker is asked to stop once, and shuts down once",
  begin() {
    const asked = new Set<number>()
    const deeds = new Set<string>()
    return {
      see(entry) {
        if (entry.kind === "worker") {
          const deed = `${entry.did} in #${entry.worker.incarnation}`
          if (deeds.has(deed)) return `twice: ${deed}`
          deeds.add(deed)
        }
        if (entry.kind !== "order" || entry.order.type !== "stop-worker") return undefined
        const { incarnation } = entry.order.worker
        if (asked.has(incarnation)) return `#${incarnation} was asked to stop twice`
        asked.add(incarnation)
        return undefined
      },
    }
  },
}

export const doneInTime: Rule = {
  number: 3,
  title: "the pool is done once, and in time",
  begin: ({ slackMs }) => ({
    see(entry, history) {
      const { plan, stoppedAt, finished, now } = history
      if (entry.kind === "order" && entry.order.type === "finish") {
        if (finished !== undefined) return "it was done before"
        if (stoppedAt === undefined) return undefined
        const lastExitAt = Math.max(
          ...[...history.processes.values()].map((process) => process.ended?.at ?? -Infinity),
        )
        const byExits = Math.max(stoppedAt + plan.timeoutMs, lastExitAt) + slackMs
        const byTime = stoppedAt + plan.timeoutMs + plan.killReportMs + slackMs
        return entry.at > Math.max(byExits, byTime)
          ? `it was done ${entry.at - stoppedAt} ms after the stop`
          : undefined
      }
      if (entry.kind !== "event" || stoppedAt === undefined || finished !== undefined) {
        return undefined
      }
      // An event that itself ends the pool is looked at with its orders, above.
      const latest = stoppedAt + plan.timeoutMs + plan.killReportMs + slackMs
      return now > latest ? `it was not done ${now - stoppedAt} ms after the stop` : undefined
    },
    end: ({ stoppedAt, finished }) =>
      stoppedAt !== undefined && finished === undefined
        ? "it stopped and was never done"
        : undefined,
  }),
}

export const noEarlyKill: Rule = {
  number: 4,
  title: "no kill before its time",
  begin() {
    const scaledDownAt: number[] = []
    return {
      see(entry, history) {
        if (entry.kind !== "order") return undefined
        const { order, at } = entry
        if (order.type === "announce-scale" && order.to < order.from) scaledDownAt.push(at)
        if (order.type !== "kill-worker") return undefined
        const { plan, stoppedAt } = history
        const process = history.processes.get(order.worker.incarnation)
        if (process === undefined) return `#${order.worker.incarnation} was never forked`
        if (order.reason.rule === "start-timeout") {
          const due = process.forkedAt + Number(plan.startTimeoutMs)
          if (plan.startTimeoutMs === false) return "there is no start timeout"
          if (process.readyAt !== undefined) return "it was ready"
          if (process.asked !== undefined) return "it was asked to stop"
          return at < due ? `it had until ${due} to become ready` : undefined
        }
        const dueToStopAt = Math.min(
          process.asked?.at ?? Infinity,
          stoppedAt ?? Infinity,
          // A booting worker that is scaled down cannot be asked yet; which one it is, only the core knows.
          ...scaledDownAt.filter((moment) => moment >= process.forkedAt),
        )
        return at < dueToStopAt + plan.timeoutMs
          ? `it had until ${dueToStopAt + plan.timeoutMs} to stop`
          : undefined
      },
    }
  },
}

export const noOrderToTheDead: Rule = {
  number: 5,
  title: "no order to a process whose exit was reported",
  begin: () => ({
    see(entry, history) {
      if (entry.kind !== "order") return undefined
      const { order } = entry
      const { type } = order
      if (type !== "run-worker" && type !== "stop-worker" && type !== "kill-worker")
        return undefined
      const process = history.processes.get(order.worker.incarnation)
      if (process === undefined) return `${type} for #${order.worker.incarnation}, never forked`
      if (!isAlive(process)) return `${type} for #${order.worker.incarnation}, which was dead`
      if (type !== "kill-worker" && process.helloAt === undefined) {
        return `${type} for #${order.worker.incarnation}, which could not hear yet`
      }
      return undefined
    },
  }),
}

export const nobodyLeft: Rule = {
  number: 9,
  title: "nobody is left when the pool is done",
  begin: () => ({
    see(entry, history) {
      if (entry.kind !== "order" || entry.order.type !== "finish") return undefined
      const left = living(history)
      if (history.plan.waitForWorkers) {
        const alive = left.filter(
          (process) =>
            entry.order.reason.rule !== "exits-unreported" || process.killedAt === undefined,
        )
        return alive.length > 0 ? `${alive.length} workers were alive` : undefined
      }
      const unasked = left.filter(
        (process) =>
          process.helloAt !== undefined &&
          process.asked === undefined &&
          process.killedAt === undefined,
      )
      return unasked.length > 0 ? `${unasked.length} workers were not asked to stop` : undefined
    },
  }),
}
