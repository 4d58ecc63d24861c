/**
 * That at most one worker is the only one, and is told so when it is its turn (safety 17).
 */
import type { History } from "./history.ts"
import { isLeaving, named, type ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const onlyOneIsExclusive: Rule = {
  number: 17,
  title: "one worker at a time is the only one: that of the lowest slot, if it has asked to be",
  seeCommand: {
    "grant-leadership"({ worker }, _at, history) {
      const { incarnation } = worker
      const other = history.living.find(({ leader }) => leader === "granted")
      if (other !== undefined) {
        return `${named(worker)} was to be the only one beside ${named(other)}`
      }
      return nextToBeExclusive(history)?.incarnation === incarnation
        ? undefined
        : `${named(worker)} was to be the only one, and it was not its turn`
    },
  },
  settled(history) {
    if (history.living.some(({ leader }) => leader === "granted")) return undefined
    const next = nextToBeExclusive(history)
    return next && `${named(next)} was not told that it is the only one`
  },
}

function nextToBeExclusive({ phase, slots, living }: History): ProcessRecord | undefined {
  if (phase !== "running") return undefined
  const lowest = slots.find(
    (slot) => slot.state === "waiting" || (slot.state === "occupied" && slot.desired !== "remove"),
  )
  if (lowest?.state !== "occupied") return undefined
  const process = living.find(({ incarnation }) => incarnation === lowest.incarnation)
  if (process === undefined || isLeaving(process)) return undefined
  return process.leader === "asked" ? process : undefined
}
