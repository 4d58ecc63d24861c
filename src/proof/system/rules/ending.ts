/**
 * How a process ends by itself, and what is left of a pool.
 */
import type { Process } from "../system-world.ts"
import type { Scene, SystemRule } from "./system-rule.ts"

/** The reaper looks from time to time. */
const momentMs = 1

/** How long after the end of its primary a process that had to end may live. */
function mayLiveUntil({ record }: Process, { end, reaper, plan }: Scene): number {
  if (end === null) return Infinity
  if (reaper !== null) return end.at + plan.timeoutMs + momentMs
  // Without the reaper, only the process itself counts its time.
  return (record.toldAt ?? Infinity) + plan.timeoutMs
}

export const ending: readonly SystemRule[] = [
  {
    name: "exit code",
    title:
      "a process that ends by itself exits with 1 if its program has failed or its time was over, and with 0 otherwise",
    see(seen, { record }) {
      if (seen.type !== "exits") return undefined
      const { hasFailed, toldToStop, isOverdue, isIdle } = record
      if (hasFailed || isOverdue)
        return seen.code === 1 ? undefined : `it has failed, and it exits with ${seen.code}`
      if (toldToStop === null && !isIdle) return "it exits, and nothing has asked for it"
      return seen.code === 0 ? undefined : `nothing has failed, and it exits with ${seen.code}`
    },
  },
  {
    name: "error sent",
    title:
      "a process whose program fails sends the error before it exits, unless the program ends the process itself",
    see(seen, { record }, { now }) {
      const isAtOnce = seen.type === "exits" && seen.endsBy === now
      if (seen.type !== "exits" || isAtOnce || !record.hasFailed) return undefined
      return record.hasSentFailure ? undefined : "the error is lost"
    },
  },
  {
    name: "orphans",
    title: "no process lives longer than its time after the death of its primary",
    seePassing(process, scene) {
      if (scene.end === null || process.os === "dead") return undefined
      const isBeyondReach = scene.reaper === null && (process.isBlocked || process.os === "booting")
      if (isBeyondReach) return undefined
      return scene.now > mayLiveUntil(process, scene) ? "a process outlives its primary" : undefined
    },
  },
  {
    name: "nothing left",
    title: "once a primary that waits has finished, no process is left",
    seeEnd({ end, processes, plan }) {
      if (end?.how !== "finished" || !plan.waitForWorkers) return undefined
      const left = processes.filter(({ os }) => os !== "dead")
      return left.length > 0 ? `${left.length} are left` : undefined
    },
  },
]
