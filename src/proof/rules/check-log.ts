/**
 * Checks a log against the rules: of a simulation, or of a real run.
 *
 * A log holds what one primary and its workers did, in the order in which one led to another: what a worker did comes after the
 * command that told it to, even if that is at the very end.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import { oneLeader } from "./leadership.ts"
import { announcedOnce, scalingIsIdempotent } from "./announcing.ts"
import { askedOnce } from "./asking.ts"
import { exitCodeIsRight } from "./exit-code.ts"
import { wrongActions } from "./worker-actions.ts"
import { commonCausesAreReported } from "./correlated-failures.ts"
import { contextOf, type EventContext, noContext } from "./event-context.ts"
import { followCommand } from "./follow-command.ts"
import { followEvent } from "./follow-event.ts"
import { type History, historyOf } from "./history.ts"
import { diesOnce, noCommandToTheDead } from "./incarnations.ts"
import { heartbeatsKeepAlive, killedInTime } from "./killing.ts"
import { reloadKeepsServing } from "./reloading.ts"
import { noTimerLeft } from "./remains.ts"
import { respawnLimit } from "./respawn-limit.ts"
import { checkOf, type Leniency, type Rule } from "./rule.ts"
import { backoffHolds, oneWorkerASlot, wantedSlotsAreFilled } from "./slots.ts"
import { sparesWait } from "./spares.ts"
import { oneTakesOver } from "./upgrading.ts"
import { startFailureEnds } from "./start-failure.ts"
import { doneInTime, neverReadyAgain, noWorkerLeft, noForkAfterStop } from "./stopping.ts"

/** A violation of a rule in a log. */
export interface Violation {
  /** The number of the rule in the list of docs/proof.md. */
  readonly rule: number
  readonly title: string
  /** What is wrong. */
  readonly text: string
  /** The moment at which it shows. */
  readonly at: number
  /** The entry at which it shows; the length of the log if it shows only at the end. */
  readonly index: number
}

/** What is known of a log besides its entries. */
export interface LogConditions {
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
  noCommandToTheDead,
  oneWorkerASlot,
  respawnLimit,
  wantedSlotsAreFilled,
  noWorkerLeft,
  exitCodeIsRight,
  diesOnce,
  backoffHolds,
  scalingIsIdempotent,
  reloadKeepsServing,
  heartbeatsKeepAlive,
  noTimerLeft,
  oneLeader,
  commonCausesAreReported,
  announcedOnce,
  startFailureEnds,
  sparesWait,
  neverReadyAgain,
  oneTakesOver,
]

/** What is known of a log so far, and what its latest event was about. */
interface Known {
  readonly history: History
  readonly context: EventContext
}

/**
 * Every violation of a rule in a log, in order, each reported once. The log must begin with its plan and have no gap: what a
 * pool may do depends on everything that it did.
 */
export function checkLog(log: readonly LogEntry[], overrides: LogConditions = {}): Violation[] {
  const { slackMs = 0, isComplete = true } = overrides
  const first = log.find((entry) => entry.kind === "plan")
  if (first === undefined) throw new Error("checkLog: the log must begin with its plan")
  if (log.some(({ kind }) => kind === "middle")) {
    throw new Error(
      "checkLog: the log must be complete from its beginning, this one begins in the middle",
    )
  }
  const leniency: Leniency = { slackMs }
  const violations: Violation[] = []
  const reported = new Set<string>()
  let known: Known = { history: historyOf(first.plan), context: noContext(first.at) }

  function ask(index: number, question: (rule: Rule) => string | undefined): void {
    for (const rule of rules) {
      const text = question(rule)
      if (text === undefined || reported.has(`${rule.number} ${text}`)) continue
      reported.add(`${rule.number} ${text}`)
      violations.push({ rule: rule.number, title: rule.title, text, at: timeOf(log, index), index })
    }
  }

  const actions = new Map(wrongActions(log).map(({ index, text }) => [index, text]))
  for (const [index, entry] of log.entries()) {
    if (entry.kind === "event") {
      if (index > 0) ask(index, (rule) => rule.settled?.(known.history, known.context))
      ask(index, (rule) => rule.overdue?.(entry.event.at, known.history, leniency))
    }
    ask(index, (rule) => see(rule, entry, known, leniency))
    ask(index, (rule) => (rule === askedOnce ? actions.get(index) : undefined))
    known = follow(known, entry)
  }
  if (isComplete) {
    ask(log.length, (rule) => rule.settled?.(known.history, known.context))
    ask(log.length, (rule) => rule.end?.(known.history))
  }
  return violations
}

/** What is known after the entry. The rules have seen it before. */
function follow(known: Known, entry: LogEntry): Known {
  const { history, context } = known
  switch (entry.kind) {
    case "plan":
      return { history, context: { ...context, at: entry.at } }
    case "event": {
      const next = contextOf(history, entry.event)
      return { history: followEvent(history, entry.event, next), context: next }
    }
    case "command":
      return { history: followCommand(history, entry.command, entry.at), context }
    case "middle":
    case "worker":
      return known
  }
}

function see(
  rule: Rule,
  entry: LogEntry,
  { history, context }: Known,
  leniency: Leniency,
): string | undefined {
  if (entry.kind === "event") return rule.seeEvent?.(entry.event, history)
  if (entry.kind !== "command") return undefined
  const { command, at } = entry
  return checkOf(rule, command.type)?.(command, at, history, context, leniency)
}

/** The moment of an entry; that of the last one if the log is over. */
function timeOf(log: readonly LogEntry[], index: number): number {
  const entry = log[Math.min(index, log.length - 1)]
  if (entry === undefined) return 0
  return entry.kind === "event" ? entry.event.at : entry.at
}
