/**
 * Options about stopping that will not do what they seem to say: too little time, too much, or no signal for it.
 */
import type { Finding, LintEnvironment } from "./finding.ts"
import { describeMs } from "../describe.ts"
import type { Plan, PlanOptions } from "../plan/plan.ts"

/** How long a server that drains leaves connections idle before it closes them (platform/node/drain.ts). */
const idleConnectionMs = 500

/** From here on an unknown grace is worth a word. */
const kubernetesGraceMs = 30_000

/** Who stops programs, and how long they wait by default before they kill them. */
const defaultGraces = [
  { by: "Docker", graceMs: 10_000 },
  { by: "Kubernetes", graceMs: kubernetesGraceMs },
  { by: "systemd", graceMs: 90_000 },
] as const

/**
 * A server that drains has not closed its idle connections when the worker is killed: every stop is a kill. Mostly
 * seconds that were meant.
 */
export function timeoutShort({ timeoutMs }: Plan): Finding | undefined {
  if (timeoutMs > idleConnectionMs) return undefined
  return {
    rule: "timeout-short",
    level: "warn",
    options: ["timeout"],
    text: `a worker is killed ${describeMs(timeoutMs)} after it was asked to stop, and a server closes its idle connections only after ${describeMs(idleConnectionMs)}; set timeout, which is in ms, to more than ${idleConnectionMs}`,
  }
}

/**
 * Where the whole program is killed before `timeout` has passed, workers do not have the time that they were promised;
 * where both come together, still nobody says which worker had to be killed, nor with which code the pool ended. A
 * killed worker's exit may take until `killReportMs` later to be reported, so that is what the advice adds. It is not
 * part of the boundary, as it comes on top only when the operating system is stuck.
 *
 * A known grace is a contradiction. An unknown one may long have been raised, which cannot be seen from within, and a
 * warning that nothing ends is read by nobody: so "info", from Kubernetes' default on. That of Docker is as long as our
 * default; it would be held against every pool, and is only mentioned with the others.
 */
export function timeoutBeyondGrace(
  { timeoutMs, killReportMs }: Plan,
  _given: PlanOptions,
  { grace }: LintEnvironment,
): Finding | undefined {
  if (timeoutMs < (grace ?? kubernetesGraceMs)) return undefined
  const shorter = defaultGraces.filter(({ graceMs }) => graceMs <= timeoutMs)
  const after =
    grace === undefined
      ? `by default ${shorter.map(({ by, graceMs }) => `${by} ${describeMs(graceMs)}`).join(", ")}`
      : describeMs(grace)
  return {
    rule: "timeout-beyond-grace",
    level: grace === undefined ? "info" : "warn",
    options: ["timeout"],
    text: `a worker may take ${describeMs(timeoutMs)} to stop, and whoever stops the program kills all of it after a time of their own (${after}); let that be ${describeMs(timeoutMs + killReportMs)} or more, or set timeout to less`,
  }
}

/**
 * Whatever runs programs stops them with SIGTERM. One that is left alone (`false`) may be listened to by the program
 * itself; one that is listened to here and does not stop the pool is lost.
 */
export function sigtermSwallowed({ signals }: Plan): Finding | undefined {
  const action = signals["SIGTERM"]
  if (action === undefined || action === "stop") return undefined
  return {
    rule: "sigterm-swallowed",
    level: "warn",
    options: ["signals"],
    text: `SIGTERM does not stop the pool, as it is mapped to "${action}": systemd, Kubernetes and Docker will wait in vain and then kill everything; let signals map it to "stop", or to false where the program listens to it itself`,
  }
}

/** Where SIGTERM is swallowed too, the rule before has said so. Else it may be that the program calls `stop()`. */
export function noStopSignal({ signals }: Plan): Finding | undefined {
  if (signals["SIGTERM"] !== undefined || Object.values(signals).includes("stop")) return undefined
  return {
    rule: "no-stop-signal",
    level: "info",
    options: ["signals"],
    text: `no signal stops the pool: SIGTERM ends the primary without waiting for its workers, unless the program listens to it and calls stop(); map one of the signals to "stop"`,
  }
}
