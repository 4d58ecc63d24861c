/**
 * The clock of the runtime: monotonic for decisions, the wall clock for people.
 */
import type { Clock } from "../platform.ts"

/** The longest wait of a timer. After it the clock is read again. */
const longestMs = 2 ** 31 - 1

const startedAt = monotonicMs()

export const nodeClock: Clock = {
  now,
  epochNow: () => Date.now(),
  wakeAt(at, callback) {
    const wait = at - now()
    if (wait <= 0) return afterReading(callback)
    const timer = setTimeout(
      () => (cancel = afterReading(callback)),
      Math.min(Math.ceil(wait), longestMs),
    )
    let cancel = (): void => clearTimeout(timer)
    return () => cancel()
  },
}

/** Milliseconds since this module was loaded. The global `performance` would load a module of its own for it. */
export function now(): number {
  return monotonicMs() - startedAt
}

/** The monotonic clock, in milliseconds. On Node, all processes of a machine share it. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
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
