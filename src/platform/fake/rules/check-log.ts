/**
 * Holds a log against the rules: that of a simulation, or of a real run. Decides nothing itself.
 *
 * A log has what one primary and its workers did in the order in which one led to another: what a worker did stands
 * after the order that told it to, be it at the very end.
 */
import type { LogEntry } from "../../platform.ts"
import { askedOnce } from "./asking.ts"
import { backoffHolds } from "./backoff-holds.ts"
import { exitCodeIsRight } from "./exit-code.ts"
import { HistoryKeeper } from "./history.ts"
import { diesOnce, noOrderToTheDead } from "./incarnations.ts"
import { killedInTime } from "./killing.ts"
import { noTimerLeft } from "./remains.ts"
import { respawnLimit } from "./respawn-limit.ts"
import type { Rule } from "./rule.ts"
import { scalingIsIdempotent } from "./scaling.ts"
import { oneWorkerASlot, wantedSlotsAreFilled } from "./slots.ts"
import { doneInTime, nobodyLeft, noForkAfterStop } from "./stopping.ts"

/** Where a log breaks a rule. */
export interface Violation {
  /** The number of the rule among the safety properties of the design. */
  readonly rule: number
  readonly title: string
  /** What is wrong. */
  readonly text: string
  /** The moment at which it shows. */
  readonly at: number
  /** The entry at which it shows; the length of the log where it shows in the whole. */
  readonly index: number
}

/** What is known of a log beside its entries. */
export interface LogCircumstances {
  /** How late a timer may fire, and an exit be reported, in ms. Default: 0. */
  readonly slackMs?: number | undefined
  /** Whether the log is complete: the primary had its time to end, and was not killed. Default: true. */
  readonly isComplete?: boolean | undefined
}

export const rules: readonly Rule[] = [
  noForkAfterStop,
  askedOnce,
  doneInTime,
  killedInTime,
  noOrderToTheDead,
  oneWorkerASlot,
  respawnLimit,
  wantedSlotsAreFilled,
  nobodyLeft,
  exitCodeIsRight,
  diesOnce,
  backoffHolds,
  scalingIsIdempotent,
  noTimerLeft,
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
  const note = (
    { number, title }: Rule,
    text: string | undefined,
    at: number,
    index: number,
  ): void => {
    if (text !== undefined) violations.push({ rule: number, title, text, at, index })
  }
  for (const [index, entry] of log.entries()) {
    const at = entry.kind === "event" ? entry.event.at : entry.at
    for (const { rule, observer } of observers) note(rule, observer.see(entry, history), at, index)
    history.see(entry)
  }
  if (isComplete) {
    for (const { rule, observer } of observers) {
      note(rule, observer.end?.(history), history.now, log.length)
    }
  }
  return violations
}
