/**
 * What a worker may reach before it is recycled. The workers of a pool start together and share its load, so each slot has a
 * limit of its own, up to a fifth below that of the plan: otherwise all of them would be due together.
 */
import { fraction } from "./backoff.ts"
import type { Plan } from "./plan/plan.ts"

/** The age of a worker of the slot at which it is due, in ms since it became ready; false if it may have any. */
export function maxAgeOf({ maxAgeMs, seed }: Plan, slot: number): number | false {
  return maxAgeMs === false ? false : spread(maxAgeMs, seed, slot)
}

/** How many requests make a worker of the slot due; false if it may serve any number. */
export function maxRequestsOf({ maxRequests, seed }: Plan, slot: number): number | false {
  return maxRequests === false ? false : spread(maxRequests, seed, slot)
}

function spread(most: number, seed: number, slot: number): number {
  return most - Math.floor(0.2 * most * fraction(seed, slot, 0))
}
