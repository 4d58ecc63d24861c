/**
 * The respawns that still count, and whether one more is allowed.
 *
 * The window is half open: a respawn made at `t` counts while `now − t < interval`. So `limit` respawns per interval can
 * continue forever, and the pool gives up only at one more than that.
 */
import type { Plan } from "./plan/plan.ts"

/** The respawns that count at `now`, the earliest first. None are kept if there is no limit. */
export function countingRespawns(
  plan: Plan,
  respawnedAt: readonly number[],
  now: number,
): readonly number[] {
  if (plan.respawnLimit === Infinity) return []
  return respawnedAt.filter((at) => now - at < plan.respawnIntervalMs)
}

/** Whether one more respawn would be more than the limit, given those that count. */
export function isExhausted(plan: Plan, counting: readonly number[]): boolean {
  return counting.length >= plan.respawnLimit
}
