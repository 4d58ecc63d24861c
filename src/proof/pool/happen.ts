/**
 * What comes of a move of a pool: the shipped core takes its step, the history follows, and every rule is asked about that. A search
 * does it millions of times.
 */
import type { Command } from "../../core/command.ts"
import { nextDeadline } from "../../core/deadline.ts"
import type { Event } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { step } from "../../core/step.ts"
import { madeOnce } from "../model/made-once.ts"
import type { Next } from "../model/model.ts"
import { rules } from "../rules/check-log.ts"
import { contextOf, type EventContext, wantsAnything } from "../rules/event-context.ts"
import { followCommand } from "../rules/follow-command.ts"
import { followEvent } from "../rules/follow-event.ts"
import type { History } from "../rules/history.ts"
import { checkOf, type Leniency, type Rule } from "../rules/rule.ts"
import { lateDeadline, wrongDeadline } from "./check-deadline.ts"
import type { PoolWorld } from "./pool-world.ts"

/** A check of a rule, with its number. */
interface Check<See> {
  readonly number: number
  readonly see: See
}

function checksOf<See>(questionOf: (rule: Rule) => See | undefined): readonly Check<See>[] {
  return rules.flatMap((rule) => {
    const see = questionOf(rule)
    return see === undefined ? [] : { number: rule.number, see }
  })
}

const overdueChecks = checksOf(({ overdue }) => overdue)
const eventChecks = checksOf(({ seeEvent }) => seeEvent)
const stateChecks = checksOf(({ seeState }) => seeState)
const settledChecks = checksOf(({ settled }) => settled)
const commandChecks = madeOnce((type: Command["type"]) => checksOf((rule) => checkOf(rule, type)))

/** Lets time pass, and checks what is overdue then. */
export function pass(world: PoolWorld, ms: number, leniency: Leniency): Next<PoolWorld> {
  const { state, history, now, due } = world
  const at = now + ms
  let violation: string | undefined
  for (const { number, see } of overdueChecks)
    violation ??= breach(number, see(at, history, leniency))
  return { state: { state, history, now: at, due }, violation, reached: 0 }
}

/** Lets an event happen, and checks it and the commands that it leads to. */
export function happen(
  plan: Plan,
  world: PoolWorld,
  event: Event,
  leniency: Leniency,
  bitOf: (command: Command) => number,
): Next<PoolWorld> {
  const { now } = world
  const { state, commands } = step(plan, world.state, event)
  let violation: string | undefined
  for (const { number, see } of eventChecks) violation ??= breach(number, see(event, world.history))
  const context = contextOf(world.history, event)
  let history = followEvent(world.history, event, context)
  if (commands.length === 0 && history === world.history && state === world.state) {
    violation ??= wrongAboutNothing(world, event, context)
    return { state: world, violation, reached: 0 }
  }
  let reached = 0
  for (const command of commands) {
    for (const { number, see } of commandChecks(command.type)) {
      violation ??= breach(number, see(command, now, history, context, leniency))
    }
    history = followCommand(history, command, now)
    reached |= bitOf(command)
  }
  const isKnown = commands.length === 0 && history === world.history
  // If nothing has changed and nothing was asked for, nothing can be wrong.
  if (!isKnown || wantsAnything(context)) violation ??= wronglySettled(history, context)
  for (const { number, see } of stateChecks) violation ??= breach(number, see(state, history))
  const due = state === world.state ? world.due : nextDeadline(state)
  violation ??= wrongDeadline(world, state, due, event) ?? lateDeadline(history, state, due)
  return { state: { state, history, now, due }, violation, reached }
}

/**
 * What is wrong with an event that has changed nothing, as most do. What depends on the pool and its history alone was asked when
 * they came about.
 */
function wrongAboutNothing(
  world: PoolWorld,
  event: Event,
  context: EventContext,
): string | undefined {
  if (!wantsAnything(context)) return undefined
  return (
    wronglySettled(world.history, context) ?? wrongDeadline(world, world.state, world.due, event)
  )
}

function wronglySettled(history: History, context: EventContext): string | undefined {
  let violation: string | undefined
  for (const { number, see } of settledChecks) violation ??= breach(number, see(history, context))
  return violation
}

function breach(number: number, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `rule ${number}: ${text}`
}
