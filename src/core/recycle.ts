/**
 * Recycling replaces workers that have served for long enough: those that have reached `maxAge` or `maxRequests`, take more
 * than `maxMemory`, or have asked for it. Each is replaced by replacement.ts, the new one first.
 *
 * Decides which worker is due, in which order, and when a failed replacement is tried again: never two at once, not during
 * a reload, and no slot again and again. A worker that takes too much from its start on would be replaced by another such
 * one, so memory counts only for one that has taken less before, and only after a while. Requests, and what a worker asks
 * for, also count only after a while.
 */
import type { Reason } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import { maxAgeOf } from "./recycling-limits.ts"
import { dismissReplacement } from "./replacement.ts"
import {
  hasBegun,
  isLeaving,
  type OccupiedSlot,
  type Process,
  type Recycling,
  replacingCount,
  type Slot,
  type State,
} from "./state.ts"
import { occupiedSlot, processOf, putSlot, putWorker, type Transition } from "./transition.ts"
import { startReplacement } from "./worker.ts"

/** Why and when a worker that becomes ready now is to be recycled: what has called for it by now, or else its age. */
export function recyclingWhenReady(
  { plan, at }: Transition,
  { slot, worker: { recycling } }: Process,
): Recycling | null {
  if (recycling !== null) return { ...recycling, at: at + plan.requestHoldMs }
  const maxAgeMs = maxAgeOf(plan, slot)
  return maxAgeMs === false ? null : { cause: "age", at: at + maxAgeMs }
}

/** A worker has asked for it, which it may as soon as it runs. */
export function recycleRequested(transition: Transition, ref: WorkerRef): void {
  scheduleHeld(transition, ref, (at) => ({ cause: "request", at }))
}

/** A worker has served as many requests as it may. The count is its own, so that no request costs a message. */
export function workerServedRequests(
  transition: Transition,
  ref: WorkerRef,
  requests: number,
): void {
  if (transition.plan.maxRequests === false) return
  scheduleHeld(transition, ref, (at) => ({ cause: "max-requests", at, requests }))
}

/** The memory of a worker was measured. */
export function workerMeasured(transition: Transition, ref: WorkerRef, memoryBytes: number): void {
  const { plan, at } = transition
  const process = processOf(transition, ref)
  if (process === undefined || plan.maxMemoryBytes === false) return
  const { worker } = process
  if (worker.readyAt === null) return
  if (memoryBytes <= plan.maxMemoryBytes) {
    if (!worker.hasFitted) putWorker(transition, process, { ...worker, hasFitted: true })
    return
  }
  if (!worker.hasFitted || at - worker.readyAt < plan.recycleHoldMs) return
  scheduleRecycling(transition, process, { cause: "memory", at, memoryBytes })
}

/** Starts a replacement for the oldest worker that is due, if no worker is being replaced. */
export function continueRecycling(transition: Transition): void {
  const { state, plan, at } = transition
  if (!mayReplace(state)) return
  let oldest: OccupiedSlot | undefined
  for (const slot of state.slots) {
    const recycling = recyclingOf(slot)
    if (recycling === null || recycling.at > at || slot.state !== "occupied") continue
    if (slot.worker.incarnation < (oldest?.worker.incarnation ?? Infinity)) oldest = slot
  }
  const recycling = oldest && recyclingOf(oldest)
  if (oldest !== undefined && recycling) {
    startReplacement(transition, oldest.id, reasonOf(plan, recycling))
  }
}

/** Which worker becomes due first, and when; of several at one moment the oldest. Null if none does, or while one is being replaced. */
export function nextToRecycle(
  state: State,
): { readonly at: number; readonly slot: OccupiedSlot } | null {
  if (!mayReplace(state)) return null
  let next: { at: number; slot: OccupiedSlot } | null = null
  for (const slot of state.slots) {
    const at = recyclingOf(slot)?.at
    if (at === undefined || slot.state !== "occupied") continue
    const isOlder = slot.worker.incarnation < (next?.slot.worker.incarnation ?? Infinity)
    if (next === null || at < next.at || (at === next.at && isOlder)) next = { at, slot }
  }
  return next
}

/** The replacement of that slot has failed: its worker stays, and is recycled later. */
export function postponeRecycling(transition: Transition, id: number): void {
  dismissReplacement(transition, id)
  const slot = occupiedSlot(transition.state, id)
  if (slot === undefined || slot.worker.recycling === null) return
  const recycling = { ...slot.worker.recycling, at: transition.at + transition.plan.recycleRetryMs }
  putSlot(transition, { ...slot, worker: { ...slot.worker, recycling } })
}

function mayReplace(state: State): boolean {
  return state.phase === "running" && state.reload === null && replacingCount(state) === 0
}

/** Why the worker of the slot is to be recycled, now or later. Only a worker that serves is. */
function recyclingOf(slot: Slot): Recycling | null {
  if (slot.state !== "occupied" || slot.worker.phase !== "ready") return null
  return isLeaving(slot.worker) ? null : slot.worker.recycling
}

/** Not before the worker was ready for a while: the next one may report the same at once. */
function scheduleHeld(
  transition: Transition,
  ref: WorkerRef,
  recyclingAt: (at: number) => Recycling,
): void {
  const { plan, at } = transition
  const process = processOf(transition, ref)
  if (process === undefined || !hasBegun(process.worker)) return
  const { readyAt } = process.worker
  const notBefore = readyAt === null ? at : readyAt + plan.requestHoldMs
  scheduleRecycling(transition, process, recyclingAt(Math.max(at, notBefore)))
}

/** Anything else takes precedence over age. What is scheduled already is not put off. */
function scheduleRecycling(transition: Transition, process: Process, recycling: Recycling): void {
  const { worker } = process
  if (isLeaving(worker) || (worker.recycling !== null && worker.recycling.cause !== "age")) return
  putWorker(transition, process, { ...worker, recycling })
}

function reasonOf({ maxAgeMs, maxMemoryBytes, maxRequests }: Plan, recycling: Recycling): Reason {
  switch (recycling.cause) {
    case "age":
      return { rule: "max-age", maxAgeMs: Number(maxAgeMs) }
    case "memory": {
      const { memoryBytes } = recycling
      return { rule: "max-memory", memoryBytes, maxMemoryBytes: Number(maxMemoryBytes) }
    }
    case "max-requests": {
      const { requests } = recycling
      return { rule: "max-requests", requests, maxRequests: Number(maxRequests) }
    }
    case "request":
      return { rule: "recycle-requested" }
  }
}
