/**
 * What is known once an entry of a log is. Decides nothing about right and wrong.
 */
import type { LogEntry } from "../../platform.ts"
import { followEvent } from "./follow-event.ts"
import { followOrder } from "./follow-order.ts"
import { historyFrom } from "./history-from.ts"
import type { History } from "./history.ts"

/** What is known once the entry is. The rules have seen it before. */
export function follow(history: History, entry: LogEntry): History {
  switch (entry.kind) {
    case "plan":
      return { ...history, now: entry.at }
    case "middle":
      return historyFrom(history.plan, entry.state, entry.at, entry.at - entry.stateAt)
    case "event":
      return followEvent(history, entry.event)
    case "order":
      return followOrder(history, entry.order, entry.at)
    case "worker":
      return history
  }
}
