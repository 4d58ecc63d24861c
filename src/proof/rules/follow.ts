/**
 * What is known once an entry of a log is. Decides nothing about right and wrong.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import { followEvent } from "./follow-event.ts"
import { followOrder } from "./follow-command.ts"
import { historyFrom } from "./history-from.ts"
import { type History, historyOf } from "./history.ts"
import { noTurn, type Turn, turnOf } from "./event-context.ts"

/** What is known of a log so far, and what its latest event was. */
export interface Known {
  readonly history: History
  readonly turn: Turn
}

/** What is known of a log that begins with that plan. */
export function knownOf({ plan, at }: Extract<LogEntry, { kind: "plan" }>): Known {
  return { history: historyOf(plan), turn: noTurn(at) }
}

/** What is known once the entry is. The rules have seen it before. */
export function follow(known: Known, entry: LogEntry): Known {
  const { history, turn } = known
  switch (entry.kind) {
    case "plan":
      return { history, turn: { ...turn, at: entry.at } }
    case "middle": {
      const { state, stateAt, at } = entry
      return { history: historyFrom(history.plan, state, at, at - stateAt), turn: noTurn(at) }
    }
    case "event": {
      const next = turnOf(history, entry.event)
      return { history: followEvent(history, entry.event, next), turn: next }
    }
    case "order":
      return { history: followOrder(history, entry.order, entry.at, turn), turn }
    case "worker":
      return known
  }
}
