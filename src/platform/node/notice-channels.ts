/**
 * Lets whoever traces this process see the notices of its pool without a change of its code: each on a channel of
 * node:diagnostics_channel that is named for its type, `kamisama:fork` and so on.
 *
 * A subscriber that throws is the runtime's business: Node, Deno and Bun all let the other subscribers have the message
 * and tell of the error in a later turn, as of any exception that nobody has caught.
 */
import diagnostics from "node:diagnostics_channel"
import { type Notice, noticeTypes } from "../../core/notice.ts"

/** Held here, as Bun forgets a channel that nobody holds, with all who have subscribed to it. */
const channels = new Map(noticeTypes.map((type) => [type, diagnostics.channel(`kamisama:${type}`)]))

export function publishNotice(notice: Notice): void {
  const channel = channels.get(notice.type)
  if (channel?.hasSubscribers === true) channel.publish(notice)
}
