/**
 * What a rule is: it looks at events and commands, one by one, and says where it is broken. Rules remember nothing. What they need to
 * know of the past is in the history.
 */
import type { Command } from "../../core/command.ts"
import type { Event } from "../../core/event.ts"
import type { State } from "../../core/state.ts"
import type { History } from "./history.ts"
import type { EventContext } from "./event-context.ts"

/** Looks at a command that was given at `at`, in ms, given what was known before it. */
export type SeeCommand<Given extends Command> = (
  command: Given,
  at: number,
  history: History,
  context: EventContext,
  leniency: Leniency,
) => string | undefined

export type SeeCommandByType = {
  readonly [Type in Command["type"]]?: SeeCommand<Extract<Command, { readonly type: Type }>>
}

/** One promise about every run of a pool. Each question is answered with what is wrong; undefined if nothing is. */
export interface Rule {
  /** Its number in the list of docs/proof.md, which a test holds against the code. */
  readonly number: number
  readonly title: string
  /** Looks for what had to happen before a moment, in ms, given what was known before it. */
  overdue?(at: number, history: History, leniency: Leniency): string | undefined
  /** Looks at an event, given what was known before it. */
  seeEvent?(event: Event, history: History): string | undefined
  /** Looks at commands: at any, or by their types. */
  readonly seeCommand?: SeeCommand<Command> | SeeCommandByType
  /** Looks at what the pool believes of itself, after everything that the latest event led to. Only a model can show that. */
  seeState?(state: State, history: History): string | undefined
  /** Looks for what was left undone, after everything that the latest event led to. */
  settled?(history: History, context: EventContext): string | undefined
  /** Looks for what is missing at the end of a complete log. */
  end?(history: History): string | undefined
}

/** How a rule looks at commands of that type; undefined if it does not. */
export function checkOf(
  { seeCommand }: Rule,
  type: Command["type"],
): SeeCommand<Command> | undefined {
  if (typeof seeCommand === "function") return seeCommand
  return seeCommand?.[type] as SeeCommand<Command> | undefined
}

/** How exactly a log must keep to its times. */
export interface Leniency {
  /** How late a timer may fire, and an exit be reported, in ms. */
  readonly slackMs: number
}
