/**
 * That the target is what was asked for, and that asking again for what is so already leads to nothing (safety 13).
 */
import { type History, targetAskedFor } from "./history.ts"
import type { Rule } from "./rule.ts"

export const scalingIsIdempotent: Rule = {
  number: 13,
  title: "the target is what was asked for, and asking for it again changes nothing",
  begin() {
    let asked: { readonly from: number; readonly to: number } | undefined
    let isAnnounced = false

    function unanswered(): string | undefined {
      return asked !== undefined && asked.from !== asked.to && !isAnnounced
        ? `scaling from ${asked.from} to ${asked.to} was asked for and not done`
        : undefined
    }

    return {
      see(entry, history) {
        if (entry.kind === "event") {
          const missing = unanswered()
          const { event } = entry
          isAnnounced = false
          asked = askedFrom(history, targetAskedFor(history, event))
          return missing
        }
        if (entry.kind !== "order") return undefined
        const { order } = entry
        const isAnnouncement = order.type === "announce-scale"
        if (asked === undefined) return isAnnouncement ? "it scaled unasked" : undefined
        const { from, to } = asked
        if (from === to && !(order.type === "finish" && order.reason.rule === "exits-unreported")) {
          return `a target of ${to}, asked for again, led to ${order.type}`
        }
        if (!isAnnouncement) return undefined
        isAnnounced = true
        return order.from !== from || order.to !== to
          ? `it scaled from ${order.from} to ${order.to} where from ${from} to ${to} was due`
          : undefined
      },
      end: unanswered,
    }
  },
}

/** While a pool stops, and afterwards, whatever is asked for changes nothing. */
function askedFrom(
  { phase, target }: History,
  to: number | undefined,
): { readonly from: number; readonly to: number } | undefined {
  if (to === undefined) return undefined
  return { from: target, to: phase === "stopping" || phase === "done" ? target : to }
}
