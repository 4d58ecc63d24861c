/**
 * How and why a process ended, as a clause that follows its name.
 */
import type { Reason } from "../core/command.ts"
import { describeExit, describeMs, describeReason } from "../core/describe.ts"
import type { Plan } from "../core/plan/plan.ts"

/** What a worker had done, or not done in time, when it was killed. */
export function killCauseText(reason: Reason, saidHello: boolean, plan: Plan): string {
  switch (reason.rule) {
    case "heartbeat-timeout":
      return `sent no heartbeat for ${describeMs(reason.heartbeatTimeoutMs)} (heartbeatTimeout)`
    case "stop-timeout":
      return `${describeReason(reason)} (timeout)`
    case "start-timeout": {
      const what = saidHello ? "was not ready" : "did not call kamisama()"
      return `${what} within ${describeMs(reason.startTimeoutMs)}${startRule(plan)}`
    }
    default:
      return "had to be killed"
  }
}

/** The option that limits a start. During a reload, a start is limited without it, too. */
export function startRule({ startTimeoutMs }: Plan): string {
  return startTimeoutMs === false ? "" : " (startTimeout)"
}

/** How a process ended. Only the pool and the kernel send SIGKILL unasked. */
export function exitText(code: number | null, signal: string | null, wasKilled: boolean): string {
  const isForeign = signal === "SIGKILL" && !wasKilled
  return `${describeExit(code, signal)}${isForeign ? ", not by kamisama (out of memory?)" : ""}`
}
