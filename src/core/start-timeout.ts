/**
 * Which workers have had their time to become ready.
 *
 * A worker that is not ready `startTimeout` after its fork is killed; its exit is then judged like any failure. After
 * a suspend, or a stall of the primary, nobody is: reports that were sent in time may still wait to be read, so the
 * time begins anew. While a reload runs nobody may take for ever, as it would never end: where there is no such timeout,
 * another one holds for those that are forked then.
 */
import type { Plan } from "./plan.ts"
import { newcomerFailed } from "./reload.ts"
import type { OccupiedSlot } from "./state.ts"
import { killWorker } from "./stop.ts"
import { putSlot, type Turn } from "./turn.ts"

/** When a worker that is forked now is killed unless it is ready; null where it may take as long as it likes. */
export function startDeadline({ plan, state, at }: Turn): number | null {
  const isLimited = plan.startTimeoutMs !== false || state.reload !== null
  return isLimited ? at + limitMs(plan) : null
}

/** Kills the workers that are late, or gives them all new time where it is the primary that was away. */
export function killLateStarters(turn: Turn, wasAway: boolean): void {
  const { plan, at } = turn
  const startTimeoutMs = limitMs(plan)
  for (const slot of turn.state.slots) {
    if (slot.state !== "occupied" || slot.worker.startBy === null) continue
    if (wasAway) renew(turn, slot, at + startTimeoutMs)
    else if (slot.worker.startBy <= at) {
      killWorker(turn, slot, { rule: "start-timeout", startTimeoutMs })
      if (slot.onExit === "failed") newcomerFailed(turn, slot, "late")
    }
  }
}

function limitMs({ startTimeoutMs, reloadStartTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? reloadStartTimeoutMs : startTimeoutMs
}

function renew(turn: Turn, slot: OccupiedSlot, startBy: number): void {
  putSlot(turn, { ...slot, worker: { ...slot.worker, startBy } })
}
