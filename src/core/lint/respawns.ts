/**
 * Finds options about restarts that do not do what they seem to say: a limit that nothing reaches, or that everything does.
 */
import { describeMs } from "../describe.ts"
import { grouped, longestMs } from "../plan/forms.ts"
import type { PlanOptions } from "../plan/options.ts"
import type { Plan } from "../plan/plan.ts"
import { intervalToGiveUpMs, respawnsWithinInterval, survivedLifeMs } from "./crash-loop.ts"
import type { Finding } from "./finding.ts"
import { usualStartMs } from "./starts.ts"

/**
 * The pool gives up only on a crash loop of workers that live for less than `survivedLifeMs`, which crash-loop.ts
 * calculates. It is found if that is no longer than a start takes, because then hardly a crash is fast enough; if it is 0
 * or less, none is. With the defaults it is 4.3 s, for any number of workers.
 */
export function respawnLimitOutOfReach(plan: Plan): Finding | undefined {
  const { respawn, respawnLimit, respawnIntervalMs, workers } = plan
  if (respawn === "never" || respawnLimit === Infinity) return undefined
  const lifeMs = survivedLifeMs(plan)
  if (lifeMs > usualStartMs) return undefined
  const interval = describeMs(respawnIntervalMs)
  const what =
    lifeMs > 0
      ? `workers that live ${describeMs(lifeMs)} or longer never need more than ${respawnLimit} restarts (respawnLimit) within ${interval}, so their crash loop continues forever`
      : `with this backoff ${named(workers)} at most ${respawnsWithinInterval(plan, 0)} times within ${interval}, so respawnLimit ${respawnLimit} is never exceeded and a crash loop continues forever`
  const limit = respawnsWithinInterval(plan, usualStartMs) - 1
  const intervalMs = intervalToGiveUpMs(plan, usualStartMs)
  const ways = [
    limit >= workers ? [`respawnLimit to at most ${limit}`] : [],
    intervalMs <= longestMs ? [`respawnInterval to at least ${grouped(intervalMs)}`] : [],
    `respawnLimit to Infinity${hasBrake(plan) ? "" : ", with backoff,"} if the pool need not give up`,
  ].flat()
  return {
    rule: "respawn-limit-out-of-reach",
    level: "warn",
    options: ["respawnLimit", "respawnInterval", "backoff"],
    text: `${what}. Set ${ways.join(", or ")}.`,
  }
}

/**
 * If all workers crash once, as when something goes away that they all need, as many restarts are due at once as there are
 * workers: more than a smaller limit allows. With a limit of 0 any crash is too much. May be intentional, if something
 * else restarts the program.
 */
export function respawnLimitBelowWorkers({
  respawn,
  respawnLimit,
  workers,
}: Plan): Finding | undefined {
  if (respawn === "never" || respawnLimit >= workers) return undefined
  const when =
    respawnLimit === 0
      ? "as soon as a restart is due"
      : `as soon as each of its ${workers} workers has crashed once`
  return {
    rule: "respawn-limit-below-workers",
    level: "info",
    options: ["respawnLimit", "workers"],
    text: `respawnLimit is ${respawnLimit}, so the pool gives up ${when}. Set it to at least ${workers}, or to Infinity for no limit, unless that is intended.`,
  }
}

/** Without a limit a crash loop continues forever, and without backoff as fast as workers can crash. */
export function respawnWithoutBrake(plan: Plan): Finding | undefined {
  const { respawn, respawnLimit, backoff, forkRetryMs } = plan
  if (respawn === "never" || respawnLimit !== Infinity || hasBrake(plan)) return undefined
  const brake = backoff === false ? "false" : `${describeMs(backoff.maxMs)} at most`
  return {
    rule: "respawn-without-brake",
    level: "warn",
    options: ["respawnLimit", "backoff"],
    text: `respawnLimit is Infinity and backoff is ${brake}, so a crash loop continues forever at full speed. Set respawnLimit, or set backoff.max to at least ${forkRetryMs}.`,
  }
}

/** What is said about restarts applies only to failed forks. A limit of 0 and no backoff agree with "never". */
export function respawnNever(plan: Plan, given: PlanOptions): Finding | undefined {
  if (plan.respawn !== "never") return undefined
  const { respawnLimit = 0, respawnInterval, backoff = false, startFailure = "retry" } = given
  const unused = [
    respawnLimit === 0 ? [] : ["respawnLimit" as const],
    respawnInterval === undefined ? [] : ["respawnInterval" as const],
    backoff === false ? [] : ["backoff" as const],
    startFailure === "retry" ? [] : ["startFailure" as const],
  ].flat()
  if (unused.length === 0) return undefined
  return {
    rule: "respawn-never",
    level: "warn",
    options: ["respawn", ...unused],
    text: `respawn is "never", so ${unused.join(" and ")} ${unused.length === 1 ? "applies" : "apply"} only to failed forks. Leave out one or the other.`,
  }
}

/** A backoff whose longest delay is shorter than the one after a failed fork is as good as none. */
function hasBrake({ backoff, forkRetryMs }: Plan): boolean {
  return backoff !== false && backoff.maxMs >= forkRetryMs
}

function named(workers: number): string {
  return workers === 1 ? "one worker restarts" : `${workers} workers restart`
}
