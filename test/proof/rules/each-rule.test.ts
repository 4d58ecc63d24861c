/**
 * Each rule must be able to fail: for each there are logs that it alone finds wrong, and beside each one that differs in
 * just that and holds.
 */
import { describe, expect, test } from "vitest"
import { checkLog, rules } from "../../../src/proof/rules/check-log.ts"
import { checkRemains } from "../../../src/proof/rules/remains.ts"
import type { LogEntry } from "../../../src/platform/log-entry.ts"
import { planOf } from "../../core/pool-in-steps.ts"
import { answering } from "./broken-logs/heartbeats.ts"
import { asking } from "./broken-logs/asking.ts"
import { dyingTogether } from "./broken-logs/correlated-failures.ts"
import { incarnations } from "./broken-logs/incarnations.ts"
import { killing } from "./broken-logs/killing.ts"
import { leader } from "./broken-logs/leadership.ts"
import { outcome } from "./broken-logs/outcome.ts"
import { recycling } from "./broken-logs/recycling.ts"
import { reloading } from "./broken-logs/reloading.ts"
import { respawns } from "./broken-logs/respawns.ts"
import { slots } from "./broken-logs/slots.ts"
import { spares } from "./broken-logs/spares.ts"
import { startFailures } from "./broken-logs/start-failures.ts"
import { starting } from "./broken-logs/starting.ts"
import { stopping } from "./broken-logs/stopping.ts"
import { upgrading } from "./broken-logs/upgrading.ts"
import { telling } from "./broken-logs/reporting.ts"
import {
  due,
  ended,
  finish,
  kill,
  log,
  started,
  toDone,
  toStop,
  type Pair,
} from "./broken-logs/log-entries.ts"

const pairs = [
  ...stopping,
  ...asking,
  ...killing,
  ...starting,
  ...startFailures,
  ...answering,
  ...incarnations,
  ...slots,
  ...respawns,
  ...outcome,
  ...reloading,
  ...recycling,
  ...leader,
  ...dyingTogether,
  ...telling,
  ...spares,
  ...upgrading,
]

/** The numbers of the rules that a log breaks. */
function broken(entries: readonly LogEntry[], options: Pair["options"]): number[] {
  return [...new Set(checkLog(log(entries, options)).map(({ rule }) => rule))]
}

describe("checkLog()", () => {
  test.each(pairs)("rule $rule alone forbids $about", ({ rule, violation, right, options }) => {
    expect(broken(violation, options)).toEqual([rule])
    expect(checkLog(log(right, options))).toEqual([])
  })

  test("every rule can fail", () => {
    const failing = new Set(pairs.map(({ rule }) => rule))
    expect([...failing].toSorted((one, other) => one - other)).toEqual(
      rules.map(({ number }) => number),
    )
  })

  test("says where, when and what", () => {
    expect(checkLog(log([...toDone, due(510)]))).toEqual([
      {
        rule: 16,
        title: "nothing is left when the pool is done",
        text: "a timer fired at 510 although the pool was done at 11",
        at: 510,
        index: 11,
      },
    ])
  })

  test("allows times that are late by no more than the slack", () => {
    const late = log([...toStop, due(530), kill(530), ended(531), finish(531, 1)])
    expect(checkLog(late, { slackMs: 20 })).toEqual([])
    expect(checkLog(late, { slackMs: 19 }).map(({ rule }) => rule)).toEqual([4])
  })

  test("requires no end of a log that was cut off", () => {
    expect(checkLog(log(toStop), { isComplete: false })).toEqual([])
    expect(checkLog(log(toStop)).map(({ rule }) => rule)).toEqual([3])
  })

  test("needs the plan", () => {
    expect(() => checkLog([started])).toThrow("must begin with its plan")
  })
})

describe("checkRemains()", () => {
  const plan = planOf({ signals: { SIGHUP: false, SIGINT: "ignore" } })
  const absorbed = ["SIGTERM", "SIGBREAK", "SIGUSR2"]

  test("requires that stop signals are absorbed and nothing else is left", () => {
    expect(checkRemains(plan, { timers: 0, listenedTo: absorbed })).toEqual([])
  })

  test("finds timers, handles and listeners that are left, and listeners that are missing", () => {
    const listenedTo = ["SIGTERM", "SIGBREAK", "SIGTTIN"]
    expect(checkRemains(plan, { timers: 2, listenedTo, handles: ["a pipe"] })).toEqual([
      "a pipe is left",
      "2 timers are left",
      "SIGTTIN is still listened to",
      "SIGUSR2 is not absorbed",
    ])
  })
})
