/**
 * Workers that fail within a moment are reported as one incident, with what they have in common (rule 18).
 */
import type { CorrelatedFailures } from "../../core/command.ts"
import { countingRespawns, type Death, type History, type IncidentRecord } from "./history.ts"
import type { ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"
import { hasNothingStarted } from "./start-failure.ts"

export const commonCausesAreReported: Rule = {
  number: 18,
  title: "workers that fail together are reported as one incident, with what they have in common",
  overdue(at, history, { slackMs }) {
    const { incident } = history
    if (incident === null || !isReportable(incident)) return undefined
    return at > incident.reportAt + slackMs ? unreported(incident) : undefined
  },
  seeCommand: {
    "announce-incident"(command, at, history) {
      const { incident } = history
      if (incident === null || !isReportable(incident)) return "it reported failures that were none"
      if (at < incident.reportAt && !isEnding(history, at)) {
        return `it reported failures at ${at} and had until ${incident.reportAt}`
      }
      return wrongFigure(command.reason, commonOf(incident))
    },
  },
  settled({ incident, phase }, { isWakeUp, at }) {
    if (incident === null || !isReportable(incident)) return undefined
    const isDue = isWakeUp && incident.reportAt <= at
    return isDue || phase === "stopping" || phase === "done" ? unreported(incident) : undefined
  },
}

/** Whether the pool stops, is about to give up, or has nothing left to do. */
function isEnding(history: History, at: number): boolean {
  const { phase, slots, plan } = history
  if (phase === "stopping" || slots.every(({ state }) => state === "finished")) return true
  if (hasNothingStarted(history)) return true
  const isDue = slots.some(
    (slot) => slot.state === "waiting" && slot.isCounted && slot.window.fromAt <= at,
  )
  return isDue && countingRespawns(history, at).length >= plan.respawnLimit
}

/** The failures, once that one is known. */
export function died(
  { plan, incident, target, phase }: History,
  { slot, readyAt, killedAt }: ProcessRecord,
  code: number | null,
  signal: string | null,
  at: number,
): IncidentRecord | null {
  if (plan.incidentMs === false || phase !== "running") return incident
  const death: Death = {
    at,
    slot,
    code,
    signal,
    killed: killedAt !== null,
    uptimeMs: readyAt === null ? null : at - readyAt,
  }
  if (incident === null || (incident.reportAt <= at && !isReportable(incident))) {
    return { reportAt: at + plan.incidentMs, of: target, deaths: [death] }
  }
  const of = Math.max(incident.of, target)
  return { ...incident, of, deaths: [...incident.deaths, death] }
}

/** Whether they are in several slots, and in more than half of them. */
export function isReportable({ deaths, of }: IncidentRecord): boolean {
  const slots = new Set(deaths.map(({ slot }) => slot)).size
  return slots >= 2 && slots > of / 2
}

/** What an incident must report of them. */
export function commonOf({ deaths, of }: IncidentRecord): CorrelatedFailures {
  const moments = deaths.map(({ at }) => at)
  const uptimes = deaths.flatMap(({ uptimeMs }) => uptimeMs ?? [])
  const areAlike = new Set(deaths.map(({ code, signal }) => `${code} ${signal}`)).size === 1
  const [first] = deaths
  const exit = (areAlike && first) || { code: null, signal: null }
  const uptime =
    uptimes.length === deaths.length
      ? { leastMs: Math.min(...uptimes), mostMs: Math.max(...uptimes) }
      : uptimes.length === 0
        ? "not-ready"
        : "mixed"
  return {
    rule: "correlated-failures",
    slots: [...new Set(deaths.map(({ slot }) => slot))],
    of,
    withinMs: Math.max(...moments) - Math.min(...moments),
    code: exit.code,
    signal: exit.signal,
    killed: deaths.every(({ killed }) => killed),
    uptime,
  }
}

function wrongFigure(reported: CorrelatedFailures, right: CorrelatedFailures): string | undefined {
  const figures = ["slots", "of", "withinMs", "code", "signal", "killed", "uptime"] as const
  for (const figure of figures) {
    const [given, due] = [JSON.stringify(reported[figure]), JSON.stringify(right[figure])]
    if (given !== due) return `it reported failures with ${figure} ${given} where it was ${due}`
  }
  return undefined
}

function unreported({ deaths, reportAt }: IncidentRecord): string {
  return `${deaths.length} failures were to be reported as one at ${reportAt}`
}
