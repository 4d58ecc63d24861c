/**
 * What is known once a pool begins to stop, and once it is done. Decides nothing about right and wrong.
 */
import { type IncidentRecord, isWorthTelling } from "./dying-together.ts"
import type { History } from "./history.ts"
import { toStop } from "./process-record.ts"

/** Once it stops: the first time is what counts. */
export function stopped(
  history: History,
  at: number,
  cause: "stop" | "give-up",
  signal: string,
): History {
  if (history.stoppedAt !== null) return history
  return {
    ...history,
    phase: "stopping",
    stoppedAt: at,
    living: history.living.map((process) => toStop(process, at, cause, signal)),
    turn: cause === "stop" ? { ...history.turn, stopsOn: signal } : history.turn,
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
  return incident !== null && isWorthTelling(incident) ? incident : null
}
