/**
 * A slot backs off: it waits before its next respawn.
 *
 * The first respawn comes at once, the next one after `min`, then doubled each time up to `max`. Up to a fifth is added,
 * so that slots that failed together do not return together. The cap still holds, so a longer wait is never followed by a
 * shorter one. A slot starts over once its worker was stable.
 */
import type { Plan } from "./plan/plan.ts"
import type { Worker } from "./state.ts"

/** The wait before respawn number `attempt` of a slot, the first being 0. */
export function backoffMs(plan: Plan, slot: number, attempt: number): number {
  if (plan.backoff === false) return 0
  const jitter = 0.2 * fraction(plan.seed, slot, attempt)
  return Math.min(plan.backoff.maxMs, Math.round(shortestBackoffMs(plan, attempt) * (1 + jitter)))
}

/** The wait without what jitter adds: no slot waits less, whatever the seed. */
export function shortestBackoffMs(plan: Plan, attempt: number): number {
  if (plan.backoff === false || attempt === 0) return 0
  return Math.min(plan.backoff.maxMs, plan.backoff.minMs * 2 ** (attempt - 1))
}

/** The number of the attempt after this one; it stops growing where the wait does. */
export function nextAttempt(plan: Plan, attempt: number): number {
  if (plan.backoff === false) return 0
  const { minMs, maxMs } = plan.backoff
  return attempt > 0 && minMs * 2 ** (attempt - 1) >= maxMs ? attempt : attempt + 1
}

/** Whether a worker that ends at `now` had been ready for so long that its slot starts over. */
export function wasStable(plan: Plan, worker: Worker, now: number): boolean {
  return worker.readyAt !== null && now - worker.readyAt >= plan.stablePeriodMs
}

/** A number in [0, 1) that depends on nothing but its arguments, so that a replay waits as the original did. */
export function fraction(seed: number, slot: number, attempt: number): number {
  let hash = seed | 0
  for (const word of [slot, attempt]) {
    hash = Math.imul(hash ^ word, 0x9e3779b1)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x85ebca77)
    hash ^= hash >>> 13
  }
  return (hash >>> 0) / 2 ** 32
}
