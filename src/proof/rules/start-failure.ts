/**
 * When a pool that is to exit if nothing starts gives up: once the first worker of every wanted slot has failed, and none was ever
 * ready (rule 20). Which failures count is stated again here, independently of the core.
 */
import type { History } from "./history.ts"
import type { ProcessRecord } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const startFailureEnds: Rule = {
  number: 20,
  title: "a pool whose every first worker fails gives up at once if its plan says so, and no other",
  seeCommand: {
    "announce-give-up": ({ reason }, _at, history) => {
      if (reason.rule !== "no-worker-started" || history.phase !== "running") return undefined
      if (!hasNothingStarted(history)) return "it gave up although a worker may yet start"
      const { target } = history
      return reason.workers === target
        ? undefined
        : `it reported ${reason.workers} failed starts, and there were ${target}`
    },
  },
  settled: (history) =>
    hasNothingStarted(history)
      ? "the first worker of every slot has failed, and it did not give up"
      : undefined,
}

/** Whether every wanted slot has failed to start. */
export function hasNothingStarted({ phase, failedStarts, target }: History): boolean {
  return phase === "running" && failedStarts !== null && failedStarts.length === target
}

/** What is known once the process of a wanted slot has failed, if nothing had asked it to end. */
export function startFailedIn(history: History, { slot, dueToStopAt }: ProcessRecord): History {
  const { failedStarts } = history
  if (failedStarts === null || dueToStopAt !== null || failedStarts.includes(slot)) return history
  return { ...history, failedStarts: [...failedStarts, slot] }
}

/** What is known once a slot is no longer wanted. */
export function startForgotten(history: History, slot: number): History {
  const { failedStarts } = history
  if (failedStarts?.includes(slot) !== true) return history
  return { ...history, failedStarts: failedStarts.filter((other) => other !== slot) }
}
