/**
 * What a rule is: something that looks at facts and orders, one by one, and says where it is broken. Rules remember nothing:
 * what they need to know of the past stands in the history. Decides nothing.
 */
import type { Effect } from "../../core/command.ts"
import type { Event } from "../../core/event.ts"
import type { History } from "./history.ts"
import type { Turn } from "./event-context.ts"

/** Looks at an order that was given at `at`, in ms, by the turn that led to it, given what was known before it. */
type SeeOrder<Order extends Effect> = (
  order: Order,
  at: number,
  history: History,
  turn: Turn,
  leniency: Leniency,
) => string | undefined

type SeeOrderByType = {
  readonly [Type in Effect["type"]]?: SeeOrder<Extract<Effect, { readonly type: Type }>>
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
  readonly seeOrder?: SeeOrder<Effect> | SeeOrderByType
  /** Looks for what was left undone, once everything is known that the latest event led to. */
  settled?(history: History, turn: Turn): string | undefined
  /** Looks for what is missing at the end of a complete log. */
  end?(history: History): string | undefined
}

/** How a rule looks at orders of that type; undefined where it does not. */
export function checkOf({ seeOrder }: Rule, type: Effect["type"]): SeeOrder<Effect> | undefined {
  if (typeof seeOrder === "function") return seeOrder
  return seeOrder?.[type] as SeeOrder<Effect> | undefined
}

/** How exactly a log must keep to its times. */
export interface Leniency {
  /** How late a timer may fire, and an exit be reported, in ms. */
  readonly slackMs: number
}
