/**
 * What is remembered of each slot and worker for people to read: counts and moments, which the core has no use for.
 * Decides nothing.
 */
import type { Effect } from "./core/effect.ts"
import type { Event, WorkerRef } from "./core/event.ts"
import { isLeaving, type Slot, type State } from "./core/state.ts"
import type { WorkerDetails } from "./notice.ts"
import type { WorkerFailure } from "./platform/platform.ts"
import type { Supervision } from "./supervise.ts"
import type { WorkerInfo } from "./supervisor.ts"

interface Entry {
  incarnation: number
  respawns: number
  state: WorkerInfo["state"]
  since: number
}

export interface Roster extends WorkerDetails {
  /** Takes note of a step. */
  stepped(event: Event, effects: readonly Effect[], state: State, epochNow: number): void
  /** Takes note of what the code of a worker threw. */
  workerFailed(failure: WorkerFailure): void
  /** Forgets a worker that has died. */
  forget(worker: WorkerRef): void
  list(state: State): readonly WorkerInfo[]
}

export function createRoster(supervision: () => Supervision): Roster {
  const entries = new Map<number, Entry>()
  const ended = new Set<number>()
  const errors = new Map<number, string>()

  function stepped(event: Event, effects: readonly Effect[], state: State, epochNow: number): void {
    for (const effect of effects) {
      if (effect.type === "stop-worker" || effect.type === "kill-worker") {
        ended.add(effect.worker.incarnation)
      }
      if (effect.type === "fork-worker") {
        const { slot, incarnation } = effect.worker
        const respawns = entries.get(slot)?.respawns ?? 0
        const isRespawn = effect.reason.rule === "respawn"
        entries.set(slot, {
          incarnation,
          respawns: respawns + (isRespawn ? 1 : 0),
          state: "booting",
          since: epochNow,
        })
      }
    }
    for (const slot of state.slots) {
      const entry = entries.get(slot.id)
      const now = stateOf(slot)
      if (entry !== undefined && entry.state !== now) {
        entry.state = now
        entry.since = epochNow
      }
    }
    if (entries.size > state.slots.length) {
      const taken = new Set(state.slots.map((slot) => slot.id))
      for (const id of entries.keys()) if (!taken.has(id)) entries.delete(id)
    }
  }

  return {
    stepped,
    workerFailed: ({ worker, error }) => errors.set(worker.incarnation, error),
    forget({ incarnation }) {
      ended.delete(incarnation)
      errors.delete(incarnation)
    },
    pidOf: ({ incarnation }) => supervision().pidOf(incarnation),
    wasEnded: ({ incarnation }) => ended.has(incarnation),
    errorOf: ({ incarnation }) => errors.get(incarnation),
    list: (state) =>
      state.slots.map((slot) => {
        const entry = entries.get(slot.id)
        const incarnation = entry?.incarnation ?? 0
        const pid = slot.state === "occupied" ? supervision().pidOf(incarnation) : undefined
        const { respawns = 0, since = 0 } = entry ?? {}
        return { id: slot.id, pid, state: stateOf(slot), incarnation, respawns, since }
      }),
  }
}

function stateOf(slot: Slot): WorkerInfo["state"] {
  if (slot.state !== "occupied") return slot.state
  return isLeaving(slot.worker) ? "stopping" : slot.worker.phase
}
