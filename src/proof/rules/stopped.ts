/**
 * What is known once a pool begins to stop, and once it is done. Decides nothing about right and wrong.
 */
import type { StopCause } from "../../core/state.ts"
import { isReportable } from "./correlated-failures.ts"
import type { IncidentRecord, History } from "./history.ts"
import { toStop } from "./process-record.ts"
import type { EventContext } from "./event-context.ts"

/** Once it was asked to stop: the first time is what counts. */
export function stopped(history: History, context: EventContext, signal: string): History {
  if (hasEnded(history)) return history
  context.stopsOn = signal
  return stopping(history, context.at, "stop", signal)
}

/** Once it gives up. */
export function gaveUp(history: History, at: number): History {
  const known = hasEnded(history) ? history : stopping(history, at, "give-up", "SIGTERM")
  return { ...known, gaveUp: true }
}

function hasEnded({ stoppedAt, phase }: History): boolean {
  return stoppedAt !== null || phase === "done"
}

function stopping(history: History, at: number, cause: StopCause, signal: string): History {
  return {
    ...history,
    phase: "stopping",
    stoppedAt: at,
    living: history.living.map((process) => toStop(process, at, cause, signal)),
    slots: [],
    isReloadDue: false,
    incident: untold(history),
  }
}

/** Once it is done. */
export function done(history: History, at: number): History {
  if (history.doneAt !== null) return history
  return { ...history, phase: "done", doneAt: at, incident: untold(history) }
}

/** Those that are too few are forgotten when the pool is over. */
function untold({ incident }: History): IncidentRecord | null {
  return incident !== null && isReportable(incident) ? incident : null
}
