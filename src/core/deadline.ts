/**
 * When the core wants to be woken, and what is due when it is.
 *
 * Deadlines are in the state, each with the thing it is about. The next one is always derived, never armed or canceled, so
 * no timer can be stale: a wake-up that comes too early, or twice, finds nothing due.
 */
import { killUnresponsive } from "./heartbeat.ts"
import { isReportable, reportOverdueIncident } from "./incident.ts"
import { nextToRecycle } from "./recycle.ts"
import { acceptReplacements } from "./replacement.ts"
import type {
  Incident,
  OccupiedSlot,
  Process,
  State,
  Successor,
  WaitingSlot,
  Worker,
} from "./state.ts"
import { killOverdueWorkers } from "./stop.ts"
import { beginDelayedStop } from "./stop-delay.ts"
import { stopSignaledWorkers } from "./direct-signal.ts"
import type { Transition } from "./transition.ts"
import { judgeSuccessor } from "./upgrade.ts"

/** Something that will be due at a certain moment, unless an event comes before it. */
export type Due =
  /** A slot gets its process. */
  | { readonly at: number; readonly what: "fork"; readonly slot: WaitingSlot }
  /** A worker that was to stop is killed, unless it has ended. */
  | { readonly at: number; readonly what: "kill"; readonly process: Process }
  /** A worker is killed, unless it has become ready, or has sent a heartbeat. */
  | { readonly at: number; readonly what: "timeout"; readonly process: Process }
  /** A worker is to be recycled, and its replacement is started. */
  | { readonly at: number; readonly what: "recycling"; readonly slot: OccupiedSlot }
  /** The new primary is asked to stop or killed, unless it is ready or has ended. */
  | { readonly at: number; readonly what: "successor"; readonly successor: Successor }
  /** A replacement has been ready for long enough. */
  | { readonly at: number; readonly what: "acceptance" }
  /** A spare is forked. */
  | { readonly at: number; readonly what: "spare" }
  /** Failures are reported as one incident. */
  | { readonly at: number; readonly what: "incident"; readonly incident: Incident }
  /** The pool stops: it was asked to, and the delay is over. */
  | { readonly at: number; readonly what: "stop" }
  /** A worker that a signal has reached is stopped, unless the same signal reaches the pool. */
  | { readonly at: number; readonly what: "signal"; readonly process: Process }
  /** The pool is done, whatever was not reported. */
  | { readonly at: number; readonly what: "finish" }

/** The earliest moment at which something is due; null if only an event can change anything. */
export function nextDeadline(state: State): number | null {
  return nextDue(state)?.at ?? null
}

/** What is due next; of several things at one moment, any one. Null if only an event can change anything. */
export function nextDue(state: State): Due | null {
  const { stop, delayedStop, successor } = state
  const { replacements, retired, incident, slots, spares, spareForkAt } = state
  let next: Due | null = stop && { at: stop.finishAt, what: "finish" }
  if (delayedStop !== null) next = { at: delayedStop.beginAt, what: "stop" }
  if (successor !== null && successor.dueAt !== null) {
    next = earlier(next, { at: successor.dueAt, what: "successor", successor })
  }
  for (const { acceptAt } of replacements) {
    if (acceptAt !== null) next = earlier(next, { at: acceptAt, what: "acceptance" })
  }
  if (incident !== null && isReportable(incident)) {
    next = earlier(next, { at: incident.reportAt, what: "incident", incident })
  }
  for (const slot of slots) {
    if (slot.state === "waiting") next = earlier(next, { at: slot.forkAt, what: "fork", slot })
    else if (slot.state === "occupied") next = earlierEnd(next, slot.id, "current", slot.worker)
  }
  for (const { slot, worker } of replacements) next = earlierEnd(next, slot, "replacement", worker)
  for (const { slot, worker } of retired) next = earlierEnd(next, slot, "retired", worker)
  for (const { worker } of spares) next = earlierEnd(next, 0, "spare", worker)
  if (spareForkAt !== null) next = earlier(next, { at: spareForkAt, what: "spare" })
  const recycled = nextToRecycle(state)
  return recycled === null ? next : earlier(next, { ...recycled, what: "recycling" })
}

/** What is due earlier: `next`, or the kill or stop of this process. */
function earlierEnd(
  next: Due | null,
  slot: number,
  role: Process["role"],
  worker: Worker,
): Due | null {
  const { stop, timeoutAt, killed, signaled } = worker
  if (signaled !== null && (next === null || signaled.stopAt < next.at)) {
    next = { at: signaled.stopAt, what: "signal", process: { slot, role, worker } }
  }
  const at = stop?.killAt ?? timeoutAt
  if (killed || at === null || (next !== null && next.at <= at)) return next
  return { at, what: stop === null ? "timeout" : "kill", process: { slot, role, worker } }
}

function earlier(one: Due | null, other: Due): Due {
  return one === null || other.at < one.at ? other : one
}

/** Does what is due. The forks follow at the end of the step. @internal */
export function deadlineReached(transition: Transition): void {
  const next = nextDeadline(transition.state)
  if (next === null || next > transition.at) return
  const wasAway = transition.at - next >= transition.plan.stallMs
  reportOverdueIncident(transition)
  judgeSuccessor(transition)
  beginDelayedStop(transition)
  acceptReplacements(transition)
  stopSignaledWorkers(transition)
  killOverdueWorkers(transition)
  killUnresponsive(transition, wasAway)
  transition.areForksDue = true
}
