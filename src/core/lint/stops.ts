/**
 * Finds options about stopping that do not do what they seem to say: too little time, too much, or no signal for it.
 */
import { describeMs } from "../describe.ts"
import { oneLine } from "../log-line.ts"
import { shown } from "../plan/checks.ts"
import type { PlanOptions } from "../plan/options.ts"
import type { Plan } from "../plan/plan.ts"
import type { Finding, LintEnvironment } from "./finding.ts"

/** How long a server that drains leaves connections idle before it closes them (platform/node/drain.ts). */
const idleConnectionMs = 500

/** From here on an unknown grace period is worth a finding. */
const kubernetesGraceMs = 30_000

/** What stops programs, and how long it waits by default before it kills them. */
const defaultGraces = [
  { by: "Docker", graceMs: 10_000 },
  { by: "Kubernetes", graceMs: kubernetesGraceMs },
  { by: "systemd", graceMs: 90_000 },
] as const

/** A server that drains has not closed its idle connections when the worker is killed. Mostly seconds were meant. */
export function timeoutShort({ timeoutMs }: Plan): Finding | undefined {
  if (timeoutMs > idleConnectionMs) return undefined
  return {
    rule: "timeout-short",
    level: "warn",
    options: ["timeout"],
    text: `timeout is ${describeMs(timeoutMs)}, but a server needs ${describeMs(idleConnectionMs)} to close idle connections, so every stop is a kill. It is in ms: use more than ${idleConnectionMs}.`,
  }
}

/**
 * If the whole program is killed before `timeout` has passed, workers do not have the time that they were promised. If
 * both come together, nothing reports which worker had to be killed, nor the exit code of the pool. The exit of a killed
 * worker may take `killReportMs` more to be reported, so the advice adds that. It is not part of the boundary, because it
 * adds time only if the operating system is stuck.
 *
 * A known grace period is a contradiction. An unknown one may be longer than its default, which cannot be seen from
 * within, and a warning that cannot be ended is not read. So it is "info", from the default of Kubernetes on. The default
 * of Docker is as long as that of `timeout`. It would be held against every pool, and is only mentioned with the others.
 */
export function timeoutBeyondGrace(
  { stopDelayMs, timeoutMs, killReportMs }: Plan,
  _given: PlanOptions,
  { grace }: LintEnvironment,
): Finding | undefined {
  const stopMs = stopDelayMs + timeoutMs
  if (stopMs < (grace ?? kubernetesGraceMs)) return undefined
  const shorter = defaultGraces.filter(({ graceMs }) => graceMs <= stopMs)
  const end =
    grace === undefined
      ? `whatever stops the program may kill all of it sooner (by default ${shorter.map(({ by, graceMs }) => `${by} after ${describeMs(graceMs)}`).join(", ")})`
      : `all of the program is killed after ${describeMs(grace)}, before workers have had that time`
  const what = stopDelayMs > 0 ? "stopDelay and timeout together are" : "timeout is"
  return {
    rule: "timeout-beyond-grace",
    level: grace === undefined ? "info" : "warn",
    options: stopDelayMs > 0 ? ["stopDelay", "timeout"] : ["timeout"],
    text: `${what} ${describeMs(stopMs)}, but ${end}. Raise that grace period to at least ${describeMs(stopMs + killReportMs)}, or lower timeout.`,
  }
}

/** Whoever has set the variable relies on the check before. */
export function graceUnreadable(
  _plan: Plan,
  _given: PlanOptions,
  { unreadableGrace }: LintEnvironment,
): Finding | undefined {
  if (unreadableGrace === undefined) return undefined
  return {
    rule: "grace-unreadable",
    level: "warn",
    options: ["timeout"],
    text: `timeout cannot be checked against the grace period: KAMISAMA_GRACE_SECONDS must be a number of seconds, a duration such as 30s, or infinity, got ${oneLine(shown(unreadableGrace))}. Set it to the time after which a stopping program is killed, such as 30.`,
  }
}

/**
 * Everything that runs programs stops them with SIGTERM. If kamisama does not handle it (`false`), the program may. If
 * kamisama handles it and does not stop the pool, it is lost.
 */
export function sigtermSwallowed({ signals }: Plan): Finding | undefined {
  const action = signals["SIGTERM"]
  if (action === undefined || action === "stop") return undefined
  return {
    rule: "sigterm-swallowed",
    level: "warn",
    options: ["signals"],
    text: `signals maps SIGTERM to "${action}", so systemd, Kubernetes and Docker wait in vain and then kill everything. Map it to "stop", or to false if the program handles it itself.`,
  }
}

/** A swallowed SIGTERM is found by the rule before. Otherwise the program may handle it and call `stop()`. */
export function noStopSignal({ signals }: Plan): Finding | undefined {
  if (signals["SIGTERM"] !== undefined || Object.values(signals).includes("stop")) return undefined
  return {
    rule: "no-stop-signal",
    level: "info",
    options: ["signals"],
    text: `signals maps nothing to "stop", so SIGTERM ends the primary without waiting for its workers. Map a signal to "stop", unless the program handles SIGTERM itself and calls stop().`,
  }
}
