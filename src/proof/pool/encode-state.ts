/**
 * The core's state as integers. It says the same as the canonical form of test/core/canonicalize.ts, without making that
 * form, which would take most of a search's time.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Slot, State, Worker } from "../../core/state.ts"
import type { Encoder } from "../model/encoder.ts"
import {
  causes,
  desires,
  leaders,
  oldestMs,
  phases,
  type Rank,
  recyclingCauses,
  successorPhases,
  until,
  workerPhases,
  writeText,
} from "./encode-values.ts"

/** Writes the parts of a state. */
export interface StateEncoder {
  /** What the pool is as a whole, without its slots. */
  writePool(state: State, now: number, encoder: Encoder): void
  writeSlot(slot: Slot, now: number, rank: Rank, encoder: Encoder): void
  /** What has no slot. */
  writeSpares(state: State, now: number, rank: Rank, encoder: Encoder): void
  /** Every other process that the core knows in that slot. */
  writeOthers(state: State, id: number, now: number, rank: Rank, encoder: Encoder): void
}

/** Writes the states of one plan. */
export function stateEncoder(plan: Plan): StateEncoder {
  const oldest = oldestMs(plan)

  function writePool(state: State, now: number, encoder: Encoder): void {
    encoder.write(phases[state.phase])
    encoder.write(state.phase === "stopping" ? 1 : state.target)
    encoder.writeFlag(state.hasFailedFinal)
    const { delayedStop } = state
    if (plan.stopDelayMs > 0) {
      encoder.writeOrNull(delayedStop === null ? null : until(plan, delayedStop.beginAt, now))
      writeText(delayedStop?.signal ?? "", encoder)
    }
    const { successor } = state
    encoder.write(successor === null ? -1 : successorPhases[successor.phase])
    const dueAt = successor?.dueAt ?? null
    encoder.writeOrNull(dueAt === null ? null : until(plan, dueAt, now))
    if (state.stop === null) encoder.write(-1)
    else {
      encoder.write(causes[state.stop.cause])
      encoder.write(state.stop.failed)
      encoder.write(until(plan, state.stop.finishAt, now))
    }
    if (plan.respawnLimit === Infinity) return
    for (const at of state.respawnedAt) {
      if (now - at < plan.respawnIntervalMs) encoder.write(at - now)
    }
    encoder.write(1)
  }

  function writeSlot(slot: Slot, now: number, rank: Rank, encoder: Encoder): void {
    switch (slot.state) {
      case "finished":
        return encoder.write(1)
      case "waiting":
        encoder.write(2)
        encoder.write(slot.attempt)
        encoder.write(until(plan, slot.forkAt, now))
        return encoder.writeFlag(slot.counted)
      case "occupied": {
        const { worker, forkNotBefore, desired, attempt } = slot
        const isCounted = desired === "respawn"
        encoder.write(3)
        // Only a respawn asks how often the slot failed before, and so does a fork that turns out to have failed.
        encoder.write(isCounted || worker.phase === "booting" ? attempt : 0)
        encoder.write(desires[desired])
        encoder.writeOrNull(
          forkNotBefore === null || forkNotBefore <= now ? null : forkNotBefore - now,
        )
        return writeWorker(worker, isCounted, now, rank, encoder)
      }
    }
  }

  function writeSpares(
    { spares, spareBackoff, spareForkAt, isProgramRejected }: State,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    if (spareBackoff === null) encoder.write(-1)
    else {
      encoder.write(spareBackoff.attempt)
      encoder.write(Math.max(spareBackoff.until - now, 0))
    }
    encoder.writeFlag(isProgramRejected)
    encoder.writeOrNull(spareForkAt === null ? null : until(plan, spareForkAt, now))
    for (const { worker } of spares) writeWorker(worker, false, now, rank, encoder)
    encoder.write(-7)
  }

  function writeOthers(
    { replacements, retired }: State,
    id: number,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    for (const { slot, worker, acceptAt } of replacements) {
      if (slot !== id) continue
      encoder.write(4)
      encoder.writeOrNull(acceptAt === null ? null : until(plan, acceptAt, now))
      writeWorker(worker, true, now, rank, encoder)
    }
    for (const { slot, worker } of retired) {
      if (slot !== id) continue
      encoder.write(5)
      writeWorker(worker, false, now, rank, encoder)
    }
  }

  /** @param isAging whether anything still asks how long it has been ready. */
  function writeWorker(
    worker: Worker,
    isAging: boolean,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    const { phase, killed, timeoutAt, readyAt, stop } = worker
    // Once it was asked to stop, or killed, it does not matter whether it had been ready.
    const isPlain = phase === "ready" && (stop !== null || killed)
    encoder.write(rank(worker.incarnation))
    encoder.write(workerPhases[isPlain ? "starting" : phase])
    encoder.writeOrNull(timeoutAt === null ? null : until(plan, timeoutAt, now))
    encoder.writeOrNull(isAging && readyAt !== null ? Math.max(readyAt - now, -oldest) : null)
    encoder.writeFlag(killed)
    writeRecycling(worker, now, encoder)
    encoder.write(leaders[worker.leader])
    writeStop(worker, now, encoder)
    const { signaled } = worker
    encoder.writeOrNull(signaled === null ? null : until(plan, signaled.stopAt, now))
    writeText(signaled?.signal ?? "", encoder)
  }

  function writeRecycling(
    { recycling, hasFitted, stop, killed }: Worker,
    now: number,
    encoder: Encoder,
  ): void {
    if (stop !== null || killed) return encoder.write(-2)
    encoder.writeFlag(hasFitted)
    if (recycling === null) return encoder.write(-1)
    encoder.write(recyclingCauses[recycling.cause])
    encoder.write(until(plan, recycling.at, now))
  }

  function writeStop({ stop, killed, phase }: Worker, now: number, encoder: Encoder): void {
    if (stop === null) return encoder.write(-1)
    // Of a kill it matters only whether the process was to stop while it booted.
    if (killed) return encoder.write(phase === "booting" ? -2 : -1)
    encoder.write(until(plan, stop.killAt, now))
  }

  return { writePool, writeSlot, writeSpares, writeOthers }
}
