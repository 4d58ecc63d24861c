/**
 * How one process replaces another, from events and forks: which is on probation, when it is accepted, and which are retired. It states
 * again, independently of the core, what is promised about that.
 */
import type { StopCause } from "../../core/state.ts"
import type { History } from "./history.ts"
import { putOff } from "./recycling.ts"
import { isLeaving, type ProcessRecord, toStop } from "./process-record.ts"
import type { OccupiedSlotRecord, SlotRecords } from "./wanted-slots.ts"

/** The process that is to replace the one of that slot. */
export function replacementIn(history: History, slot: number): ProcessRecord | undefined {
  return history.living.find((process) => process.role === "replacement" && process.slot === slot)
}

/** When the probations of replacements end: of those that are ready. */
export function acceptTimes(history: History): readonly number[] {
  if (history.living.every(({ role }) => role !== "replacement")) return []
  return history.living.flatMap((process) => acceptTimeOf(history, process) ?? [])
}

function acceptTimeOf({ plan }: History, process: ProcessRecord): number | null {
  const { role, readyAt } = process
  if (role !== "replacement" || readyAt === null || isLeaving(process)) return null
  return readyAt + plan.minReadyMs
}

/** Each replacement takes over its slot if its probation is over by then, and the process before it must stop. */
export function replacementsAccepted(history: History, at: number): History {
  let after = history
  for (const process of history.living) {
    const acceptAt = acceptTimeOf(history, process)
    if (acceptAt !== null && acceptAt <= at) after = accepted(after, process, at)
  }
  return after
}

function accepted(history: History, replacement: ProcessRecord, at: number): History {
  const { slot: id, incarnation } = replacement
  const isBefore = (process: ProcessRecord): boolean =>
    process.slot === id && process.role === "current"
  return {
    ...history,
    slots: takenOver(history.slots, id, incarnation),
    living: history.living.map((process) => {
      if (process === replacement) return { ...process, role: "current" }
      return isBefore(process) ? retired(process, at, purposeOf(history, replacement)) : process
    }),
  }
}

/** The process of the slot has exited, and its replacement takes over. */
export function replacementTakesOver(history: History, replacement: ProcessRecord): History {
  return {
    ...history,
    slots: takenOver(history.slots, replacement.slot, replacement.incarnation),
    living: history.living.map((process) =>
      process === replacement ? { ...process, role: "current" } : process,
    ),
  }
}

/** The replacement in that slot, if there is one, is no longer wanted and must stop. */
export function replacementDismissed(
  history: History,
  at: number,
  slot: number,
  cause?: StopCause,
): History {
  const isDismissed = (process: ProcessRecord): boolean =>
    process.role === "replacement" && process.slot === slot
  if (!history.living.some(isDismissed)) return history
  return {
    ...history,
    living: history.living.map((process) =>
      isDismissed(process) ? retired(process, at, cause ?? purposeOf(history, process)) : process,
    ),
  }
}

/** A replacement has failed. If it is one of a reload, the new program is broken; otherwise it is tried again later. */
export function replacementFailed(
  history: History,
  replacement: ProcessRecord,
  at: number,
): History {
  const { reload } = history
  if (reload !== null && replacement.incarnation >= reload.firstNewIncarnation) {
    return reloadMustEnd(history, at)
  }
  const { slot } = replacement
  return putOff(replacementDismissed(history, at, slot), slot, at)
}

/** The reload must end: a process has failed in a way that shows that the new program is broken, or the pool is to stop. */
export function reloadMustEnd(history: History, at: number): History {
  const { reload } = history
  if (reload === null) return history
  const ofReload = history.living.filter(
    ({ role, incarnation }) => role === "replacement" && incarnation >= reload.firstNewIncarnation,
  )
  let dismissed: History = { ...history, mustReloadEnd: true }
  for (const { slot } of ofReload) dismissed = replacementDismissed(dismissed, at, slot)
  return dismissed
}

/** Whether the exit of a current process shows that: it was forked since the reload began, and not asked to stop. */
export function showsBrokenProgram({ reload }: History, process: ProcessRecord): boolean {
  const { incarnation, dueToStopAt, killedAt } = process
  if (reload === null || incarnation < reload.firstNewIncarnation) return false
  return dueToStopAt === null || killedAt !== null
}

/** Once a reload was requested: while one runs, it is queued. */
export function reloadAsked(history: History): History {
  const { phase, reload, delayedStop } = history
  if (phase !== "running" || delayedStop !== null) return history
  if (reload === null) return { ...history, isReloadDue: true }
  if (reload.isQueued) return history
  return { ...history, reload: { ...reload, isQueued: true } }
}

function retired(process: ProcessRecord, at: number, cause: StopCause): ProcessRecord {
  return { ...toStop(process, at, cause), role: "retired" }
}

/** What a replacement is for. */
function purposeOf({ reload }: History, { incarnation }: ProcessRecord): StopCause {
  return reload !== null && incarnation >= reload.firstNewIncarnation ? "reload" : "recycle"
}

function takenOver(slots: SlotRecords, id: number, incarnation: number): SlotRecords {
  return slots.map((slot) =>
    slot.id === id && slot.state === "occupied"
      ? ({ ...slot, incarnation, desired: "respawn" } satisfies OccupiedSlotRecord)
      : slot,
  )
}
