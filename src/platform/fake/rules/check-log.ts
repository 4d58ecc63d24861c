/**
 * Holds a log against the rules: that of a simulation, or of a real run. Decides nothing itself.
 */
import type { LogEntry } from "../../platform.ts"
import { HistoryKeeper } from "./history.ts"
import { exitCodeIsRight, scalingIsIdempotent } from "./outcome.ts"
import { backoffHolds, respawnLimit } from "./respawns.ts"
import type { Rule } from "./rule.ts"
import { diesOnce, oneProcessASlot, wantedSlotsAreFilled } from "./slots.ts"
import {
  askedOnce,
  doneInTime,
  nobodyLeft,
  noEarlyKill,
  noForkAfterStop,
  noOrderToTheDead,
} from "./stopping.ts"

/** Where a log breaks a rule. */
export interface Violation {
  /** The number of the rule among the safety properties of the design. */
  readonly rule: number
  readonly title: string
  /** What is wrong. */
  readonly text: string
  /** The entry at which it shows; the length of the log where it shows in the whole. */
  readonly index: number
}

/** What is known of a log beside its entries. */
export interface LogCircumstances {
  /** How late a timer may fire, and an exit be reported, in ms. Default: 0. */
  readonly slackMs?: number | undefined
  /** Whether the log is complete: the primary had its time to end. Default: true. */
  readonly isComplete?: boolean | undefined
}

export const rules: readonly Rule[] = [
  noForkAfterStop,
  askedOnce,
  doneInTime,
  noEarlyKill,
  noOrderToTheDead,
  oneProcessASlot,
  respawnLimit,
  wantedSlotsAreFilled,
  nobodyLeft,
  exitCodeIsRight,
  diesOnce,
  backoffHolds,
  scalingIsIdempotent,
]

/** Every violation of a rule in a log, in order. The log begins with its plan. */
export function checkLog(
  log: readonly LogEntry[],
  circumstances: LogCircumstances = {},
): Violation[] {
  const { slackMs = 0, isComplete = true } = circumstances
  const first = log.find((entry) => entry.kind === "plan")
  if (first === undefined) throw new Error("Cannot check a log as it must begin with its plan")
  const history = new HistoryKeeper(first.plan)
  const observers = rules.map((rule) => ({ rule, observer: rule.begin({ slackMs }) }))
  const violations: Violation[] = []
  const note = ({ number, title }: Rule, text: string | undefined, index: number): void => {
    if (text !== undefined) violations.push({ rule: number, title, text, index })
  }
  for (const [index, entry] of log.entries()) {
    for (const { rule, observer } of observers) note(rule, observer.see(entry, history), index)
    history.see(entry)
  }
  if (isComplete) {
    for (const { rule, observer } of observers) note(rule, observer.end?.(history), log.length)
  }
  return violations
}
