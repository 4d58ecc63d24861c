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
    see(seen, { record, isConnected }, { now, plan }) {
      if (seen.type !== "exits") return undefined
      const { hasFailed, toldToStop, toldAt, isIdle } = record
      if (hasFailed)
        return seen.code === 1
          ? undefined
          : `its program has failed, and it exits with ${seen.code}`
      if (toldToStop === null && !isIdle) return "it exits, and nothing has asked for it"
      if (seen.code === 0) return undefined
      // Only without its primary does it count its time itself.
      const isOverdue = !isConnected && now >= (toldAt ?? Infinity) + plan.timeoutMs
      return isOverdue ? undefined : `nothing has failed, and it exits with ${seen.code}`
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
