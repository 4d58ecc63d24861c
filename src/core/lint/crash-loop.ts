/**
 * Calculates how many restarts backoff allows within the interval in a crash loop, and how soon workers must crash for the
 * pool to give up. The rule in respawns.ts judges what is too slow.
 *
 * In the worst case all slots start together, and each of their workers crashes `life` ms after its fork, before it was
 * stable. Restart number n + 1 of a slot then follows its first restart by
 *
 *     span(n) = n × life + wait(1) + … + wait(n)      wait(i) = min(backoff.max, backoff.min × 2^(i − 1))
 *
 * or more: the first restart waits for nothing, and jitter and the pause after a failed fork only add to a wait. No wait
 * is shorter than the one before. So any n + 1 restarts of a slot in a row take at least as long as the first n + 1: the
 * beginning is the densest part. A restart counts while `now − t < interval`. So n + 1 restarts of a slot meet in an
 * interval only if span(n) < interval. If the slots go in step, each has that many.
 *
 * Giving up takes limit + 1 restarts in an interval. Shared among the slots, one of them has ⌈(limit + 1) / workers⌉ or
 * more. So the pool gives up on such a loop only if span(⌈(limit + 1) / workers⌉ − 1) < interval. Without jitter it does.
 *
 * The number of workers is that of the start. A slot that is added later brings first restarts of its own, while the limit
 * stays. And a worker that is stable before it crashes starts its slot over. That is at most a crash every minute and no
 * crash loop; within an interval of up to a minute even that does not lead to more.
 */
import { shortestBackoffMs } from "../backoff.ts"
import type { Plan } from "../plan/plan.ts"

/** The most restarts of a crash loop within one interval, if workers live for `lifeMs`. */
export function respawnsWithinInterval(plan: Plan, lifeMs: number): number {
  const { respawnIntervalMs, workers } = plan
  const climb = waitsBelowCap(plan)
  const last = climb.findIndex((_, index) => spanMs(plan, index + 1, lifeMs) >= respawnIntervalMs)
  if (last !== -1) return workers * (1 + last)
  const left = respawnIntervalMs - spanMs(plan, climb.length, lifeMs)
  const atCap = Math.ceil(left / (capMs(plan) + lifeMs)) - 1
  return workers * (1 + climb.length + atCap)
}

/**
 * The pool gives up on no crash loop of workers that live this long or longer. 0 or less: on none at all. Infinity: on
 * every one, because each worker need crash only once.
 */
export function survivedLifeMs(plan: Plan): number {
  const gaps = gapsToGiveUp(plan)
  if (gaps === 0) return Infinity
  return Math.ceil((plan.respawnIntervalMs - spanMs(plan, gaps, 0)) / gaps)
}

/** The shortest interval within which the pool would give up on workers that live for `lifeMs`. */
export function intervalToGiveUpMs(plan: Plan, lifeMs: number): number {
  return spanMs(plan, gapsToGiveUp(plan), lifeMs) + 1
}

/** The fewest waits that a slot has had between its restarts when the pool gives up. */
function gapsToGiveUp(plan: Plan): number {
  return Math.ceil((plan.respawnLimit + 1) / plan.workers) - 1
}

/** span(n) of above: from the first restart of a slot to the one `gaps` later. */
function spanMs(plan: Plan, gaps: number, lifeMs: number): number {
  const climb = waitsBelowCap(plan).slice(0, gaps)
  const waits = climb.reduce((sum, wait) => sum + wait, (gaps - climb.length) * capMs(plan))
  return waits + gaps * lifeMs
}

/** The first waits, which still grow. All later ones are the cap. */
function waitsBelowCap(plan: Plan): readonly number[] {
  const waits: number[] = []
  for (;;) {
    const wait = shortestBackoffMs(plan, waits.length + 1)
    if (wait >= capMs(plan)) return waits
    waits.push(wait)
  }
}

function capMs(plan: Plan): number {
  return plan.backoff === false ? 0 : plan.backoff.maxMs
}
