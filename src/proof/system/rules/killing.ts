/**
 * When a process is killed.
 */
import type { SystemRule } from "./system-rule.ts"

export const killing: readonly SystemRule[] = [
  {
    name: "kill in time",
    title: "a process that was asked to stop is killed when its time is over, and not before",
    seeKill({ reason }, { record }, { now, plan }) {
      if (reason.rule !== "stop-timeout") return undefined
      const { askedAt } = record
      if (askedAt === null) return "a process is killed that was not asked to stop"
      return now < askedAt + plan.timeoutMs
        ? "a process is killed before its time is over"
        : undefined
    },
  },
  {
    name: "kill of a hang",
    title: "a process that never blocks is not killed for a lack of heartbeats",
    seeKill({ reason }, { record, side }) {
      if (reason.rule !== "heartbeat-timeout") return undefined
      const isSilent = record.wasBlocked || side?.leaving !== null
      return isSilent ? undefined : "a process is killed that has never been blocked"
    },
  },
  {
    name: "kill by the reaper",
    title: "the reaper kills no process whose time is not over",
    see(seen, _process, { end, now, plan }) {
      if (seen.type !== "died" || seen.by !== "reaper") return undefined
      if (end === null) return "the primary lives"
      return now < end.at + plan.timeoutMs
        ? "a process is killed before its time is over"
        : undefined
    },
  },
]
