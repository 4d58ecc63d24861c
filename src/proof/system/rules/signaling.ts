/**
 * What a signal means, by whom it has reached.
 */
import type { SystemRule } from "./system-rule.ts"

export const signaling: readonly SystemRule[] = [
  {
    name: "direct signal",
    title: "a process is stopped for a signal of its own only if one was sent to it alone",
    see(seen, { record }) {
      if (seen.type !== "told-to-stop" || seen.cause !== "direct-signal") return undefined
      return record.wasSignaledAlone ? undefined : "only its group was signaled"
    },
  },
  {
    name: "group signal",
    title:
      "a process that died of a signal to the group is not respawned before the primary has taken that signal in",
    seeFork({ reason, ...command }, { primary }) {
      if (command.type !== "fork-worker" || reason.rule !== "respawn") return undefined
      const isVictim = primary?.groupVictims.includes(command.worker.slot) === true
      return isVictim ? "a process is forked for one that died of a signal to the group" : undefined
    },
  },
]
