/**
 * Checks the moment for which a pool sets its timer: it wakes up neither too late nor for nothing.
 */
import type { Event } from "../../core/event.ts"
import type { State } from "../../core/state.ts"
import { wakeUpOf } from "../rules/absence.ts"
import type { History } from "../rules/history.ts"
import type { PoolWorld } from "./pool-world.ts"

/** What is wrong with the moment for which the pool sets its timer. */
export function wrongDeadline(
  { state: before, now, due: wanted }: PoolWorld,
  after: State,
  next: number | null,
  { type }: Event,
): string | undefined {
  const isWakeUp = type === "deadline-reached"
  if (after === before && !isWakeUp) return undefined
  if (next === null) return undefined
  if (after.phase === "done") return "rule 16: a pool that is done has a deadline"
  if (next > now) return undefined
  if (isWakeUp) return "nothing was done at a deadline, so the pool would wake up forever"
  return wanted === null || wanted > now
    ? "what is due at once was left to a later wake-up"
    : undefined
}

/** Whether the pool sleeps longer than what is due can wait. When that is, is stated by the rules, independently of the core. */
export function lateDeadline(
  history: History,
  { phase }: State,
  next: number | null,
): string | undefined {
  if (phase === "done") return undefined
  const { untilAt } = wakeUpOf(history)
  if ((next ?? Infinity) <= untilAt) return undefined
  return `something is due at ${untilAt}, and the pool sleeps ${next === null ? "for good" : `until ${next}`}`
}
