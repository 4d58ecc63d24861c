/**
 * Which spares wait: as many as the plan says, of the program that is loaded now, and one of them fills the next slot (rule 21).
 * When one is due, and how long it waits after one that failed, is stated again here, independently of the core.
 */
import { spareWindow } from "./fork-window.ts"
import type { History } from "./history.ts"
import { isLeaving, named, type ProcessRecord, toStop } from "./process-record.ts"
import type { Rule } from "./rule.ts"
import { isFilling } from "./filling.ts"
import { isServing, isWanted } from "./wanted-slots.ts"

export const sparesWait: Rule = {
  number: 21,
  title:
    "no more spares than the plan says, begun one by one while the pool is quiet, and the next slot to be filled gets one that is loaded",
  seeCommand(command, at, history) {
    if (command.type === "fork-worker" && command.reason.rule === "spare") {
      return wrongSpare(at, history)
    }
    if (!isFilling(command)) return undefined
    const loaded = history.living.find(isLoaded)
    if (command.type === "fork-worker") {
      return loaded && `${named(command.worker)} was forked although ${named(loaded)} was loaded`
    }
    return loaded?.incarnation === command.worker.incarnation
      ? undefined
      : `${named(command.worker)} filled a slot, and it was no spare, was not loaded, or was not the oldest`
  },
  settled(history, { at, isWakeUp }) {
    if (!isSpareMissing(history)) return undefined
    const { spareWait } = history
    // An event that changes nothing starts nothing, so what has had to wait is begun at a wake-up.
    const isDue = spareWait === null || (isWakeUp && spareWait.untilAt <= at)
    return isDue ? `a spare was due at ${spareWait?.untilAt ?? at} and was not begun` : undefined
  },
}

function wrongSpare(at: number, history: History): string | undefined {
  if (!isSpareMissing(history)) return "a spare was begun that was not wanted, or not yet"
  const fromAt = history.spareWait?.fromAt ?? at
  return at < fromAt ? `a spare was begun at ${at} and had to wait until ${fromAt}` : undefined
}

/** Whether one more spare is wanted, the pool is quiet and no other one boots. */
function isSpareMissing(history: History): boolean {
  const { phase, plan, reload, isReloadDue, slots, living } = history
  if (plan.spares === 0 || phase !== "running" || reload !== null || isReloadDue) return false
  if (history.isProgramRejected) return false
  if (living.some(({ role }) => role === "replacement") || areSparesUseless(history)) return false
  if (!slots.every((slot) => !isWanted(slot) || isServing(slot, living))) return false
  const spares = living.filter(isSpare)
  return spares.length < plan.spares && spares.every(({ helloAt }) => helloAt !== null)
}

/** When the primary wants to be woken to begin one. */
export function spareTimes(
  history: History,
): readonly { readonly fromAt: number; readonly untilAt: number }[] {
  return history.spareWait !== null && isSpareMissing(history) ? [history.spareWait] : []
}

/** A spare fills a slot: those after it need not wait any more. */
export function spareTaken(history: History): History {
  return { ...history, spareWait: null, spareFailures: 0 }
}

/** A spare has ended or was not forked, and nothing had asked it to end. */
export function spareFailed(history: History, at: number): History {
  const { plan, spareFailures } = history
  return waiting(
    { ...history, spareFailures: spareFailures + 1 },
    spareWindow(plan, spareFailures, at),
  )
}

/** A signal has reached a spare. It may be one to the whole group. */
export function spareSignaled(history: History, at: number): History {
  const heldAt = at + history.plan.groupSignalWindowMs
  return waiting(history, { fromAt: heldAt, untilAt: heldAt })
}

/** Spares are no longer needed, or have loaded the old program. */
export function sparesDiscarded(history: History, at: number): History {
  if (!history.living.some(isSpare)) return forgotten(history)
  const living = history.living.map((process) =>
    isSpare(process) ? toStop(process, at, "discard") : process,
  )
  return forgotten({ ...history, living })
}

/** Whether no slot is left that could need one. */
export function areSparesUseless({ phase, slots }: History): boolean {
  return phase === "running" && slots.every(({ state }) => state === "finished")
}

function forgotten(history: History): History {
  const { spareWait, spareFailures } = history
  return spareWait === null && spareFailures === 0 ? history : spareTaken(history)
}

function waiting(history: History, until: NonNullable<History["spareWait"]>): History {
  const { spareWait } = history
  return {
    ...history,
    spareWait: {
      fromAt: Math.max(until.fromAt, spareWait?.fromAt ?? -Infinity),
      untilAt: Math.max(until.untilAt, spareWait?.untilAt ?? -Infinity),
    },
  }
}

function isSpare({ role }: ProcessRecord): boolean {
  return role === "spare"
}

function isLoaded(process: ProcessRecord): boolean {
  return isSpare(process) && process.helloAt !== null && !isLeaving(process)
}
