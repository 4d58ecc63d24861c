/**
 * Makes situations that will go the same way the same value.
 *
 * Two states may differ in the time of day, in the serial numbers of their processes, or in how long something has
 * been over, and still answer every future alike. The canonical form forgets just that: times are relative to now,
 * ages stop growing at the largest threshold that anything compares them with, respawns that no longer count are
 * gone, and incarnations are numbered anew in their old order. Stepping a canonical state and canonicalising gives
 * the same as stepping the original and canonicalising: that is what an exhaustive search stands on, and what
 * test/core/canonicalize.test.ts holds against random histories.
 */
import { isReportable } from "./incident.ts"
import type { Plan } from "./plan/plan.ts"
import { countingRespawns } from "./respawn-window.ts"
import type { Incident, Reload, Slot, State, Worker } from "./state.ts"

/** A state in its canonical form. */
export interface Canonical {
  /** The state, as if now were 0. */
  readonly state: State
  /** From each incarnation that lives to its new number: facts in flight are to be renamed by it too. */
  readonly renamed: ReadonlyMap<number, number>
}

/** The canonical form of a state at the moment `now`, which becomes 0. */
export function canonicalize(plan: Plan, state: State, now: number): Canonical {
  const living = state.slots
    .flatMap((slot) => (slot.state === "occupied" ? [slot.worker.incarnation] : []))
    .sort((one, other) => one - other)
  const renamed = new Map(living.map((incarnation, index) => [incarnation, index + 1]))
  const isOver = state.phase === "stopping" || state.phase === "done"
  const canonical: State = {
    ...state,
    // Nobody scales a pool that stops.
    target: isOver ? 1 : state.target,
    slots: state.slots.map((slot) => canonicalSlot(plan, slot, now, renamed)),
    nextIncarnation: living.length + 1,
    reload: state.reload && canonicalReload(state.reload, living),
    acceptAt: state.acceptAt === null ? null : until(plan, state.acceptAt, now),
    respawnedAt: countingRespawns(plan, state.respawnedAt, now).map((at) => at - now),
    incident: canonicalIncident(plan, state.incident, now),
    stop: state.stop && { ...state.stop, finishAt: until(plan, state.stop.finishAt, now) },
  }
  return { state: canonical, renamed }
}

/** One that stays too small is forgotten when its moment is over. What the failures have in common is only told. */
function canonicalIncident(plan: Plan, incident: Incident | null, now: number): Incident | null {
  if (incident === null || (incident.reportAt <= now && !isReportable(incident))) return null
  const reportAt = until(plan, incident.reportAt, now)
  const slots = [...incident.slots].sort((one, other) => one - other)
  const common = { code: null, signal: null, killed: false, uptime: "mixed" } as const
  return { firstAt: 0, latestAt: 0, reportAt, slots, of: incident.of, ...common }
}

function canonicalReload(reload: Reload, living: readonly number[]): Reload {
  const old = living.filter((incarnation) => incarnation < reload.before).length
  return { ...reload, before: old + 1 }
}

function canonicalSlot(
  plan: Plan,
  slot: Slot,
  now: number,
  renamed: ReadonlyMap<number, number>,
): Slot {
  switch (slot.state) {
    case "finished":
      return slot
    case "waiting":
      return { ...slot, forkAt: until(plan, slot.forkAt, now) }
    case "occupied": {
      const { forkNotBefore, onExit } = slot
      // Only a respawn asks how often the slot failed before, and for how long the worker was ready.
      const isCounted = onExit === "respawn"
      const isAging = isCounted || onExit === "failed"
      return {
        ...slot,
        // So does a fork that turns out to have failed.
        attempt:
          isCounted || (onExit !== "replaced" && slot.worker.phase === "booting")
            ? slot.attempt
            : 0,
        forkNotBefore: forkNotBefore === null || forkNotBefore <= now ? null : forkNotBefore - now,
        worker: canonicalWorker(plan, slot.worker, now, renamed, isAging),
      }
    }
  }
}

function canonicalWorker(
  plan: Plan,
  worker: Worker,
  now: number,
  renamed: ReadonlyMap<number, number>,
  isAging: boolean,
): Worker {
  const { readyAt, timeoutAt, killed, phase, recycling } = worker
  const wasAsked = worker.stop !== null && phase !== "booting"
  // After a kill only the exit is of interest, and for that it is the same why the worker was to end. Why it is to stop
  // matters until it was asked, which is at its hello; and so does whether it had been ready.
  const stop = killed ? null : worker.stop
  const oldest = Math.max(
    plan.stablePeriodMs,
    plan.minReadyMs,
    plan.recycleHoldMs,
    plan.requestHoldMs,
  )
  const age = readyAt === null || !isAging ? null : Math.max(readyAt - now, -oldest)
  return {
    ...worker,
    incarnation: renamed.get(worker.incarnation) ?? 0,
    phase: wasAsked || (killed && phase === "ready") ? "starting" : phase,
    timeoutAt: timeoutAt === null ? null : until(plan, timeoutAt, now),
    readyAt: age,
    hasFitted: worker.hasFitted && worker.stop === null && !killed,
    recycling:
      recycling === null || worker.stop !== null || killed
        ? null
        : { ...recycling, at: until(plan, recycling.at, now) },
    stop: stop && { ...(wasAsked ? asked : stop), killAt: until(plan, stop.killAt, now) },
  }
}

/** Any cause and any signal: nothing depends on them any more. */
const asked = { cause: "stop", signal: "" } as const

/** How far away a deadline is. How long ago it was due matters only until that looks like a stall. */
function until(plan: Plan, deadline: number, now: number): number {
  return Math.max(deadline - now, -plan.stallMs)
}
