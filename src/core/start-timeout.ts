/**
 * Which workers have had their time to become ready.
 *
 * A worker that is not ready `startTimeout` after its fork is killed; its exit is then judged like any failure. After
 * a suspend, or a stall of the primary, nobody is: reports that were sent in time may still wait to be read, so the
 * time begins anew.
 */
import type { OccupiedSlot } from "./state.ts"
import { killWorker } from "./stop.ts"
import { putSlot, type Turn } from "./turn.ts"

/** Kills the workers that are late, or gives them all new time where it is the primary that was away. */
export function killLateStarters(turn: Turn, wasAway: boolean): void {
  const { plan, at } = turn
  const { startTimeoutMs } = plan
  if (startTimeoutMs === false) return
  for (const slot of turn.state.slots) {
    if (slot.state !== "occupied" || slot.worker.startBy === null) continue
    if (wasAway) renew(turn, slot, at + startTimeoutMs)
    else if (slot.worker.startBy <= at) {
      killWorker(turn, slot, { rule: "start-timeout", startTimeoutMs })
    }
  }
}

function renew(turn: Turn, slot: OccupiedSlot, startBy: number): void {
  putSlot(turn, { ...slot, worker: { ...slot.worker, startBy } })
}
