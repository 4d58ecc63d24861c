/**
 * What the reaper knows, and when it may go.
 */
import type { SystemRule } from "./system-rule.ts"

export const reaping: readonly SystemRule[] = [
  {
    name: "known workers",
    title:
      "while the primary lives, the reaper knows each process that was not reported dead, and no other",
    seeReaper({ primary, reaper, processes }) {
      if (primary === null || reaper === null) return undefined
      const alive = processes.filter(({ link }) => !link.isDead)
      const known = new Set(reaper.state.workers)
      if (alive.some(({ worker }) => !known.has(worker.incarnation)))
        return "the reaper does not know a process"
      return known.size > alive.length ? "the reaper knows a process that is gone" : undefined
    },
  },
  {
    name: "last to leave",
    title: "a reaper ends by itself only once every process has ended",
    seeReaper({ reaper, processes }) {
      if (reaper?.state.phase !== "done") return undefined
      const left = processes.filter(({ os }) => os !== "dead")
      return left.length > 0 ? `it leaves ${left.length} behind` : undefined
    },
  },
]
