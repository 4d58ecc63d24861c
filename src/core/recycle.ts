/**
 * Which workers have served for long enough and are replaced by plan: those that have reached `maxAge`, that take more
 * than `maxMemory`, or that have asked for it. Each by replacement.ts, the new one first.
 *
 * Decides who is due, in which order, and when a replacement that failed is tried again: never two at once, not while a
 * reload runs, and no slot again and again: a worker that takes too much from its start on would be replaced by another
 * such one, so memory counts only of one that has taken less, and after a while; and so does what a worker asks for.
 */
import { fraction } from "./backoff.ts"
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import { dismissFailed, isReplacing, replaceWorker } from "./replacement.ts"
import {
  isLeaving,
  isWanted,
  type OccupiedSlot,
  type Recycling,
  type Slot,
  type State,
} from "./state.ts"
import { putSlot, slotOf, type Transition } from "./transition.ts"

/** What a worker that becomes ready now is to be replaced for: what it has asked for by now, or else its age. */
export function recyclingWhenReady(transition: Transition, slot: OccupiedSlot): Recycling | null {
  const { recycling } = slot.worker
  if (recycling === null) return recyclingByAge(transition, slot)
  return { ...recycling, at: transition.at + transition.plan.requestHoldMs }
}

/** When it will have reached its age. Up to a fifth earlier, by slot, so that they are spread. */
function recyclingByAge(transition: Transition, { id }: OccupiedSlot): Recycling | null {
  const { maxAgeMs, seed } = transition.plan
  if (maxAgeMs === false) return null
  const earlierMs = Math.floor(0.2 * maxAgeMs * fraction(seed, id, 0))
  return { cause: "age", at: transition.at + maxAgeMs - earlierMs }
}

/** A worker has asked for it, which it may as soon as it runs. */
export function recycleRequested(transition: Transition, ref: WorkerRef): void {
  const { plan, at } = transition
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.phase === "booting") return
  const { readyAt } = slot.worker
  const notBefore = readyAt === null ? at : readyAt + plan.requestHoldMs
  wear(transition, slot, { cause: "request", at: Math.max(at, notBefore) })
}

/** A worker takes so much memory. */
export function workerMeasured(transition: Transition, ref: WorkerRef, memoryBytes: number): void {
  const { plan, at } = transition
  const slot = slotOf(transition, ref)
  if (slot === undefined || slot.worker.readyAt === null) return
  if (plan.maxMemoryBytes === false) return
  const { hasFitted } = slot.worker
  if (memoryBytes <= plan.maxMemoryBytes) {
    if (!hasFitted) putSlot(transition, { ...slot, worker: { ...slot.worker, hasFitted: true } })
    return
  }
  if (!hasFitted || at - slot.worker.readyAt < plan.recycleHoldMs) return
  wear(transition, slot, { cause: "memory", at, memoryBytes })
}

/** Replaces the oldest of those that are due, if nobody is being replaced. */
export function continueRecycling(transition: Transition): void {
  const { state, plan, at } = transition
  let oldest: OccupiedSlot | undefined
  for (const slot of state.slots) {
    const recycling = recyclingOf(slot)
    if (recycling === null || recycling.at > at || slot.state !== "occupied") continue
    if (slot.worker.incarnation < (oldest?.worker.incarnation ?? Infinity)) oldest = slot
  }
  const recycling = oldest && recyclingOf(oldest)
  if (oldest === undefined || !recycling || !mayReplace(state)) return
  replaceWorker(transition, oldest, reasonOf(plan, recycling))
}

/** Which worker is due next, the oldest first, and when; null where none will be, or somebody is being replaced. */
export function nextToRecycle(
  state: State,
): { readonly at: number; readonly slot: OccupiedSlot } | null {
  let next: { at: number; slot: OccupiedSlot } | null = null
  for (const slot of state.slots) {
    const at = recyclingOf(slot)?.at
    if (at === undefined || slot.state !== "occupied") continue
    const isOlder = slot.worker.incarnation < (next?.slot.worker.incarnation ?? Infinity)
    if (next === null || at < next.at || (at === next.at && isOlder)) next = { at, slot }
  }
  return next !== null && mayReplace(state) ? next : null
}

/** The newcomer has failed: the worker stays, and is tried to be replaced again later. */
export function recyclingFailed(transition: Transition, failed: OccupiedSlot): void {
  dismissFailed(transition, failed)
  const { id } = failed
  const slot = transition.state.slots.find((other) => other.id === id && isWanted(other))
  if (slot?.state !== "occupied" || slot.worker.recycling === null) return
  const recycling = { ...slot.worker.recycling, at: transition.at + transition.plan.recycleRetryMs }
  putSlot(transition, { ...slot, worker: { ...slot.worker, recycling } })
}

function mayReplace(state: State): boolean {
  return state.phase === "running" && state.reload === null && !isReplacing(state)
}

/** That the worker of the slot is to be replaced by plan, now or later: only one that serves is. */
function recyclingOf(slot: Slot): Recycling | null {
  if (slot.state !== "occupied" || slot.worker.phase !== "ready") return null
  return isLeaving(slot.worker) ? null : slot.worker.recycling
}

/** What a worker has asked for, or takes too much of, comes before its age; what is known already is not put off. */
function wear(transition: Transition, slot: OccupiedSlot, recycling: Recycling): void {
  const { worker } = slot
  if (isLeaving(worker) || (worker.recycling !== null && worker.recycling.cause !== "age")) return
  putSlot(transition, { ...slot, worker: { ...worker, recycling } })
}

function reasonOf({ maxAgeMs, maxMemoryBytes }: Plan, recycling: Recycling): Reason {
  switch (recycling.cause) {
    case "age":
      return { rule: "max-age", maxAgeMs: Number(maxAgeMs) }
    case "memory": {
      const { memoryBytes } = recycling
      return { rule: "max-memory", memoryBytes, maxMemoryBytes: Number(maxMemoryBytes) }
    }
    case "request":
      return { rule: "recycle-requested" }
  }
}
