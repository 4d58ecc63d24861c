/**
 * The exit code of the primary, recomputed from events and commands (rule 10).
 */
import type { Reason } from "../../core/command.ts"
import type { History } from "./history.ts"
import type { Rule } from "./rule.ts"

export const exitCodeIsRight: Rule = {
  number: 10,
  title: "the exit code follows from what happened",
  seeCommand: {
    finish({ code, reason }, _at, history) {
      if (history.phase === "done") return undefined
      const why = whyNotZero(history, reason)
      const due = why === undefined ? 0 : 1
      const { failedSinceStop } = history
      if (reason.rule === "all-stopped" && reason.failed !== failedSinceStop) {
        return `it reported ${reason.failed} failures since the stop, and there were ${failedSinceStop}`
      }
      return code === due ? undefined : `it was ${code} and not ${due}: ${why ?? "nothing failed"}`
    },
  },
}

function whyNotZero(history: History, { rule }: Reason): string | undefined {
  const { gaveUp, startFailedAt, plan, stoppedAt, failedSinceStop, hasFailedFinal } = history
  if (gaveUp) return "the pool gave up"
  if (startFailedAt !== null) return "what precedes the first fork failed"
  if (rule === "exits-unreported") return "exits of killed workers were not reported"
  if (stoppedAt === null) return hasFailedFinal ? "a final exit was not 0" : undefined
  return failedSinceStop > 0 && plan.waitForWorkers
    ? `${failedSinceStop} workers failed since the stop`
    : undefined
}
