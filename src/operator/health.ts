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

/** How many workers must serve: a number, a share of those that are wanted, or all. */
export type ReadyAt = number | "all"

/** Whether clients should come: enough workers serve, and the pool is not about to stop. */
export function readiness(status: PoolStatus, readyAt: ReadyAt): Health {
  const { state, workers, target, next } = status
  const sick = workers.filter((worker) => worker.state === "ready" && !worker.healthy).length
  const ready = status.ready - sick
  if (state === "stopping" || state === "done") return { ok: false, reason: `the pool is ${state}` }
  const due = next === null ? "" : `; next in ${describeMs(next.inMs)}: ${next.why}`
  const unhealthy = sick > 0 ? `, ${sick} not healthy` : ""
  const needed = neededOf(readyAt, target)
  const wants = needed > 1 && ready < needed ? `, ${needed} needed` : ""
  return {
    ok: ready >= needed,
    reason: `${ready} of ${counted(target, "worker")} ready${unhealthy}${wants}${due}`,
  }
}

function neededOf(readyAt: ReadyAt, target: number): number {
  if (readyAt === "all") return target
  return Math.min(target, readyAt < 1 ? Math.ceil(readyAt * target) : readyAt)
}

/** Whether every worker has been ready once. */
export function startup({ ready, target }: PoolStatus, wasReady: boolean): Health {
  if (wasReady) return { ok: true, reason: "every worker has been ready" }
  return { ok: false, reason: `${ready} of ${counted(target, "worker")} ready` }
}
