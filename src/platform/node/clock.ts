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
    if (wait <= 0) return afterReading(callback)
    const timer = setTimeout(
      () => (cancel = afterReading(callback)),
      Math.min(Math.ceil(wait), longestMs),
    )
    let cancel = (): void => clearTimeout(timer)
    return () => cancel()
  },
}

/**
 * Calls back when what has come by now was read: between one check phase of the event loop and the next it reads, however
 * long it was kept from it.
 *
 * @returns cancels it.
 */
export function afterReading(callback: () => void): () => void {
  let immediate = setImmediate(() => (immediate = setImmediate(callback)))
  return () => clearImmediate(immediate)
}
