/**
 * The delay of a stop: the pool serves on for a while after it was asked to stop, so that whatever sends it clients notices
 * that it is not ready any more.
 *
 * The first request counts, and begins the delay. Until it is over workers are restarted as before, and nothing else can be asked
 * of the pool: no other stop, no other number of workers, no reload. One that runs is aborted. A pool that gives up stops at
 * once. Before the first fork there is nothing that could serve on.
 */
import { forgetSignals } from "./direct-signal.ts"
import { beginStop } from "./stop.ts"
import type { Transition } from "./transition.ts"

/** A stop was requested, by a signal or a call. */
export function stopRequested(transition: Transition, signal: string): void {
  const { plan, at, state } = transition
  if (state.delayedStop !== null) return
  const { stopDelayMs } = plan
  if (stopDelayMs === 0 || state.phase !== "running") return beginNow(transition, signal)
  const reason = { rule: "stop-delay", signal, stopDelayMs } as const
  transition.stopReason = reason
  transition.commands.push({ type: "announce-stop-delay", signal, reason })
  const { reload } = state
  transition.state = {
    ...state,
    delayedStop: { signal, beginAt: at + stopDelayMs },
    reload: reload && { ...reload, isQueued: false },
  }
  forgetSignals(transition)
}

/** Begins the stop whose delay is over. */
export function beginDelayedStop(transition: Transition): void {
  const { delayedStop } = transition.state
  if (delayedStop === null || delayedStop.beginAt > transition.at) return
  beginNow(transition, delayedStop.signal)
}

function beginNow(transition: Transition, signal: string): void {
  beginStop(transition, "stop", signal, { rule: "stop", cause: "stop", signal })
}
