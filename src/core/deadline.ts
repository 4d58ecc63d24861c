/**
 * When the core wants to be woken, and what is due when it is.
 *
 * Deadlines stand in the state, each with the thing it is about. The next one is always derived and never armed or
 * cancelled here, so no timer can be stale: a wake-up that comes too early, or twice, finds nothing due.
 */
import { recyclingDeadline } from "./recycle.ts"
import { endTrial } from "./replacement.ts"
import { forkDueWorkers } from "./slot.ts"
import { killLifeless } from "./signs-of-life.ts"
import type { Slot, State } from "./state.ts"
import { killOverdueWorkers } from "./stop.ts"
import type { Turn } from "./turn.ts"

/** The earliest moment at which something is due; null where only a fact can change anything. */
export function nextDeadline(state: State): number | null {
  let next = Math.min(
    state.stop?.finishAt ?? Infinity,
    state.provenAt ?? Infinity,
    recyclingDeadline(state) ?? Infinity,
  )
  for (const slot of state.slots) next = Math.min(next, deadlineOf(slot) ?? Infinity)
  return next === Infinity ? null : next
}

/** Does what is due. @internal */
export function deadlineReached(turn: Turn): void {
  const next = nextDeadline(turn.state)
  if (next === null || next > turn.at) return
  const wasAway = turn.at - next >= turn.plan.stallMs
  endTrial(turn)
  killOverdueWorkers(turn)
  killLifeless(turn, wasAway)
  forkDueWorkers(turn)
}

function deadlineOf(slot: Slot): number | null {
  if (slot.state === "waiting") return slot.forkAt
  if (slot.state === "finished" || slot.worker.killed) return null
  return slot.worker.stop?.killAt ?? slot.worker.lifeBy
}
