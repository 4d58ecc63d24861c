/**
 * The primary's end of the channel to one worker: which messages of the worker are reported. A pure reducer over plain data.
 *
 * A channel may bring a message twice, early or after the exit was reported. What is reported keeps the contract of
 * `Platform.fork`, whatever arrives.
 */
import type { FromWorker } from "../worker/message.ts"

/** How far a worker has come, as its primary knows. */
export interface Link {
  readonly said: "nothing" | "hello" | "ready"
  /** Whether its exit was reported. */
  readonly isDead: boolean
}

/** The link to a process that was just forked. */
export const newLink: Link = { said: "nothing", isDead: false }

/** The link once a message has arrived; undefined if the message has no effect. */
export function heard(link: Link, { type }: FromWorker): Link | undefined {
  // Messages may still be read after the exit was reported. Only an error is of interest then.
  if (type === "worker-failed") return link
  if (link.isDead) return undefined
  switch (type) {
    case "worker-said-hello":
      return link.said === "nothing" ? { ...link, said: "hello" } : undefined
    case "worker-became-ready":
      return link.said === "hello" ? { ...link, said: "ready" } : undefined
    case "worker-sent-heartbeat":
    case "worker-measured":
      return link.said === "ready" ? link : undefined
    default:
      return link.said === "nothing" ? undefined : link
  }
}

/** The link once the exit was reported; undefined if it was before. */
export function died(link: Link): Link | undefined {
  return link.isDead ? undefined : { ...link, isDead: true }
}
