/**
 * The clock of the runtime: monotonic for decisions, the wall clock for people.
 */
import type { Clock } from "../platform.ts"

/** The longest wait of a timer. After it the clock is read again. */
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
 * Calls back once everything that has arrived by now was read. The event loop reads between one check phase and the next,
 * however long it was blocked before.
 *
 * @returns cancels it.
 */
export function afterReading(callback: () => void): () => void {
  let immediate = setImmediate(() => (immediate = setImmediate(callback)))
  return () => clearImmediate(immediate)
}
