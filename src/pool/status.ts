/**
 * `pool.status()`: the state of a pool as plain data, made from the state of the core and the list of workers.
 */
import { nextDue } from "../core/deadline.ts"
import { describeDue } from "../core/describe.ts"
import type { Plan } from "../core/plan/plan.ts"
import { countingRespawns } from "../core/respawn-window.ts"
import type { State, Worker } from "../core/state.ts"
import type { Clock } from "../platform/platform.ts"
import type { DueStatus, PoolStatus, Supervisor, WorkerInfo } from "./handle.ts"
import type { SpareInfo } from "./roster.ts"

/** What a status is made from. */
export interface StatusInput {
  readonly plan: Plan
  readonly state: State
  /** The state of the handle. */
  readonly phase: Supervisor["state"]
  readonly workers: readonly WorkerInfo[]
  readonly spares: readonly SpareInfo[]
  /** How many reloads have finished. */
  readonly generation: number
  readonly clock: Clock
  /** The workers whose programs say that they cannot serve, by process id. */
  readonly unhealthy: ReadonlySet<number>
}

export function statusOf(input: StatusInput): PoolStatus {
  const { plan, state, phase, workers, spares, generation, clock, unhealthy } = input
  const { respawnLimit, respawnIntervalMs } = plan
  const epochNow = clock.epochNow()
  return {
    state: phase,
    target: state.target,
    ready: workers.filter((worker) => worker.state === "ready").length,
    generation,
    isReloading: state.reload !== null,
    respawns: {
      counted: countingRespawns(plan, state.respawnedAt, clock.now()).length,
      limit: respawnLimit === Infinity ? null : respawnLimit,
      intervalMs: respawnIntervalMs,
    },
    next: nextOf(state, clock.now(), epochNow),
    workers: workers.map(({ id, pid = null, state, since, incarnation, respawns }) => {
      const forMs = Math.max(0, epochNow - since)
      const healthy = pid === null || !unhealthy.has(pid)
      return { id, pid, state, since, forMs, incarnation, respawns, healthy }
    }),
    spares: spares.map(({ pid = null, state, since, incarnation }) => {
      const forMs = Math.max(0, epochNow - since)
      return { pid, state, since, forMs, incarnation }
    }),
  }
}

function nextOf(state: State, now: number, epochNow: number): DueStatus | null {
  const due = nextDue(withoutHeartbeats(state))
  if (due === null) return null
  const inMs = Math.max(0, Math.round(due.at - now))
  return { at: epochNow + inMs, inMs, why: describeDue(due) }
}

/** That a healthy worker is killed unless it sends its next heartbeat is always due soon, and hides what else is. */
function withoutHeartbeats(state: State): State {
  const quiet = (worker: Worker): Worker =>
    worker.phase === "ready" && worker.stop === null ? { ...worker, timeoutAt: null } : worker
  return {
    ...state,
    slots: state.slots.map((slot) =>
      slot.state === "occupied" ? { ...slot, worker: quiet(slot.worker) } : slot,
    ),
    replacements: state.replacements.map((one) => ({ ...one, worker: quiet(one.worker) })),
  }
}
