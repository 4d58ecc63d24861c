/**
 * The history of a pool as integers: what the rules may still ask about. Times count from now, and stop where nothing
 * compares them.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Encoder } from "../model/encoder.ts"
import { countingRespawns, type History, processOf } from "../rules/history.ts"
import type { ProcessRecord } from "../rules/process-record.ts"
import { type SlotRecord, slotOf } from "../rules/wanted-slots.ts"
import {
  attemptsUntilCap,
  desires,
  leaders,
  oldestMs,
  phases,
  type Rank,
  recyclingCauses,
  roles,
  successorPhases,
} from "./encode-values.ts"

/** Writes the parts of a history. */
export interface HistoryEncoder {
  /** What is known of the pool as a whole. */
  writePast(history: History, now: number, encoder: Encoder): void
  /** What has no slot. */
  writeSpares(history: History, now: number, rank: Rank, encoder: Encoder): void
  writeSlotRecord(
    slot: SlotRecord | undefined,
    history: History,
    now: number,
    encoder: Encoder,
  ): void
  writeProcess(
    process: ProcessRecord,
    history: History,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void
}

/** Writes the histories of one plan. @param latenessMs how late things may be. */
export function historyEncoder(plan: Plan, latenessMs: number): HistoryEncoder {
  const mostAttempts = attemptsUntilCap(plan)
  const oldest = oldestMs(plan)

  /** Writes a moment by how long ago it was, up to a span. */
  function writeSince(at: number | null, span: number, now: number, encoder: Encoder): void {
    encoder.writeOrNull(at === null ? null : Math.max(at - now, -span - latenessMs - 1))
  }

  function writePast(history: History, now: number, encoder: Encoder): void {
    encoder.write(phases[history.phase])
    encoder.write(history.phase === "stopping" ? 1 : history.target)
    const { stoppedAt, latestKillAt } = history
    writeSince(stoppedAt, plan.timeoutMs + plan.killReportMs, now, encoder)
    // Only a kill that came late moves the end of a stop.
    const isLate = stoppedAt !== null && (latestKillAt ?? stoppedAt) > stoppedAt + plan.timeoutMs
    writeSince(isLate ? latestKillAt : null, plan.killReportMs, now, encoder)
    const { delayedStop } = history
    if (plan.stopDelayMs > 0)
      writeSince(delayedStop === null ? null : delayedStop.beginAt, latenessMs, now, encoder)
    const { successor } = history
    encoder.write(successor === null ? -1 : successorPhases[successor.phase])
    const dueAt = successor?.dueAt ?? Infinity
    writeSince(dueAt === Infinity ? null : dueAt, plan.stallMs, now, encoder)
    encoder.writeFlag(history.gaveUp)
    encoder.writeFlag(history.failedSinceStop > 0)
    encoder.writeFlag(history.hasFailedFinal)
    encoder.writeFlag(history.startFailedAt !== null)
    if (plan.respawnLimit === Infinity) return
    for (const at of countingRespawns(history, now)) encoder.write(at - now)
    encoder.write(1)
  }

  function writeProcess(
    process: ProcessRecord,
    history: History,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    const { killedAt, dueToStopAt } = process
    const isKilled = killedAt !== null
    const isDue = dueToStopAt !== null
    const slot = slotOf(history.slots, process)
    const isCounted = slot?.desired === "respawn"
    encoder.write(roles[process.role])
    encoder.write(rank(process.incarnation))
    encoder.writeFlag(process.helloAt !== null)
    encoder.writeFlag(!isDue && process.toldToRunAt !== null)
    encoder.writeFlag(process.askedAt !== null)
    // How long its report is waited for counts from the stop at the earliest.
    if (killedAt !== null && history.phase !== "stopping") encoder.write(0)
    else
      writeSince(
        killedAt === null ? null : Math.max(killedAt, history.stoppedAt ?? killedAt),
        plan.killReportMs,
        now,
        encoder,
      )
    // Once it is killed, only that it ends matters, and when a signal has reached it.
    const mayBeLate = !isKilled && !isDue
    writeSince(mayBeLate ? (process.timeout?.fromAt ?? null) : null, plan.stallMs, now, encoder)
    writeSince(mayBeLate ? (process.timeout?.untilAt ?? null) : null, plan.stallMs, now, encoder)
    const { recycling } = process
    writeSince(mayBeLate ? (recycling?.fromAt ?? null) : null, plan.stallMs, now, encoder)
    writeSince(mayBeLate ? (recycling?.untilAt ?? null) : null, plan.stallMs, now, encoder)
    encoder.writeFlag(mayBeLate && process.hasFitted)
    encoder.write(leaders[process.leader])
    encoder.write(mayBeLate && recycling !== null ? recyclingCauses[recycling.cause] : -1)
    writeSince(isCounted || (!isDue && !isKilled) ? process.readyAt : null, oldest, now, encoder)
    writeSince(dueToStopAt, isKilled ? -latenessMs - 1 : plan.timeoutMs, now, encoder)
    const { signaledAt } = process
    const isEchoing =
      history.phase === "running" &&
      signaledAt !== null &&
      signaledAt + plan.groupSignalWindowMs > now
    encoder.writeOrNull(isEchoing ? signaledAt - now : null)
    const isHeld = mayBeLate && history.phase === "running"
    writeSince(isHeld ? (process.heldSignal?.dueAt ?? null) : null, plan.stallMs, now, encoder)
  }

  function writeSlotRecord(
    slot: SlotRecord | undefined,
    history: History,
    now: number,
    encoder: Encoder,
  ): void {
    if (slot === undefined) return encoder.write(0)
    switch (slot.state) {
      case "finished":
        return encoder.write(1)
      case "waiting":
        encoder.write(2)
        encoder.write(Math.min(slot.attempt, mostAttempts))
        encoder.writeFlag(slot.isCounted)
        encoder.write(Math.max(slot.window.fromAt - now, -latenessMs - 1))
        return encoder.write(Math.max(slot.window.untilAt - now, -latenessMs - 1))
      case "occupied": {
        const isBooting = processOf(history, slot.incarnation)?.helloAt === null
        const isCounted = slot.desired === "respawn" || isBooting
        encoder.write(3)
        encoder.write(isCounted ? Math.min(slot.attempt, mostAttempts) : 0)
        return encoder.write(desires[slot.desired])
      }
    }
  }

  function writeSpares(history: History, now: number, rank: Rank, encoder: Encoder): void {
    const { spareFailures, spareWait, isProgramRejected, living } = history
    encoder.writeFlag(isProgramRejected)
    encoder.write(Math.min(spareFailures, mostAttempts))
    writeSince(spareWait?.fromAt ?? null, plan.stallMs, now, encoder)
    writeSince(spareWait?.untilAt ?? null, plan.stallMs, now, encoder)
    for (const process of living) {
      if (process.slot === 0) writeProcess(process, history, now, rank, encoder)
    }
    encoder.write(-7)
  }

  return { writePast, writeSpares, writeSlotRecord, writeProcess }
}
