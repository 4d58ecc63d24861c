/**
 * Saves the connections that a worker was handed under round robin and had not taken when it died.
 *
 * node:cluster keeps a connection until the worker has answered whether it takes it. Observed in Node 20 to 26: a worker
 * answers before it reads from the connection. If it dies, nobody answers: the client waits forever, and the primary keeps
 * the descriptor. So the answer is given here, once nothing of the dead worker can be read any more. "Not accepted" hands
 * the connection to another worker. Where nobody listens any more, node:cluster would put it into a queue that nobody
 * empties. "Accepted" closes it instead.
 */
import type { ClusterChannel } from "./cluster-channel.ts"

/**
 * Answers for a worker once it is gone.
 *
 * @param isOpen whether somebody else may take a connection to the handle with this key.
 */
export function saveUntaken(channel: ClusterChannel, isOpen: (key: string) => boolean): void {
  /** The keys of the connections that it has not answered, by the numbers of their messages. */
  const untaken = new Map<unknown, string>()
  channel.onSend(({ act, seq, key }) => {
    if (act === "newconn") untaken.set(seq, String(key))
  })
  channel.onReceive((message) => {
    const key = untaken.get(message.ack)
    if (key === undefined) return
    untaken.delete(message.ack)
    if (message.accepted !== true && !isOpen(key)) message.accepted = true
  })
  channel.onGone(() => {
    for (const [ack, key] of untaken) channel.tell({ ack, accepted: !isOpen(key) })
  })
}
