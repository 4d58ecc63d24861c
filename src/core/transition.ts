/**
 * One step in the making: the state so far, the commands so far, and what the policies that run at the end of a step
 * need to know of it.
 *
 * The policies share it, so each can have a file of its own and still act one after another within one step. It is the
 * only thing in the core that is written to, and it does not outlive the step; states themselves are never written to.
 */
import type { Command, Reason, ReplacementFailure } from "./command.ts"
import type { WorkerRef } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import {
  type OccupiedSlot,
  type Process,
  processesOf,
  type Slot,
  type State,
  type Worker,
} from "./state.ts"

/** A step in the making. */
export interface Transition {
  readonly plan: Plan
  /** The moment of the event. */
  readonly at: number
  state: State
  readonly commands: Command[]
  /** Workers that failed in this step. What that means for a reload or a recycling is judged at its end. */
  readonly failures: Failure[]
  /** Whether forks are due now: the wake-up has come, or a slot was emptied whose fork need not wait. */
  areForksDue: boolean
  /** Why the pool was asked to stop, or began to, in this step. */
  stopReason: Reason | null
}

/** The failure of one process, as it was before. */
interface Failure {
  readonly process: Process
  readonly how: ReplacementFailure
}

/** A step that begins. */
export function beginTransition(plan: Plan, state: State, at: number): Transition {
  return { plan, at, state, commands: [], failures: [], areForksDue: false, stopReason: null }
}

/** Notes that a process has failed, as it was before: what that means for others is judged at the end of the step. */
export function noteFailure(
  { failures }: Transition,
  process: Process,
  how: ReplacementFailure,
): void {
  failures.push({ process, how })
}

/**
 * That very process; undefined if it has ended already, so that a report about it comes too late. A report may have been made
 * before a spare filled its slot, so the slot does not count.
 */
export function processOf({ state }: Transition, { incarnation }: WorkerRef): Process | undefined {
  if (incarnation >= state.nextIncarnation) {
    throw new Error(`[BUG] incarnation ${incarnation} was reported before it was forked`)
  }
  return processesOf(state).find(({ worker }) => worker.incarnation === incarnation)
}

/** How a process is named in events and commands. */
export function refOf({ slot, worker }: Process): WorkerRef {
  return { slot, incarnation: worker.incarnation }
}

/** The entry of a slot in which a process lives. */
export function occupiedSlot({ slots }: State, id: number): OccupiedSlot | undefined {
  const slot = slots.find((candidate) => candidate.id === id)
  return slot?.state === "occupied" ? slot : undefined
}

/** Puts the entry of a slot in its place. */
export function putSlot(transition: Transition, slot: Slot): void {
  const { slots } = transition.state
  const isKnown = slots.some(({ id }) => id === slot.id)
  transition.state = {
    ...transition.state,
    slots: isKnown
      ? slots.map((other) => (other.id === slot.id ? slot : other))
      : [...slots, slot].sort((one, other) => one.id - other.id),
  }
}

/** Makes a process the current one of a slot. What was asked of the one before it does not count for it; a signal that it got does. */
export function occupySlot(
  transition: Transition,
  id: number,
  attempt: number,
  worker: Worker,
): void {
  putSlot(transition, {
    state: "occupied",
    id,
    desired: "respawn",
    attempt,
    forkNotBefore: worker.signaled?.stopAt ?? null,
    worker,
  })
}

/** Frees a number. */
export function removeSlot(transition: Transition, id: number): void {
  const slots = transition.state.slots.filter((slot) => slot.id !== id)
  transition.state = { ...transition.state, slots }
}

/** Writes a process back as it is now, whatever its role. */
export function putWorker(transition: Transition, process: Process, worker: Worker): void {
  const { state } = transition
  switch (process.role) {
    case "current": {
      const slot = occupiedSlot(state, process.slot)
      if (slot !== undefined) putSlot(transition, { ...slot, worker })
      return
    }
    case "replacement":
      transition.state = { ...state, replacements: withWorker(state.replacements, worker) }
      return
    case "retired":
      transition.state = { ...state, retired: withWorker(state.retired, worker) }
      return
    case "spare":
      transition.state = { ...state, spares: withWorker(state.spares, worker) }
  }
}

/** All but that process. */
export function without<One extends { readonly worker: Worker }>(
  all: readonly One[],
  { incarnation }: Worker,
): readonly One[] {
  return all.filter(({ worker }) => worker.incarnation !== incarnation)
}

function withWorker<One extends { readonly worker: Worker }>(
  all: readonly One[],
  worker: Worker,
): readonly One[] {
  return all.map((one) =>
    one.worker.incarnation === worker.incarnation ? { ...one, worker } : one,
  )
}
