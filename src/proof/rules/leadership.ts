/**
 * At most one worker is the leader, and it is told so when it is its turn (rule 17).
 */
import type { History } from "./history.ts"
import { isLeaving, named, type ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const oneLeader: Rule = {
  number: 17,
  title: "one worker at a time is the leader: that of the lowest slot, if it has asked to be",
  seeCommand: {
    "grant-leadership"({ worker }, _at, history) {
      const { incarnation } = worker
      const other = history.living.find(({ leader }) => leader === "granted")
      if (other !== undefined) {
        return `${named(worker)} became the leader beside ${named(other)}`
      }
      return nextLeader(history)?.incarnation === incarnation
        ? undefined
        : `${named(worker)} became the leader, and it was not its turn`
    },
  },
  settled(history) {
    if (history.living.some(({ leader }) => leader === "granted")) return undefined
    const next = nextLeader(history)
    return next && `${named(next)} was not told that it is the leader`
  },
}

function nextLeader({ phase, slots, living }: History): ProcessRecord | undefined {
  if (phase !== "running") return undefined
  const lowest = slots.find(
    (slot) => slot.state === "waiting" || (slot.state === "occupied" && slot.desired !== "remove"),
  )
  if (lowest?.state !== "occupied") return undefined
  const process = living.find(({ incarnation }) => incarnation === lowest.incarnation)
  if (process === undefined || isLeaving(process)) return undefined
  return process.leader === "asked" ? process : undefined
}
