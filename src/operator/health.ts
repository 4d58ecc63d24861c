/**
 * Health, as orchestrators ask for it. The primary answers from its state, so that no busy worker can hold up the answer.
 */
import { counted, describeMs } from "../core/describe.ts"
import type { PoolStatus } from "../pool/handle.ts"

/** An answer to a probe. */
export interface Health {
  readonly ok: boolean
  /** In words, for whoever looks. */
  readonly reason: string
}

/** Whether the primary does its work. One that has given up does not, and should be replaced. */
export function liveness({ state }: Pick<PoolStatus, "state">, hasGivenUp: boolean): Health {
  if (hasGivenUp) return { ok: false, reason: "the pool has given up" }
  return { ok: state !== "done", reason: `the pool is ${state}` }
}

/** Whether clients should come: at least one worker serves, and the pool is not about to stop. */
export function readiness({ state, ready, target, next }: PoolStatus): Health {
  if (state === "stopping" || state === "done") return { ok: false, reason: `the pool is ${state}` }
  const due = next === null ? "" : `; next in ${describeMs(next.inMs)}: ${next.why}`
  return { ok: ready > 0, reason: `${ready} of ${counted(target, "worker")} ready${due}` }
}

/** Whether every worker has been ready once. */
export function startup({ ready, target }: PoolStatus, wasReady: boolean): Health {
  if (wasReady) return { ok: true, reason: "every worker has been ready" }
  return { ok: false, reason: `${ready} of ${counted(target, "worker")} ready` }
}
