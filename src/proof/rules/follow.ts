/**
 * What is known once an entry of a log is. Decides nothing about right and wrong.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import { followEvent } from "./follow-event.ts"
import { followCommand } from "./follow-command.ts"
import { historyFrom } from "./history-from.ts"
import { type History, historyOf } from "./history.ts"
import { noContext, type EventContext, contextOf } from "./event-context.ts"

/** What is known of a log so far, and what its latest event was. */
export interface Known {
  readonly history: History
  readonly context: EventContext
}

/** What is known of a log that begins with that plan. */
export function knownOf({ plan, at }: Extract<LogEntry, { kind: "plan" }>): Known {
  return { history: historyOf(plan), context: noContext(at) }
}

/** What is known once the entry is. The rules have seen it before. */
export function follow(known: Known, entry: LogEntry): Known {
  const { history, context } = known
  switch (entry.kind) {
    case "plan":
      return { history, context: { ...context, at: entry.at } }
    case "middle": {
      const { state, stateAt, at } = entry
      return { history: historyFrom(history.plan, state, at, at - stateAt), context: noContext(at) }
    }
    case "event": {
      const next = contextOf(history, entry.event)
      return { history: followEvent(history, entry.event, next), context: next }
    }
    case "command":
      return { history: followCommand(history, entry.command, entry.at), context }
    case "worker":
      return known
  }
}
