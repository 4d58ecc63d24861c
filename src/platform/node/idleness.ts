/**
 * When a worker may end by itself: when its event loop would be empty without the channel to the primary.
 *
 * A server under round robin has no handle of its own in the worker, only the channel, and its `listen` is a question
 * to the primary. So a worker that listens is kept, and an empty loop counts only if it stays empty after two round
 * trips: one brings the answer to a `listen` that was on its way, the other the primary's word that the worker listens.
 */
import type { PrimaryMessage } from "./wire.ts"

/** How many listeners to `message` are not the user's: that of node:cluster, and the one of worker-host.ts. */
const ownMessageListeners = 2

/** Two empty loops that are further apart have had something to do between them. */
const pauseMs = 50

/**
 * Calls back when nothing but the channel keeps this process alive, with the exit code that it would end with.
 *
 * @param listeners who hears the primary.
 * @param roundTrip calls back when the primary has answered.
 */
export function watchForIdleness(
  listeners: Set<(message: PrimaryMessage) => void>,
  roundTrip: (callback: () => void) => void,
  listener: (code: number) => void,
): void {
  let isKept = false
  let emptyTimes = 0
  let answeredAt = -Infinity
  listeners.add((message) => {
    if (message.type !== "listening") return
    isKept = true
    process.channel?.ref()
  })
  process.on("beforeExit", (code) => {
    if (isKept || process.listenerCount("message") > ownMessageListeners) {
      process.channel?.ref()
      return
    }
    const isSoonAfter = performance.now() - answeredAt < pauseMs
    emptyTimes = isSoonAfter ? emptyTimes + 1 : 0
    process.channel?.ref()
    if (emptyTimes >= 2) return listener(code)
    roundTrip(() => {
      answeredAt = performance.now()
      process.channel?.unref()
    })
  })
  process.channel?.unref()
}
