/**
 * Options about the signs of life of workers, and about how many there are, that will not do what they seem to say.
 */
import type { Finding, LintEnvironment } from "./finding.ts"
import { describeMs } from "../describe.ts"
import type { Plan, PlanOptions } from "../plan/plan.ts"

/**
 * How long a runtime and the imports of a program may take to start when all workers start at once. A worker alone on an
 * idle machine is faster; many are not.
 */
export const usualStartMs = 1_000

/** More workers than this for each core are not for the sake of the cores. */
const mostWorkersPerCore = 4

/** A start that is given less than it usually takes is a kill, and counts as a crash. */
export function startTimeoutShort({ startTimeoutMs }: Plan): Finding | undefined {
  if (startTimeoutMs === false || startTimeoutMs >= usualStartMs) return undefined
  return {
    rule: "start-timeout-short",
    level: "warn",
    options: ["startTimeout"],
    text: `a worker that is not ready ${describeMs(startTimeoutMs)} after its fork is killed, and a start may take ${describeMs(usualStartMs)} when all workers start at once; set startTimeout, which is in ms, to ${usualStartMs} or more`,
  }
}

/** For how long a healthy worker may do one thing at a stretch: collect garbage, render a page, wait for its turn on a busy core. */
const usualStretchMs = 1_000

/** An answer that is waited for less long than a busy worker may take is a kill. */
export function heartbeatTimeoutShort({ heartbeatTimeoutMs }: Plan): Finding | undefined {
  if (heartbeatTimeoutMs === false || heartbeatTimeoutMs >= usualStretchMs) return undefined
  return {
    rule: "heartbeat-timeout-short",
    level: "warn",
    options: ["heartbeatTimeout"],
    text: `a worker that is busy with one thing for ${describeMs(heartbeatTimeoutMs)} is killed as if it hung; set heartbeatTimeout, which is in ms, to ${usualStretchMs} or more`,
  }
}

/**
 * Twice as many as the most generous rule of thumb has, which is two a core and one. May be meant, for workers that wait
 * more than they work.
 */
export function workersBeyondCores(
  { workers }: Plan,
  _given: PlanOptions,
  { cores = Infinity }: LintEnvironment,
): Finding | undefined {
  const most = mostWorkersPerCore * cores
  if (workers <= most) return undefined
  return {
    rule: "workers-beyond-cores",
    level: "info",
    options: ["workers"],
    text: `${workers} workers share ${cores === 1 ? "1 core" : `${cores} cores`} and mostly wait for each other, each with memory of its own; set workers to ${most} or less`,
  }
}
