/**
 * A spare is a process that has loaded the program and waits. If there is one, it fills the next slot, and serves without the
 * time that a start takes.
 *
 * Decides when a spare is forked and when it is discarded; worker.ts takes one. A spare is forked only while the pool is quiet,
 * and only one boots at a time, so that spares never compete with workers that start. One that ends by itself is replaced after
 * a backoff. That is no restart of a worker, so it does not count toward the limit. A reload discards the spares of the old
 * program. After one that was aborted there are none until another one has finished: they would load the program that has failed,
 * and keep it even when the one before is back.
 */
import { backoffMs, nextAttempt } from "./backoff.ts"
import type { Plan } from "./plan/plan.ts"
import { isLeaving, isReady, type Process, type State } from "./state.ts"
import { type Transition, without } from "./transition.ts"
import { forkSpare, stopWorker } from "./worker.ts"

/** Forks the next spare if it is due, and discards all if no slot is left that could need one. Runs at the end of every step. */
export function keepSpares(transition: Transition): void {
  const { plan, at } = transition
  if (plan.spares === 0 || transition.state.phase !== "running") return
  const { state } = transition
  if (isUseless(state)) discardSpares(transition)
  let forkAt = isMissing(plan, state) ? Math.max(at, state.spareBackoff?.until ?? at) : null
  if (forkAt === at) {
    forkSpare(transition, { rule: "spare", spares: plan.spares })
    forkAt = null
  }
  if (forkAt !== state.spareForkAt) transition.state = { ...transition.state, spareForkAt: forkAt }
}

/** Asks every spare to end: none of them is needed, or they have loaded a program that is about to be replaced. */
export function discardSpares(transition: Transition): void {
  const { plan, at } = transition
  if (transition.state.spareBackoff !== null) {
    transition.state = { ...transition.state, spareBackoff: null }
  }
  for (const { worker } of transition.state.spares) {
    if (isLeaving(worker)) continue
    const stop = { cause: "discard", signal: "SIGTERM", killAt: at + plan.timeoutMs } as const
    stopWorker(transition, { slot: 0, role: "spare", worker }, stop)
  }
}

/** A spare has ended, or was never forked. If nothing had asked it to end, the next one has to wait for longer. */
export function spareEnded(
  transition: Transition,
  { worker }: Process,
  why: "failed" | "signaled",
): void {
  const { plan, state } = transition
  transition.state = { ...state, spares: without(state.spares, worker) }
  if (why === "signaled") return holdSpares(transition)
  if (worker.stop !== null) return
  const attempt = state.spareBackoff?.attempt ?? 0
  // Without a backoff, nothing else would slow down spares that fail again and again.
  const waitMs = plan.backoff === false ? plan.recycleRetryMs : backoffMs(plan, 0, attempt)
  wait(transition, nextAttempt(plan, attempt), Math.max(waitMs, plan.forkRetryMs))
}

/** A stop signal has reached a spare. It may be one to the whole group: then the pool is about to stop. */
export function holdSpares(transition: Transition): void {
  const attempt = transition.state.spareBackoff?.attempt ?? 0
  wait(transition, attempt, transition.plan.groupSignalWindowMs)
}

function wait(transition: Transition, attempt: number, ms: number): void {
  const { state, at } = transition
  const until = Math.max(at + ms, state.spareBackoff?.until ?? at)
  transition.state = { ...state, spareBackoff: { attempt, until } }
}

/** Whether the pool is quiet and one more spare is wanted. */
function isMissing({ spares: wanted }: Plan, state: State): boolean {
  const { spares, replacements, reload, isProgramRejected } = state
  if (isProgramRejected || reload !== null || replacements.length > 0) return false
  if (isUseless(state) || !isReady(state)) return false
  // One that is on its way out still counts, so that there are never more processes than that.
  return spares.length < wanted && spares.every(({ worker }) => worker.phase === "loaded")
}

/** Whether no slot can need a spare: the respawn policy has let every one finish. */
function isUseless({ slots }: State): boolean {
  return slots.every(({ state }) => state === "finished")
}
