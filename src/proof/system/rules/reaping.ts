/**
 * What the reaper knows.
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
]
