/**
 * The time of the runtime: monotonic for decisions, the wall clock for people.
 */
import type { Clock } from "../platform.ts"

/** The longest wait of a timer. After it the clock is looked at again. */
const longestMs = 2 ** 31 - 1

export const nodeClock: Clock = {
  now: () => performance.now(),
  epochNow: () => Date.now(),
  wakeAt(at, callback) {
    const wait = at - performance.now()
    if (wait <= 0) {
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(callback, Math.min(Math.ceil(wait), longestMs))
    return () => clearTimeout(timer)
  },
}
