/**
 * Who is the leader.
 */
import type { SystemRule } from "./system-rule.ts"

export const leading: readonly SystemRule[] = [
  {
    name: "one leader",
    title: "a process that becomes the leader is the only one alive that was",
    see(seen, process, { processes }) {
      if (seen.type !== "became-leader") return undefined
      const { incarnation } = process.worker
      const other = processes.find(
        ({ os, record, worker }) =>
          os !== "dead" && record.isLeader && worker.incarnation !== incarnation,
      )
      return other === undefined ? undefined : "an earlier leader is alive"
    },
  },
]
