/**
 * The promises of `recycle(id)`: each is settled once its worker has been replaced, or will not be for now.
 */
import { isLeaving, isStopping, type OccupiedSlot, type State } from "../core/state.ts"
import type { ReloadOutcome } from "./handle.ts"

interface RecycleCall {
  readonly id: number
  /** The process that is to be replaced. */
  readonly incarnation: number
  readonly settle: (outcome: ReloadOutcome) => void
  /** Whether a process was forked that is to take over. */
  hasReplacement: boolean
}

export class RecycleCalls {
  #calls: RecycleCall[] = []

  /** @param slot whose process is to be replaced. */
  add({ id, worker }: OccupiedSlot): Promise<ReloadOutcome> {
    return new Promise((settle) => {
      this.#calls.push({ id, incarnation: worker.incarnation, settle, hasReplacement: false })
    })
  }

  /** Takes in the state after a step. */
  stepped(state: State): void {
    if (this.#calls.length === 0) return
    this.#calls = this.#calls.filter((call) => {
      const outcome = outcomeOf(call, state)
      if (outcome !== undefined) call.settle(outcome)
      return outcome === undefined
    })
  }
}

/** Undefined while it is open. Notes whether the replacement has begun. */
function outcomeOf(call: RecycleCall, state: State): ReloadOutcome | undefined {
  const { id, incarnation } = call
  if (state.phase !== "running" || isStopping(state))
    return { ok: false, reason: "the pool is stopping" }
  if (state.retired.some(({ worker }) => worker.incarnation === incarnation)) return { ok: true }
  const slot = state.slots.find((candidate) => candidate.id === id)
  const current = slot?.state === "occupied" ? slot.worker : undefined
  if (current?.incarnation !== incarnation || isLeaving(current)) {
    return { ok: false, reason: `worker ${id} has ended before it was replaced` }
  }
  const hasReplacement = state.replacements.some(({ slot }) => slot === id)
  if (call.hasReplacement && !hasReplacement) {
    return { ok: false, reason: `the replacement of worker ${id} failed, so the old one serves on` }
  }
  call.hasReplacement = hasReplacement
  return undefined
}
