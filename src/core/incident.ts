/**
 * Failures that are reported as one incident. If workers of several slots fail within a moment, more than half of all there
 * are, they most likely have one cause: a machine without memory, a database that is gone, a broken release.
 *
 * Decides which failures belong together, whether they are reported, when, and what they have in common. An exit counts if
 * it failed and the worker was not asked to stop, or if the worker had to be killed. An incident is reported
 * once, when the moment that its first failure began is over, or earlier if the pool ends. Nothing else depends on it.
 */
import type { Incident, OccupiedSlot, Uptime } from "./state.ts"
import type { Transition } from "./transition.ts"

/** Notes that the worker of a wanted slot has failed. */
export function workerFailed(
  transition: Transition,
  slot: OccupiedSlot,
  code: number | null,
  signal: string | null,
): void {
  const { plan, at } = transition
  if (plan.incidentMs === false || transition.state.phase !== "running") return
  const { readyAt, stop, killed } = slot.worker
  // A worker that was asked to stop ends as it should, unless it had to be killed.
  if (stop !== null && !killed) return
  const { incident, target } = transition.state
  const failure: Incident = {
    firstAt: at,
    latestAt: at,
    reportAt: at + plan.incidentMs,
    slots: [slot.id],
    of: target,
    code,
    signal,
    killed,
    uptime: readyAt === null ? "not-ready" : { leastMs: at - readyAt, mostMs: at - readyAt },
  }
  const isFirst = incident === null || (incident.reportAt <= at && !isReportable(incident))
  transition.state = {
    ...transition.state,
    incident: isFirst ? failure : joined(incident, failure),
  }
}

/** Reports the failures whose moment is over. */
export function reportOverdueIncident(transition: Transition): void {
  const { incident } = transition.state
  if (incident !== null && incident.reportAt <= transition.at) reportIncident(transition)
}

/** Reports the failures there are by now, unless they are too few. Those that follow belong to another incident. */
export function reportIncident(transition: Transition): void {
  const { incident } = transition.state
  if (incident === null) return
  transition.state = { ...transition.state, incident: null }
  if (!isReportable(incident)) return
  const { firstAt, latestAt, reportAt: _, ...shared } = incident
  transition.commands.push({
    type: "announce-incident",
    reason: { rule: "correlated-failures", withinMs: latestAt - firstAt, ...shared },
  })
}

/** Whether they are of several slots, and of more than half of those that were wanted. */
export function isReportable({ slots, of }: Pick<Incident, "slots" | "of">): boolean {
  return slots.length > 1 && slots.length * 2 > of
}

/** What is left in common when one more worker has failed. */
function joined(incident: Incident, failure: Incident): Incident {
  const isSame = incident.code === failure.code && incident.signal === failure.signal
  return {
    ...incident,
    latestAt: failure.latestAt,
    slots: [...new Set([...incident.slots, ...failure.slots])],
    of: Math.max(incident.of, failure.of),
    code: isSame ? incident.code : null,
    signal: isSame ? incident.signal : null,
    killed: incident.killed && failure.killed,
    uptime: spanning(incident.uptime, failure.uptime),
  }
}

function spanning(one: Uptime, other: Uptime): Uptime {
  if (typeof one === "object" && typeof other === "object") {
    return {
      leastMs: Math.min(one.leastMs, other.leastMs),
      mostMs: Math.max(one.mostMs, other.mostMs),
    }
  }
  return one === other ? one : "mixed"
}
