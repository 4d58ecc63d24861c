/**
 * Detects when a worker may end on its own: when its event loop would be empty without the channel to the primary.
 *
 * With round-robin scheduling, a server has no handle in the worker, only the channel, and its `listen` is a request to the
 * primary. So a worker that listens is kept. An empty loop counts only if it is still empty after two round trips. The first
 * brings the answer to a `listen` that was on its way, the second the primary's message that the worker listens.
 */
import cluster from "node:cluster"
import { now } from "./clock.ts"
import type { PrimaryMessage } from "../wire.ts"

/** The listeners to `message` that are not the user's: one of node:cluster, one of worker-host.ts. */
const ownMessageListeners = 2

/** If two empty loops are further apart, there was work between them. */
const pauseMs = 50

/**
 * Calls back with the exit code when nothing but the channel keeps this process alive.
 *
 * @param listeners the listeners to the primary.
 * @param roundTrip calls back when the primary has answered.
 * @returns whether the process was found idle, and may turn out not to be.
 */
export function watchForIdleness(
  listeners: Set<(message: PrimaryMessage) => void>,
  roundTrip: (callback: () => void) => void,
  listener: (code: number) => void,
): () => boolean {
  let isKept = false
  let isAsking = false
  let emptyTimes = 0
  let answeredAt = -Infinity
  listeners.add((message) => {
    if (message.type !== "listening") return
    isKept = true
    process.channel?.ref()
  })
  process.on("beforeExit", (code) => {
    if (isKept || listensToMessages()) {
      process.channel?.ref()
      return
    }
    const isSoonAfter = now() - answeredAt < pauseMs
    emptyTimes = isSoonAfter ? emptyTimes + 1 : 0
    process.channel?.ref()
    if (emptyTimes >= 2) return listener(code)
    isAsking = true
    roundTrip(() => {
      isAsking = false
      answeredAt = now()
      process.channel?.unref()
    })
  })
  process.channel?.unref()
  return () => isAsking || now() - answeredAt < pauseMs
}

/** Whether the program listens to messages of the primary, of the process or by node:cluster. */
function listensToMessages(): boolean {
  const ofCluster = cluster.worker?.listenerCount("message") ?? 0
  return ofCluster > 0 || process.listenerCount("message") > ownMessageListeners
}

/** Calls back once nothing but the channel keeps this process alive, in which nothing listens any more. */
export function watchForEmptiness(listener: () => void): void {
  process.once("beforeExit", () => {
    process.channel?.ref()
    listener()
  })
  process.channel?.unref()
}
