/**
 * What is remembered of each slot and worker for people to read: counts and moments, which the core has no use for.
 * Decides nothing.
 */
import type { Command } from "../core/command.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import { isLeaving, type Place, placesOf, type State } from "../core/state.ts"
import type { WorkerDetails } from "../core/notice.ts"
import type { WorkerFailure } from "../worker/message.ts"
import type { Supervision } from "./supervise.ts"
import type { WorkerInfo } from "./handle.ts"

/** What a process is doing, or its slot after its end. */
interface Entry {
  state: WorkerInfo["state"]
  since: number
}

/** What is known of a slot whoever is in it. */
interface Past {
  readonly incarnation: number
  readonly respawns: number
}

export interface Roster extends WorkerDetails {
  /** Takes note of a step. */
  stepped(event: Event, commands: readonly Command[], state: State, epochNow: number): void
  /** Takes note of what the code of a worker threw. */
  workerFailed(failure: WorkerFailure): void
  /** Forgets a worker that has died. */
  forget(worker: WorkerRef): void
  list(state: State): readonly WorkerInfo[]
}

export function createRoster(supervision: () => Supervision): Roster {
  /** By incarnation. */
  const entries = new Map<number, Entry>()
  /** By slot. */
  const pasts = new Map<number, Past>()
  const ended = new Set<number>()
  const errors = new Map<number, string>()

  function incarnationOf({ slot, worker }: Place): number {
    return worker?.incarnation ?? pasts.get(slot)?.incarnation ?? 0
  }

  function stepped(
    event: Event,
    commands: readonly Command[],
    state: State,
    epochNow: number,
  ): void {
    for (const command of commands) {
      if (command.type === "stop-worker" || command.type === "kill-worker") {
        ended.add(command.worker.incarnation)
      }
      if (command.type === "fork-worker") {
        const { slot, incarnation } = command.worker
        const isRespawn = command.reason.rule === "respawn"
        const respawns = (pasts.get(slot)?.respawns ?? 0) + (isRespawn ? 1 : 0)
        pasts.set(slot, { incarnation, respawns })
        entries.set(incarnation, { state: "booting", since: epochNow })
      }
    }
    const places = placesOf(state)
    for (const place of places) {
      const entry = entries.get(incarnationOf(place))
      const now = stateOf(place)
      if (entry !== undefined && entry.state !== now) {
        entry.state = now
        entry.since = epochNow
      }
    }
    keepOnly(entries, places.map(incarnationOf))
    keepOnly(
      pasts,
      places.map(({ slot }) => slot),
    )
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
      placesOf(state).map((place) => {
        const { slot: id, worker } = place
        const incarnation = incarnationOf(place)
        const pid = worker === null ? undefined : supervision().pidOf(incarnation)
        const { since = 0 } = entries.get(incarnation) ?? {}
        const { respawns = 0 } = pasts.get(id) ?? {}
        return { id, pid, state: stateOf(place), incarnation, respawns, since }
      }),
  }
}

function keepOnly(map: Map<number, unknown>, keys: readonly number[]): void {
  if (map.size <= keys.length) return
  const kept = new Set(keys)
  for (const key of map.keys()) if (!kept.has(key)) map.delete(key)
}

function stateOf({ state, worker }: Place): WorkerInfo["state"] {
  if (worker === null) return state === "finished" ? state : "waiting"
  return isLeaving(worker) ? "stopping" : worker.phase
}
