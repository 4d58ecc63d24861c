/**
 * How one process replaces another, told from facts and forks: who is on trial, when it has proved itself, and who has
 * nothing to do with its slot any more. It says again, apart from the core, what the design says of that.
 */
import type { StopCause } from "../../core/state.ts"
import type { History } from "./history.ts"
import { putOff } from "./recycling.ts"
import { type ProcessRecord, toStop } from "./process-record.ts"
import type { Turn } from "./event-context.ts"
import type { OccupiedSlotRecord, SlotRecords } from "./wanted-slots.ts"

/** The process that is to replace the one of that slot. */
export function newcomerIn(history: History, slot: number): ProcessRecord | undefined {
  return history.living.find((process) => process.role === "newcomer" && process.slot === slot)
}

/** When the newcomer, if there is one, has been ready for as long as it must; null while it is not ready. */
export function provenTime({ plan, living }: History): number | null {
  const newcomer = living.find(({ role }) => role === "newcomer")
  const readyAt = newcomer?.readyAt ?? null
  return readyAt === null ? null : readyAt + plan.minReadyMs
}

/** The newcomer gets its slot if it has proved itself by then, and the one before it is to stop. */
export function trialEnded(history: History, at: number): History {
  const provenAt = provenTime(history)
  const newcomer = history.living.find(({ role }) => role === "newcomer")
  if (provenAt === null || provenAt > at || newcomer === undefined) return history
  const { slot: id, incarnation } = newcomer
  const isBefore = (process: ProcessRecord): boolean =>
    process.slot === id && process.role === "worker"
  return {
    ...history,
    slots: takenOver(history.slots, id, incarnation),
    living: history.living.map((process) => {
      if (process === newcomer) return { ...process, role: "worker" }
      return isBefore(process) ? retired(process, at, purposeOf(history, newcomer)) : process
    }),
  }
}

/** The process of the slot has ended, and the newcomer has the slot now. */
export function newcomerTakesOver(history: History, newcomer: ProcessRecord): History {
  return {
    ...history,
    slots: takenOver(history.slots, newcomer.slot, newcomer.incarnation),
    living: history.living.map((process) =>
      process === newcomer ? { ...process, role: "worker" } : process,
    ),
  }
}

/** The newcomer in that slot, if there is one, is waited for no more and is to stop. */
export function newcomerDismissed(
  history: History,
  at: number,
  slot: number,
  cause?: StopCause,
): History {
  const isDismissed = (process: ProcessRecord): boolean =>
    process.role === "newcomer" && process.slot === slot
  if (!history.living.some(isDismissed)) return history
  return {
    ...history,
    living: history.living.map((process) =>
      isDismissed(process) ? retired(process, at, cause ?? purposeOf(history, process)) : process,
    ),
  }
}

/** A newcomer has failed: that of a reload tells that the new program is broken, any other is tried again later. */
export function newcomerFailed(history: History, newcomer: ProcessRecord, turn: Turn): History {
  const { reload } = history
  if (reload !== null && newcomer.incarnation >= reload.before) {
    return newProgramFailed(history, turn)
  }
  const { slot } = newcomer
  return putOff(newcomerDismissed(history, turn.at, slot), slot, turn.at)
}

/** A process has failed that tells that the new program is broken: nobody is to be replaced by it. */
export function newProgramFailed(history: History, turn: Turn): History {
  const { reload } = history
  if (reload === null) return history
  turn.hasReloadFailed = true
  const ofReload = history.living.filter(
    ({ role, incarnation }) => role === "newcomer" && incarnation >= reload.before,
  )
  let dismissed = history
  for (const { slot } of ofReload) dismissed = newcomerDismissed(dismissed, turn.at, slot)
  return dismissed
}

/** Whether the end of the slot's own process tells so: one forked since the reload began, and not asked to end. */
export function tellsOfBrokenProgram({ reload }: History, process: ProcessRecord): boolean {
  const { incarnation, dueToStopAt, killedAt } = process
  if (reload === null || incarnation < reload.before) return false
  return dueToStopAt === null || killedAt !== null
}

/** Once a reload was asked for: the next one, while one runs. */
export function reloadAsked(history: History): History {
  const { phase, reload } = history
  if (phase !== "running") return history
  if (reload === null) return { ...history, isReloadDue: true }
  if (reload.again) return history
  return { ...history, reload: { ...reload, again: true } }
}

function retired(process: ProcessRecord, at: number, cause: StopCause): ProcessRecord {
  return { ...toStop(process, at, cause), role: "retired" }
}

/** What a newcomer has come for. */
function purposeOf({ reload }: History, { incarnation }: ProcessRecord): StopCause {
  return reload !== null && incarnation >= reload.before ? "reload" : "recycle"
}

function takenOver(slots: SlotRecords, id: number, incarnation: number): SlotRecords {
  return slots.map((slot) =>
    slot.id === id && slot.state === "occupied"
      ? ({ ...slot, incarnation, onExit: "policy" } satisfies OccupiedSlotRecord)
      : slot,
  )
}
