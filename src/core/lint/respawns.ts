/**
 * Options about respawns that will not do what they seem to say: a limit that nothing reaches, or that everything does.
 */
import { intervalToGiveUpMs, respawnsWithinInterval, survivedLifeMs } from "./crash-loop.ts"
import { describeMs } from "../describe.ts"
import type { Finding } from "./finding.ts"
import { usualStartMs } from "./starts.ts"
import { longestMs } from "../plan/checks.ts"
import { type Plan, type PlanOptions } from "../plan/plan.ts"

/**
 * The pool gives up only on a crash loop of workers that live for less than `survivedLifeMs`, which crash-storm.ts works
 * out. Found where that is no longer than a start takes, as then hardly a crash is fast enough; where it is 0 or less,
 * none is. With the defaults it is 4.3 s, for any number of workers.
 */
export function respawnLimitOutOfReach(plan: Plan): Finding | undefined {
  const { respawn, respawnLimit, respawnIntervalMs, workers } = plan
  if (respawn === "never" || respawnLimit === Infinity) return undefined
  const lifeMs = survivedLifeMs(plan)
  if (lifeMs > usualStartMs) return undefined
  const interval = describeMs(respawnIntervalMs)
  const what =
    lifeMs > 0
      ? `the pool never gives up on a crash loop of workers that live ${describeMs(lifeMs)} or longer, as giving up takes ${respawnLimit + 1} respawns within ${interval}`
      : `the pool never gives up on a crash loop, as its ${named(workers)} can be respawned ${respawnsWithinInterval(plan, 0)} times within ${interval} at most, and giving up takes ${respawnLimit + 1}`
  const limit = respawnsWithinInterval(plan, usualStartMs) - 1
  const intervalMs = intervalToGiveUpMs(plan, usualStartMs)
  const ways = [
    limit >= workers ? [`respawnLimit to ${limit} or less`] : [],
    intervalMs <= longestMs ? [`respawnInterval to ${intervalMs} or more`] : [],
    `respawnLimit to Infinity${hasBrake(plan) ? "" : ", with backoff,"} if it need not give up`,
  ].flat()
  return {
    rule: "respawn-limit-out-of-reach",
    level: "warn",
    options: ["respawnLimit", "respawnInterval", "backoff"],
    text: `${what}; set ${ways.join(", or ")}`,
  }
}

/**
 * When all workers die once, as they may when something goes away that they all need, as many respawns are due at once
 * as there are workers: more than the limit where that is smaller. With a limit of 0 any death is too much. May be
 * meant, where something else restarts the program.
 */
export function respawnLimitBelowWorkers({
  respawn,
  respawnLimit,
  workers,
}: Plan): Finding | undefined {
  if (respawn === "never" || respawnLimit >= workers) return undefined
  const what =
    respawnLimit === 0
      ? "the pool gives up as soon as a respawn is due, as respawnLimit is 0"
      : `the pool gives up when all of its ${workers} workers die once, as respawnLimit is ${respawnLimit}`
  return {
    rule: "respawn-limit-below-workers",
    level: "info",
    options: ["respawnLimit", "workers"],
    text: `${what}; set it to ${workers} or more, or to Infinity for no limit, unless that is meant`,
  }
}

/** Without a limit a crash loop goes on for ever, and without backoff as fast as workers can die. */
export function respawnWithoutBrake(plan: Plan): Finding | undefined {
  const { respawn, respawnLimit, backoff, forkRetryMs } = plan
  if (respawn === "never" || respawnLimit !== Infinity || hasBrake(plan)) return undefined
  const wait = backoff === false ? "at once" : `${describeMs(backoff.maxMs)} later at most`
  return {
    rule: "respawn-without-brake",
    level: "warn",
    options: ["respawnLimit", "backoff"],
    text: `a worker that crashes is forked again ${wait}, for ever; set respawnLimit, or backoff.max to ${forkRetryMs} or more`,
  }
}

/** What is said about respawns holds only for failed forks. A limit of 0 and no backoff agree with "never". */
export function respawnNever(plan: Plan, given: PlanOptions): Finding | undefined {
  if (plan.respawn !== "never") return undefined
  const { respawnLimit = 0, respawnInterval, backoff = false } = given
  const unused = [
    respawnLimit === 0 ? [] : ["respawnLimit" as const],
    respawnInterval === undefined ? [] : ["respawnInterval" as const],
    backoff === false ? [] : ["backoff" as const],
  ].flat()
  if (unused.length === 0) return undefined
  return {
    rule: "respawn-never",
    level: "warn",
    options: ["respawn", ...unused],
    text: `a worker that dies is not replaced, as respawn is "never": ${unused.join(" and ")} will apply to failed forks alone; leave out one or the other`,
  }
}

/** A backoff that waits less, even at its longest, than is thought enough after a failed fork is as good as none. */
function hasBrake({ backoff, forkRetryMs }: Plan): boolean {
  return backoff !== false && backoff.maxMs >= forkRetryMs
}

function named(workers: number): string {
  return workers === 1 ? "one worker" : `${workers} workers together`
}
