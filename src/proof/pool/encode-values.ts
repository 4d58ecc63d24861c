/**
 * The values that the core's state and the history of the rules have in common, as integers for the search.
 */
import { backoffMs } from "../../core/backoff.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type {
  OccupiedSlot,
  Process,
  Recycling,
  State,
  StopCause,
  Worker,
} from "../../core/state.ts"
import type { Encoder } from "../model/encoder.ts"
import type { SuccessorRecord } from "../rules/history.ts"

/** A number for each value of an enumeration. The compiler misses none, so no two worlds that differ are written alike. */
type Numbers<Value extends string> = { readonly [value in Value]: number }

export const phases: Numbers<State["phase"]> = { starting: 0, running: 1, stopping: 2, done: 3 }
export const workerPhases: Numbers<Worker["phase"]> = {
  booting: 0,
  starting: 1,
  ready: 2,
  loaded: 3,
}
export const causes: Numbers<StopCause> = {
  stop: 0,
  "give-up": 1,
  "scale-down": 2,
  reload: 3,
  recycle: 4,
  "direct-signal": 5,
  discard: 6,
}
export const leaders: Numbers<Worker["leader"]> = { no: 0, asked: 1, granted: 2 }
export const recyclingCauses: Numbers<Recycling["cause"]> = {
  age: 0,
  memory: 1,
  request: 2,
  "max-requests": 3,
}
export const roles: Numbers<Process["role"]> = {
  current: 0,
  replacement: 1,
  retired: 2,
  spare: 3,
}
export const successorPhases: Numbers<SuccessorRecord["phase"]> = {
  due: 0,
  starting: 1,
  unwanted: 2,
  stopping: 3,
  killed: 4,
}
export const desires: Numbers<OccupiedSlot["desired"]> = { respawn: 0, restore: 1, remove: 2 }

/** A process by its age among those that live. */
export type Rank = (incarnation: number) => number

/** The age at which nothing compares it with anything older. */
export function oldestMs(plan: Plan): number {
  return Math.max(plan.stablePeriodMs, plan.minReadyMs, plan.recycleHoldMs, plan.requestHoldMs)
}

/** How far away a deadline is. How long ago it was due matters only until that looks like a stall. */
export function until(plan: Plan, deadline: number, now: number): number {
  return Math.max(deadline - now, -plan.stallMs)
}

/** The attempt from which on every wait is as long as the longest. */
export function attemptsUntilCap({ backoff }: Plan): number {
  if (backoff === false) return 0
  return 1 + Math.ceil(Math.log2(backoff.maxMs / backoff.minMs))
}

/** Whether every slot waits equally long: jitter makes slots different. */
export function waitsAlike(plan: Plan, mostWorkers: number): boolean {
  for (let attempt = 1; attempt <= attemptsUntilCap(plan); attempt += 1) {
    for (let slot = 2; slot <= mostWorkers; slot += 1) {
      if (backoffMs(plan, slot, attempt) !== backoffMs(plan, 1, attempt)) return false
    }
  }
  return true
}

/** Writes a text as a hash. */
export function writeText(text: string, encoder: Encoder): void {
  let hash = 0
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  }
  encoder.write(hash)
}
