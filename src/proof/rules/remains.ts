/**
 * What may be left of a pool that is done: only the listeners that absorb stop signals, so that the next signal of many does not kill
 * the process (rule 16). A log shows timers only when they fire. The rest must be counted on the platform: the fake has its
 * pending timers and listeners, a real run its active handles.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Rule } from "./rule.ts"

export const noTimerLeft: Rule = {
  number: 16,
  title: "nothing is left when the pool is done",
  seeEvent: ({ type, at }, { phase, doneAt }) =>
    phase === "done" && type === "deadline-reached"
      ? `a timer fired at ${at} although the pool was done at ${doneAt}`
      : undefined,
}

/** What is left of a pool that is done and of its workers. */
export interface Remains {
  readonly timers: number
  /** The signals that are still listened to. */
  readonly listenedTo: readonly string[]
  /** Whatever else keeps the process alive, by name. */
  readonly handles?: readonly string[]
}

/** What is left although it should not be, or is missing although it should be left. */
export function checkRemains(plan: Plan, { timers, listenedTo, handles = [] }: Remains): string[] {
  const violation = handles.map((handle) => `${handle} is left`)
  if (timers > 0) violation.push(`${timers} timers are left`)
  for (const signal of listenedTo) {
    if (plan.signals[signal] !== "stop") violation.push(`${signal} is still listened to`)
  }
  for (const [signal, action] of Object.entries(plan.signals)) {
    if (action === "stop" && !listenedTo.includes(signal))
      violation.push(`${signal} is not absorbed`)
  }
  return violation
}
