/**
 * The rules about respawns: how many there may be, and how far apart (safety 7 and 12).
 */
import type { History } from "./history.ts"
import type { Rule } from "./rule.ts"

export const respawnLimit: Rule = {
  number: 7,
  title: "no more respawns than the limit, and no giving up below it",
  begin() {
    let respawnedAt: number[] = []

    function counting({ plan }: History, at: number): number {
      respawnedAt = respawnedAt.filter((moment) => at - moment < plan.respawnIntervalMs)
      return respawnedAt.length
    }

    return {
      see(entry, history) {
        if (entry.kind !== "order") return undefined
        const { order, at } = entry
        const { plan } = history
        if (order.type === "announce-give-up") {
          const count = counting(history, at)
          return count < plan.respawnLimit
            ? `it gave up after ${count} of ${plan.respawnLimit} respawns`
            : undefined
        }
        if (order.type !== "fork-worker" || order.reason.rule !== "respawn") return undefined
        respawnedAt.push(at)
        const count = counting(history, at)
        if (count > plan.respawnLimit)
          return `${count} respawns where ${plan.respawnLimit} are allowed`
        const told = order.reason.respawns
        return plan.respawnLimit !== Infinity && told !== count
          ? `${told} respawns were counted where there were ${count}`
          : undefined
      },
    }
  },
}

export const backoffHolds: Rule = {
  number: 12,
  title: "a slot waits as long as its backoff says",
  begin({ slackMs }) {
    const slots = new Map<number, { attempt: number; diedAt: number }>()
    return {
      see(entry, history) {
        const { plan } = history
        if (entry.kind === "event") {
          const { event } = entry
          if (event.type !== "worker-exited" && event.type !== "fork-failed") return undefined
          const process = history.processes.get(event.worker.incarnation)
          if (process === undefined || process.ended !== undefined) return undefined
          const { readyAt } = process
          const isStable = readyAt !== undefined && event.at - readyAt >= plan.stablePeriodMs
          const attempt = isStable ? 0 : (slots.get(process.slot)?.attempt ?? 0)
          slots.set(process.slot, { attempt, diedAt: event.at })
          return undefined
        }
        if (entry.kind !== "order" || entry.order.type !== "fork-worker") return undefined
        const { worker, reason } = entry.order
        const slot = slots.get(worker.slot)
        if (reason.rule !== "respawn" || slot === undefined) {
          slots.delete(worker.slot)
          return undefined
        }
        const { attempt } = slot
        slot.attempt += 1
        if (plan.backoff === false || attempt === 0) return undefined
        const waited = entry.at - slot.diedAt
        const { minMs, maxMs } = plan.backoff
        const base = Math.min(maxMs, minMs * 2 ** (attempt - 1))
        if (waited < base) return `slot ${worker.slot} waited ${waited} ms instead of ${base}`
        const most = Math.max(Math.min(maxMs, base * 1.2 + 1), plan.forkRetryMs, plan.signalEchoMs)
        return waited > most + slackMs
          ? `slot ${worker.slot} waited ${waited} ms where ${most} are the most`
          : undefined
      },
    }
  },
}
