/**
 * What a rule is: something that looks at facts and orders, one by one, and says where it is broken. Rules remember nothing:
 * what they need to know of the past stands in the history. Decides nothing.
 */
import type { Command } from "../../core/command.ts"
import type { Event } from "../../core/event.ts"
import type { History } from "./history.ts"
import type { EventContext } from "./event-context.ts"

/** Looks at an order that was given at `at`, in ms, by the turn that led to it, given what was known before it. */
type SeeCommand<Order extends Command> = (
  command: Order,
  at: number,
  history: History,
  context: EventContext,
  leniency: Leniency,
) => string | undefined

type SeeCommandByType = {
  readonly [Type in Command["type"]]?: SeeCommand<Extract<Command, { readonly type: Type }>>
}

/** One promise about every run of a pool. Each question is answered with what is wrong; undefined where nothing is. */
export interface Rule {
  /** Its number among the safety properties of the design. */
  readonly number: number
  readonly title: string
  /** Looks for what was to happen before a moment that is reached, in ms, given what was known before it. */
  overdue?(at: number, history: History, leniency: Leniency): string | undefined
  /** Looks at a fact, given what was known before it. */
  seeEvent?(event: Event, history: History): string | undefined
  /** Looks at orders: at any, or by their types. */
  readonly seeCommand?: SeeCommand<Command> | SeeCommandByType
  /** Looks for what was left undone, once everything is known that the latest event led to. */
  settled?(history: History, context: EventContext): string | undefined
  /** Looks for what is missing at the end of a complete log. */
  end?(history: History): string | undefined
}

/** How a rule looks at orders of that type; undefined where it does not. */
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
