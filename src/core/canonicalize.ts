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
import type { Plan } from "./plan.ts"
import { countingRespawns } from "./respawn-window.ts"
import type { Slot, State, Worker } from "./state.ts"

export interface Canonical {
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
  const canonical: State = {
    ...state,
    slots: state.slots.map((slot) => canonicalSlot(plan, slot, now, renamed)),
    nextIncarnation: living.length + 1,
    respawnedAt: countingRespawns(plan, state.respawnedAt, now).map((at) => at - now),
    stop: state.stop && { ...state.stop, finishAt: until(plan, state.stop.finishAt, now) },
  }
  return { state: canonical, renamed }
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
      const { heldUntil } = slot
      return {
        ...slot,
        heldUntil: heldUntil === null || heldUntil <= now ? null : heldUntil - now,
        worker: canonicalWorker(plan, slot.worker, now, renamed),
      }
    }
  }
}

function canonicalWorker(
  plan: Plan,
  worker: Worker,
  now: number,
  renamed: ReadonlyMap<number, number>,
): Worker {
  const { readyAt, startBy, killed } = worker
  // After a kill only the exit is of interest, and for that it is the same why the worker was to end.
  const stop = killed ? null : worker.stop
  return {
    ...worker,
    incarnation: renamed.get(worker.incarnation) ?? 0,
    startBy: startBy === null ? null : until(plan, startBy, now),
    readyAt: readyAt === null ? null : Math.max(readyAt - now, -plan.stablePeriodMs),
    stop: stop && { ...stop, killAt: until(plan, stop.killAt, now) },
  }
}

/** How far away a deadline is. How long ago it was due matters only until that looks like a stall. */
function until(plan: Plan, deadline: number, now: number): number {
  return Math.max(deadline - now, -plan.stallMs)
}
