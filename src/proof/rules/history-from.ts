/**
 * The history of a pool whose beginning nobody knows, as far as its state tells. It is good enough to tell from there on
 * what each slot is doing, and not to judge by: when a process was forked, asked or killed, no state remembers. Decides
 * nothing.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { type Process, processesOf, type Slot, type State } from "../../core/state.ts"
import { atOnce } from "./fork-window.ts"
import { type History, historyOf } from "./history.ts"
import { newProcess, type ProcessRecord } from "./process-record.ts"
import type { SlotRecord } from "./wanted-slots.ts"

/** @param laterMs how much later the moments of the state are by the clock of the history. */
export function historyFrom(plan: Plan, state: State, now: number, laterMs: number): History {
  const { phase, target, slots, stop, reload } = state
  return {
    ...historyOf(plan),
    phase,
    target,
    slots: phase === "running" ? slots.flatMap((slot) => slotFrom(slot, laterMs)) : [],
    living: processesOf(state)
      .map((process) => processFrom(plan, process, forkNotBeforeOf(state, process), now, laterMs))
      .sort((one, other) => one.incarnation - other.incarnation),
    latestIncarnation: state.nextIncarnation - 1,
    respawnedAt: state.respawnedAt.map((at) => at + laterMs),
    stoppedAt: stop && now,
    gaveUp: stop?.cause === "give-up",
    failedSinceStop: stop?.failed ?? 0,
    hasFailedFinal: state.hasFailedFinal,
    reload,
    doneAt: phase === "done" ? now : null,
  }
}

function slotFrom(slot: Slot, laterMs: number): SlotRecord[] {
  const { id } = slot
  switch (slot.state) {
    case "finished":
      return [{ id, state: "finished" }]
    case "waiting": {
      const { attempt, counted: isCounted, forkAt } = slot
      return [{ id, state: "waiting", attempt, isCounted, window: atOnce(forkAt + laterMs) }]
    }
    case "occupied": {
      const { attempt, desired, worker } = slot
      return [{ id, state: "occupied", incarnation: worker.incarnation, attempt, desired }]
    }
  }
}

/** Until when the next fork waits after a signal to that process. */
function forkNotBeforeOf({ slots }: State, { role, slot: id }: Process): number | null {
  const slot = role === "current" ? slots.find((candidate) => candidate.id === id) : undefined
  return slot?.state === "occupied" ? slot.forkNotBefore : null
}

function processFrom(
  plan: Plan,
  { slot, role, worker }: Process,
  forkNotBefore: number | null,
  now: number,
  laterMs: number,
): ProcessRecord {
  const { incarnation, phase, readyAt, stop, killed, hasFitted, recycling, leader } = worker
  const hasSaidHello = phase !== "booting"
  return {
    ...newProcess(slot, incarnation, now, false),
    helloAt: hasSaidHello ? now : null,
    toldToRunAt: hasSaidHello ? now : null,
    readyAt: readyAt === null ? null : readyAt + laterMs,
    hasFitted,
    leader,
    recycling: recycling && { cause: recycling.cause, ...atOnce(recycling.at + laterMs) },
    timeout: worker.timeoutAt === null ? null : atOnce(worker.timeoutAt + laterMs),
    dueToStopAt: stop && stop.killAt - plan.timeoutMs + laterMs,
    stopsFor: stop && { cause: stop.cause, signal: stop.signal },
    askedAt: stop !== null && hasSaidHello ? now : null,
    killedAt: killed ? now : null,
    signaledAt: forkNotBefore === null ? null : forkNotBefore - plan.groupSignalWindowMs + laterMs,
    role,
  }
}
