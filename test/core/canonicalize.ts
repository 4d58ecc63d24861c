/**
 * Maps situations that have the same future to the same value. This is the plain reference for the encoder of the search
 * (src/proof/pool/encode-state.ts), which writes the same as numbers for speed. The tests compare the two.
 *
 * Two states can differ in the time of day, in the serial numbers of their processes, or in how long ago something ended,
 * and still react alike to every future event. The canonical form forgets exactly that: times are relative to now, ages
 * stop growing at the largest threshold that anything compares them with, respawns that no longer count are dropped, and
 * incarnations are renumbered in their old order.
 */
import { isReportable } from "../../src/core/incident.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import { countingRespawns } from "../../src/core/respawn-window.ts"
import {
  type Incident,
  processesOf,
  type Reload,
  type Slot,
  type State,
  type Worker,
} from "../../src/core/state.ts"

/** A state in its canonical form. */
export interface Canonical {
  /** The state, as if now were 0. */
  readonly state: State
  /** From each living incarnation to its new number. Pending events must be renamed with it, too. */
  readonly renamed: ReadonlyMap<number, number>
}

/** The canonical form of a state at the moment `now`, which becomes 0. */
export function canonicalize(plan: Plan, state: State, now: number): Canonical {
  const living = processesOf(state)
    .map(({ worker }) => worker.incarnation)
    .sort((one, other) => one - other)
  const renamed = new Map(living.map((incarnation, index) => [incarnation, index + 1]))
  const isOver = state.phase === "stopping" || state.phase === "done"
  const canonical: State = {
    ...state,
    // A pool that is stopping is never scaled.
    target: isOver ? 1 : state.target,
    slots: state.slots.map((slot) => canonicalSlot(plan, slot, now, renamed)),
    replacements: state.replacements.map(({ slot, worker, acceptAt }) => ({
      slot,
      worker: canonicalWorker(plan, worker, now, renamed, true),
      acceptAt: acceptAt === null ? null : until(plan, acceptAt, now),
    })),
    spares: state.spares.map(({ worker }) => ({
      worker: canonicalWorker(plan, worker, now, renamed, false),
    })),
    spareBackoff: state.spareBackoff && {
      attempt: state.spareBackoff.attempt,
      until: Math.max(state.spareBackoff.until - now, 0),
    },
    // Only spares depend on it.
    isProgramRejected: plan.spares > 0 && state.isProgramRejected,
    spareForkAt: state.spareForkAt === null ? null : until(plan, state.spareForkAt, now),
    retired: state.retired.map(({ slot, worker }) => ({
      slot,
      worker: canonicalWorker(plan, worker, now, renamed, false),
    })),
    nextIncarnation: living.length + 1,
    reload: state.reload && canonicalReload(state.reload, living),
    failedStarts: state.failedStarts && [...state.failedStarts].sort((one, other) => one - other),
    respawnedAt: countingRespawns(plan, state.respawnedAt, now).map((at) => at - now),
    incident: canonicalIncident(plan, state.incident, now),
    delayedStop: state.delayedStop && {
      ...state.delayedStop,
      beginAt: until(plan, state.delayedStop.beginAt, now),
    },
    stop: state.stop && { ...state.stop, finishAt: until(plan, state.stop.finishAt, now) },
  }
  return { state: canonical, renamed }
}

/** An incident that stays too small is forgotten when its moment is over. What the failures share is reported only. */
function canonicalIncident(plan: Plan, incident: Incident | null, now: number): Incident | null {
  if (incident === null || (incident.reportAt <= now && !isReportable(incident))) return null
  const reportAt = until(plan, incident.reportAt, now)
  const slots = [...incident.slots].sort((one, other) => one - other)
  const common = { code: null, signal: null, killed: false, uptime: "mixed" } as const
  return { firstAt: 0, latestAt: 0, reportAt, slots, of: incident.of, ...common }
}

function canonicalReload(reload: Reload, living: readonly number[]): Reload {
  const old = living.filter((incarnation) => incarnation < reload.firstNewIncarnation).length
  return { ...reload, firstNewIncarnation: old + 1 }
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
      const { forkNotBefore, desired } = slot
      // Only a respawn depends on how often the slot failed before, and on how long the worker was ready.
      const isCounted = desired === "respawn"
      return {
        ...slot,
        // A fork that turns out to have failed depends on the attempt, too.
        attempt: isCounted || slot.worker.phase === "booting" ? slot.attempt : 0,
        forkNotBefore: forkNotBefore === null || forkNotBefore <= now ? null : forkNotBefore - now,
        worker: canonicalWorker(plan, slot.worker, now, renamed, isCounted),
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
  // After a kill only the exit matters, and whether the worker was to stop while it booted. Why it was to stop no longer
  // matters, nor whether it had been ready.
  const stop = killed && phase !== "booting" ? null : worker.stop
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
    signaled: worker.signaled && {
      ...worker.signaled,
      stopAt: until(plan, worker.signaled.stopAt, now),
    },
    stop: stop && { ...asked, killAt: killed ? 0 : until(plan, stop.killAt, now) },
  }
}

/** Any cause and any signal: nothing depends on them once the worker was asked. */
const asked = { cause: "stop", signal: "" } as const

/** How far away a deadline is. An overdue one is capped at `stallMs`, because then the primary counts as blocked. */
function until(plan: Plan, deadline: number, now: number): number {
  return Math.max(deadline - now, -plan.stallMs)
}
