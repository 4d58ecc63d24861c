/**
 * How a worker leaves, once its exit was commanded. A pure reducer over plain data; a platform carries it out.
 *
 * What it has written and sent arrives first. Then it listens no longer, and asks its primary for a last word. A connection
 * may be on its way from the primary. Once the primary knows that no server listens here, it sends no more of them. Those
 * sent before arrive before its answer; they are refused and given to another worker. The answer also means that the primary
 * has read everything from this process.
 */

/** How far it is. */
export type Leaving = "flushing" | "asking" | "gone"

/** What happens meanwhile. */
export type LeavingEvent =
  /** What it has written and sent has left this process. */
  | { readonly type: "flushed"; readonly isConnected: boolean }
  /** The last word of the primary has arrived. */
  | { readonly type: "answered" }
  /** The channel to the primary is closed. */
  | { readonly type: "closed" }
  /** Its time is over. */
  | { readonly type: "overdue" }

/** What follows. */
export type LeavingCommand = "stop-listening" | "ask" | "end"

export interface LeavingStep {
  readonly leaving: Leaving
  readonly commands: readonly LeavingCommand[]
}

/** Takes in one event. */
export function stepLeaving(leaving: Leaving, event: LeavingEvent): LeavingStep {
  if (leaving === "gone") return { leaving, commands: [] }
  switch (event.type) {
    case "flushed":
      return event.isConnected
        ? { leaving: "asking", commands: ["stop-listening", "ask"] }
        : { leaving: "gone", commands: ["end"] }
    case "closed":
      // What it has written may still be on its way.
      return leaving === "flushing"
        ? { leaving, commands: [] }
        : { leaving: "gone", commands: ["end"] }
    case "answered":
    case "overdue":
      return { leaving: "gone", commands: ["end"] }
  }
}
