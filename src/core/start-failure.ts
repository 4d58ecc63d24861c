/**
 * A start that cannot work: the first worker of every slot has failed, and none was ever ready. If the plan says so, the pool
 * then gives up at once instead of using up its restarts.
 *
 * Decides which failures show that. An exit that was asked for, or that a signal to the whole group may have caused, does not.
 */
import { isWanted, type Process } from "./state.ts"
import { beginStop } from "./stop.ts"
import type { Transition } from "./transition.ts"

/** Notes that the worker of a wanted slot has failed, or could not be forked. It counts unless it was asked to stop. */
export function noteFailedStart(transition: Transition, { slot, worker }: Process): void {
  const { failedStarts } = transition.state
  if (failedStarts === null || worker.stop !== null || failedStarts.includes(slot)) return
  transition.state = { ...transition.state, failedStarts: [...failedStarts, slot] }
}

/** A worker is ready: the program can start, so failures from now on are retried. */
export function noteStart(transition: Transition): void {
  if (transition.state.failedStarts === null) return
  transition.state = { ...transition.state, failedStarts: null }
}

/** Gives up if no slot is left whose first worker may yet start. Slots that are no longer wanted are forgotten. */
export function giveUpIfNothingStarts(transition: Transition): void {
  const { failedStarts, slots, phase } = transition.state
  if (failedStarts === null || phase !== "running") return
  const wanted = slots.filter(isWanted)
  const failed = failedStarts.filter((id) => wanted.some((slot) => slot.id === id))
  if (failed.length < failedStarts.length) {
    transition.state = { ...transition.state, failedStarts: failed }
  }
  if (failed.length < wanted.length) return
  const reason = { rule: "no-worker-started", workers: wanted.length } as const
  beginStop(transition, "give-up", "SIGTERM", reason)
}
