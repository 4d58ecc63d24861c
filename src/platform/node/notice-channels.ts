/**
 * Publishes the notices of a pool to tools that trace its process. The channel of node:diagnostics_channel is named for the
 * type of the notice: `kamisama:fork` and so on.
 *
 * The runtime handles subscribers that throw. Node, Deno and Bun all deliver the message to the other subscribers, and report
 * the error in a later turn as an uncaught exception.
 */
import diagnostics from "node:diagnostics_channel"
import { type Notice, noticeTypes } from "../../core/notice.ts"

/** Kept here, because Bun drops a channel without references, together with its subscribers. */
const channels = new Map(noticeTypes.map((type) => [type, diagnostics.channel(`kamisama:${type}`)]))

export function publishNotice(notice: Notice): void {
  const channel = channels.get(notice.type)
  if (channel?.hasSubscribers === true) channel.publish(notice)
}
