/**
 * Whether the core of a log is the shipped one: the same events, taken in at the same moments, lead to the logged commands.
 */
import type { Command } from "../../core/command.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { initialState, type State } from "../../core/state.ts"
import { step } from "../../core/step.ts"
import type { LogEntry } from "../../platform/log-entry.ts"
import type { Unexplained } from "./letters.ts"

/** The first entry that the core does not explain. The commands of the last event may be cut off: its primary was killed. */
export function rejectCore(plan: Plan, log: readonly LogEntry[]): Unexplained | undefined {
  let state: State = initialState(plan)
  let due: readonly Command[] = []
  let dueAt = -Infinity
  for (const [index, entry] of log.entries()) {
    const reject = (instead: string): Unexplained => ({ index, instead })
    const [first, ...others] = due
    switch (entry.kind) {
      case "event": {
        if (first !== undefined) return reject(`the command ${textOf(first)}`)
        if (entry.event.at < dueAt) return reject(`a moment from ${dueAt} on`)
        const next = step(plan, state, entry.event)
        state = next.state
        due = next.commands
        dueAt = entry.event.at
        break
      }
      case "command":
        if (first === undefined) return reject("no command")
        if (entry.at !== dueAt || textOf(first) !== textOf(entry.command)) {
          return reject(`the command ${textOf(first)} at ${dueAt}`)
        }
        due = others
        break
      default:
    }
  }
  return undefined
}

function textOf(command: Command): string {
  return JSON.stringify(command, (_name, value: unknown) => (value === Infinity ? "∞" : value))
}
