/**
 * One worker replaces another without a gap: the replacement starts first, and the worker before it is asked to stop only
 * once the replacement has been ready for long enough. From ready until then it is on probation, and means nothing to its
 * slot.
 *
 * Decides when a replacement is accepted, and what becomes of it if its slot needs it earlier or not at all. Which worker
 * is replaced is up to reload.ts and recycle.ts.
 */
import type { ReplacementFailure } from "./command.ts"
import {
  currentOf,
  isLeaving,
  type OccupiedSlot,
  type Process,
  type Replacement,
  type State,
  type StopCause,
  type Worker,
} from "./state.ts"
import { noteFailure, occupiedSlot, occupySlot, type Transition, without } from "./transition.ts"
import { stopWorker } from "./worker.ts"

/** The replacement in that slot is ready: its probation begins, and may be over at once. */
export function startProbation(transition: Transition, id: number): void {
  const { state, at, plan } = transition
  const acceptAt = at + plan.minReadyMs
  const replacements = state.replacements.map((one) =>
    one.slot === id ? { ...one, acceptAt } : one,
  )
  transition.state = { ...state, replacements }
  acceptReplacements(transition)
}

/** Each replacement whose probation is over gets its slot, and the worker before it is to finish. */
export function acceptReplacements(transition: Transition): void {
  for (const { slot: id, worker, acceptAt } of transition.state.replacements) {
    if (acceptAt === null || acceptAt > transition.at) continue
    const slot = occupiedSlot(transition.state, id)
    if (slot === undefined) continue
    takeOver(transition, slot, worker)
    retire(transition, currentOf(slot), purposeOf(transition.state, worker))
  }
}

/** If the slot has a replacement, that takes over now. @returns whether it did, so that no fork is needed. */
export function fillFromReplacement(transition: Transition, slot: OccupiedSlot): boolean {
  const replacement = replacementOf(transition.state, slot.id)
  if (replacement === undefined) return false
  takeOver(transition, slot, replacement.worker)
  return true
}

/** The process that is to take over that slot. */
export function replacementOf({ replacements }: State, id: number): Replacement | undefined {
  return replacements.find(({ slot }) => slot === id)
}

/** Notes a failure if the process is the replacement. */
export function noteIfReplacement(
  transition: Transition,
  process: Process,
  how: ReplacementFailure,
): void {
  if (process.role === "replacement") noteFailure(transition, process, how)
}

/** The replacement in that slot, if there is one, is no longer wanted: it is to finish. */
export function dismissReplacement(transition: Transition, slot: number, cause?: StopCause): void {
  const { state } = transition
  const replacement = replacementOf(state, slot)
  if (replacement === undefined) return
  const { worker } = replacement
  transition.state = { ...state, replacements: without(state.replacements, worker) }
  const purpose = purposeOf(transition.state, worker)
  retire(transition, { slot, role: "replacement", worker }, cause ?? purpose)
}

/** Whether a worker was forked since the running reload began, so that it runs the new code. */
export function runsNewCode({ reload }: State, { incarnation }: Worker): boolean {
  return reload !== null && incarnation >= reload.firstNewIncarnation
}

/** Lets a process finish whose exit will mean nothing to its slot. */
function retire(transition: Transition, { slot, worker }: Process, cause: StopCause): void {
  const { state, at, plan } = transition
  transition.state = { ...state, retired: [...state.retired, { slot, worker }] }
  if (isLeaving(worker)) return
  const stop = { cause, signal: "SIGTERM", killAt: at + plan.timeoutMs }
  stopWorker(transition, { slot, role: "retired", worker }, stop)
}

function takeOver(transition: Transition, { id, attempt }: OccupiedSlot, worker: Worker): void {
  const { state } = transition
  transition.state = { ...state, replacements: without(state.replacements, worker) }
  occupySlot(transition, id, attempt, worker)
}

/** What the replacement was started for. */
function purposeOf(state: State, worker: Worker): StopCause {
  return runsNewCode(state, worker) ? "reload" : "recycle"
}
