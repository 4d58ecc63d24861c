/**
 * When the core wants to be woken, and what is due when it is.
 *
 * Deadlines stand in the state, each with the thing it is about. The next one is always derived and never armed or
 * cancelled here, so no timer can be stale: a wake-up that comes too early, or twice, finds nothing due.
 */
import { isReportable, reportOverdueIncident } from "./incident.ts"
import { nextToRecycle } from "./recycle.ts"
import { acceptReplacement } from "./replacement.ts"
import { forkDueWorkers } from "./slot.ts"
import { killUnresponsive } from "./heartbeat.ts"
import type { Incident, OccupiedSlot, Slot, State, WaitingSlot } from "./state.ts"
import { killOverdueWorkers } from "./stop.ts"
import type { Transition } from "./transition.ts"

/** Something that will be due at a certain moment, unless a fact comes before it. */
export type Due =
  /** A slot gets its process. */
  | { readonly at: number; readonly what: "fork"; readonly slot: WaitingSlot }
  /** A worker that is to stop is killed, unless it has ended. */
  | { readonly at: number; readonly what: "kill"; readonly slot: OccupiedSlot }
  /** A worker is killed, unless it has become ready, or has answered. */
  | { readonly at: number; readonly what: "timeout"; readonly slot: OccupiedSlot }
  /** A worker has served for long enough, and a newcomer begins beside it. */
  | { readonly at: number; readonly what: "replacement"; readonly slot: OccupiedSlot }
  /** A newcomer has proved itself. */
  | { readonly at: number; readonly what: "acceptance" }
  /** Deaths are told of as one. */
  | { readonly at: number; readonly what: "incident"; readonly incident: Incident }
  /** The pool is done, whatever was not reported. */
  | { readonly at: number; readonly what: "finish" }

/** The earliest moment at which something is due; null where only a fact can change anything. */
export function nextDeadline(state: State): number | null {
  return nextDue(state)?.at ?? null
}

/** What is due next, of several things what is done first; null where only a fact can change anything. */
export function nextDue(state: State): Due | null {
  const { stop, acceptAt, incident, slots } = state
  let next: Due | null = stop && { at: stop.finishAt, what: "finish" }
  if (acceptAt !== null) next = earlier(next, { at: acceptAt, what: "acceptance" })
  if (incident !== null && isReportable(incident)) {
    next = earlier(next, { at: incident.reportAt, what: "incident", incident })
  }
  for (const slot of slots) next = earlier(next, dueOf(slot))
  const recycled = nextToRecycle(state)
  return recycled === null ? next : earlier(next, { ...recycled, what: "replacement" })
}

/** Does what is due. @internal */
export function deadlineReached(transition: Transition): void {
  const next = nextDeadline(transition.state)
  if (next === null || next > transition.at) return
  const wasAway = transition.at - next >= transition.plan.stallMs
  reportOverdueIncident(transition)
  acceptReplacement(transition)
  killOverdueWorkers(transition)
  killUnresponsive(transition, wasAway)
  forkDueWorkers(transition)
}

function dueOf(slot: Slot): Due | null {
  if (slot.state === "waiting") return { at: slot.forkAt, what: "fork", slot }
  if (slot.state === "finished" || slot.worker.killed) return null
  const { stop, timeoutAt } = slot.worker
  if (stop !== null) return { at: stop.killAt, what: "kill", slot }
  return timeoutAt === null ? null : { at: timeoutAt, what: "timeout", slot }
}

function earlier(one: Due | null, other: Due | null): Due | null {
  return one === null || (other !== null && other.at < one.at) ? other : one
}
