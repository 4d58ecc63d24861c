/**
 * Finds options about starts, heartbeats and the number of workers that do not do what they seem to say.
 */
import { describeMs } from "../describe.ts"
import { grouped } from "../plan/forms.ts"
import type { PlanOptions } from "../plan/options.ts"
import type { Plan } from "../plan/plan.ts"
import type { Finding, LintEnvironment } from "./finding.ts"

/**
 * How long a runtime and the imports of a program may take to start when all workers start at once. A worker alone on an
 * idle machine is faster; many are not.
 */
export const usualStartMs = 1_000

/** How long a healthy worker may be busy with one thing: garbage collection, a page, a wait for its busy core. */
const usualStretchMs = 1_000

/** More workers per core than this do not serve the cores. */
const mostWorkersPerCore = 4

/** A start that gets less time than it usually takes ends in a kill, which counts as a crash. */
export function startTimeoutShort({ startTimeoutMs }: Plan): Finding | undefined {
  if (startTimeoutMs === false || startTimeoutMs >= usualStartMs) return undefined
  return {
    rule: "start-timeout-short",
    level: "warn",
    options: ["startTimeout"],
    text: `startTimeout is ${describeMs(startTimeoutMs)}, but a start may take ${describeMs(usualStartMs)} if all workers start at once, so healthy workers are killed. It is in ms: use at least ${grouped(usualStartMs)}.`,
  }
}

/** A heartbeat that must come sooner than a busy worker can send it ends in a kill. */
export function heartbeatTimeoutShort({ heartbeatTimeoutMs }: Plan): Finding | undefined {
  if (heartbeatTimeoutMs === false || heartbeatTimeoutMs >= usualStretchMs) return undefined
  return {
    rule: "heartbeat-timeout-short",
    level: "warn",
    options: ["heartbeatTimeout"],
    text: `heartbeatTimeout is ${describeMs(heartbeatTimeoutMs)}, so a worker that is busy with one thing for that long is killed as if it hung. It is in ms: use at least ${grouped(usualStretchMs)}.`,
  }
}

/**
 * The limit is twice as many as the most generous rule of thumb, which is two per core and one. More may be intentional,
 * for workers that wait more than they work.
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
    text: `${workers} workers share ${cores === 1 ? "1 core" : `${cores} cores`}, so they wait for each other, each with memory of its own. Set workers to at most ${Math.floor(most)}, unless they mostly wait for something else.`,
  }
}
