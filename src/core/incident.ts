/**
 * Which deaths are told of as one. Workers of several slots that fail within a moment, more than half of all there are,
 * have most likely one cause: a machine without memory, a database that is gone, a broken release.
 *
 * Decides which deaths belong together, whether they are worth telling, when they are told, and what they have in common.
 * A death belongs to it if the code was not 0 and the worker was not asked to end, or had to be killed. They are told once, when the moment
 * that the first of them began is over, or the pool before that. Nothing else depends on any of it.
 */
import type { Incident, OccupiedSlot, Uptime } from "./state.ts"
import type { Transition } from "./transition.ts"

/** Takes in that the worker of a wanted slot has failed, before that slot goes on. */
export function workerFailed(
  transition: Transition,
  slot: OccupiedSlot,
  code: number | null,
  signal: string | null,
): void {
  const { plan, at } = transition
  if (plan.incidentMs === false || transition.state.phase !== "running") return
  const { readyAt, stop, killed } = slot.worker
  // One that was signalled ends as it should, unless it has to be killed.
  if (stop !== null && !killed) return
  const { incident, target } = transition.state
  const death: Incident = {
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
  transition.state = { ...transition.state, incident: isFirst ? death : joined(incident, death) }
}

/** Tells of the deaths whose moment is over. */
export function reportOverdueIncident(transition: Transition): void {
  const { incident } = transition.state
  if (incident !== null && incident.reportAt <= transition.at) reportIncident(transition)
}

/** Tells of the deaths that there are by now, unless they are too few. Those that follow belong to another incident. */
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

/** Whether they are several, and more than half of what was wanted. */
export function isReportable({ slots, of }: Pick<Incident, "slots" | "of">): boolean {
  return slots.length > 1 && slots.length * 2 > of
}

/** What is left in common when one more has died. */
function joined(incident: Incident, death: Incident): Incident {
  const isSame = incident.code === death.code && incident.signal === death.signal
  return {
    ...incident,
    latestAt: death.latestAt,
    slots: [...new Set([...incident.slots, ...death.slots])],
    of: Math.max(incident.of, death.of),
    code: isSame ? incident.code : null,
    signal: isSame ? incident.signal : null,
    killed: incident.killed && death.killed,
    uptime: spanning(incident.uptime, death.uptime),
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
