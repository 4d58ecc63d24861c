/**
 * A reload goes through the slots, so many at a time as the plan says, new before old, never stalls, and ends (rule 14). The rule about asking makes sure
 * that no worker is stopped for it before its replacement is accepted.
 */
import { whenFilling } from "./filling.ts"
import type { History, ReloadRecord } from "./history.ts"
import { isLeaving, named } from "./process-record.ts"
import {
  isRecycling,
  isReplacing,
  overdueForRecycling,
  replacingCount,
  wrongRecycling,
} from "./recycling.ts"
import { replacementIn } from "./replacing.ts"
import type { Rule } from "./rule.ts"
import { isServing, isWanted, type SlotRecord } from "./wanted-slots.ts"

export const reloadKeepsServing: Rule = {
  number: 14,
  title:
    "workers are replaced one at a time, or so many by a reload as the plan says, new before old, and a reload ends",
  overdue: (at, history, { slackMs }) =>
    overdueForRecycling(history, (untilAt) => at > untilAt + slackMs),
  seeCommand: {
    "announce-reload": ({ phase }, _at, history) => wrongAnnouncement(phase, history),
    ...whenFilling((command, at, history) => {
      if (isRecycling(command)) return wrongRecycling(command, at, history)
      if (command.reason.rule !== "reload") return undefined
      const { reload } = history
      if (reload === null)
        return `${named(command.worker)} was forked by a reload, and there is none`
      const due = nextToReplace(history, reload)
      return due?.id === command.worker.slot
        ? undefined
        : `${named(command.worker)} was forked to replace another, and that was not due`
    }),
  },
  settled(history, { at, isWakeUp }) {
    const { phase, reload, isReloadDue, mustReloadEnd } = history
    if (phase === "running" && isReloadDue) return "a reload was asked for and not begun"
    if (reload === null) {
      return isWakeUp ? overdueForRecycling(history, (untilAt) => at >= untilAt) : undefined
    }
    if (phase !== "running") return "the pool stops and its reload continues"
    if (mustReloadEnd)
      return "a new worker failed, or the pool is to stop, and the reload continues"
    if (isOver(history, reload)) return "no worker is left to be replaced and the reload continues"
    const due = nextToReplace(history, reload)
    return due && `slot ${due.id} was to be replaced, and the reload stalls`
  },
}

function wrongAnnouncement(
  phase: "started" | "finished" | "aborted",
  history: History,
): string | undefined {
  const { reload, isReloadDue, mustReloadEnd } = history
  if (phase === "started") return isReloadDue ? undefined : "a reload was begun unasked"
  if (reload === null) return `a reload was ${phase}, and there was none`
  if (phase === "finished") {
    if (history.phase !== "running") return "a reload was finished although the pool stopped"
    return isOver(history, reload) ? undefined : "a reload was finished with workers left"
  }
  return mustReloadEnd || history.phase !== "running"
    ? undefined
    : "a reload was aborted although nothing failed"
}

/** Whether every wanted slot has a serving worker of the new program, or is finished. */
function isOver(history: History, { firstNewIncarnation }: ReloadRecord): boolean {
  if (isReplacing(history)) return false
  return history.slots
    .filter(isWanted)
    .every((slot) => !isOld(slot, firstNewIncarnation) && isServing(slot, history.living))
}

/** The slot whose process must be replaced now; undefined if the reload has to wait. */
function nextToReplace(
  history: History,
  { firstNewIncarnation }: ReloadRecord,
): SlotRecord | undefined {
  const atOnce = Math.min(history.plan.reloadAtOnce, history.slots.filter(isWanted).length)
  if (replacingCount(history) >= atOnce) return undefined
  const isWaitedFor = history.slots.some(
    (slot) =>
      isWanted(slot) && !isOld(slot, firstNewIncarnation) && !isServing(slot, history.living),
  )
  if (isWaitedFor) return undefined
  return history.slots.find(
    (slot) =>
      isOld(slot, firstNewIncarnation) &&
      isStaying(slot, history) &&
      replacementIn(history, slot.id) === undefined,
  )
}

function isOld(slot: SlotRecord, before: number): boolean {
  return slot.state === "occupied" && slot.desired !== "remove" && slot.incarnation < before
}

function isStaying(slot: SlotRecord, { living }: History): boolean {
  const process = living.find(
    ({ incarnation }) => slot.state === "occupied" && incarnation === slot.incarnation,
  )
  return process !== undefined && !isLeaving(process)
}
