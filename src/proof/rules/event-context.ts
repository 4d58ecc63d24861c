/**
 * What one event is about and what it asks for, given what was known before it.
 */
import type { Event } from "../../core/event.ts"
import { type History, processOf, takesNoRequests } from "./history.ts"
import type { ProcessRecord } from "./process-record.ts"

export interface EventContext {
  /** The moment of the event. */
  readonly at: number
  /** The living process that it reports on, as it was before; undefined if there is none. */
  readonly about: ProcessRecord | undefined
  /** A report about a process that is dead: its type. */
  readonly stale: Event["type"] | null
  /** The target before and after it; null if it asks for none. */
  readonly asked: { readonly from: number; readonly to: number } | null
  readonly isWakeUp: boolean
}

/** The context of an event, given what was known before it. */
export function contextOf(history: History, event: Event): EventContext {
  const isReport = "worker" in event
  const about = isReport ? processOf(history, event.worker.incarnation) : undefined
  return {
    at: event.at,
    about,
    stale: isReport && about === undefined ? event.type : null,
    asked: isReport ? null : askedBy(history, event),
    isWakeUp: event.type === "deadline-reached",
  }
}

/** The context of a log without any event yet. */
export function noContext(at: number): EventContext {
  return {
    at,
    about: undefined,
    stale: null,
    asked: null,
    isWakeUp: false,
  }
}

/** Whether a rule may have something to say even if the event has changed nothing. */
export function wantsAnything({ asked, isWakeUp }: EventContext): boolean {
  return asked !== null || isWakeUp
}

/** Once a pool is to stop, a request changes nothing. */
function askedBy(history: History, event: Event): EventContext["asked"] {
  const { target } = history
  const to = targetAskedFor(history, event)
  if (to === undefined) return null
  return { from: target, to: takesNoRequests(history) ? target : to }
}

/** The target after the event, in a pool that still listens; undefined if the event asks for none. */
function targetAskedFor({ plan, target }: History, event: Event): number | undefined {
  if (event.type === "scale-requested") return event.target
  if (event.type !== "signal-received") return undefined
  const action = plan.signals[event.signal]
  if (action === "scale-up") return target + 1
  return action === "scale-down" ? Math.max(1, target - 1) : undefined
}
