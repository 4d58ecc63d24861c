/**
 * Saves the connections that a worker was handed under round robin and does not take, because it died, or has no descriptor
 * left for them.
 *
 * node:cluster keeps a connection until the worker has answered whether it takes it. Observed in Node 20 to 26: a worker
 * answers before it reads from the connection. If it dies, nobody answers: the client waits forever, and the primary keeps
 * the descriptor. So the answer is given here, once nothing of the dead worker can be read any more. "Not accepted" hands
 * the connection to another worker. Where nobody listens any more, node:cluster would put it into a queue that nobody
 * empties. "Accepted" closes it instead.
 *
 * Observed in the same versions: a connection does not reach a worker that has no descriptor left, and neither does the
 * question. Node says so and does nothing. The worker would be handed no connection any more, whatever it closes later. So the
 * answer is given here a moment later: another worker gets the connection, or the same one again.
 */
import { sayWorkerIsFull } from "./descriptors.ts"
import type { ClusterChannel } from "./cluster-channel.ts"

/** How long a worker without a descriptor is handed nothing. */
const fullMs = 100

/**
 * Answers for a worker that cannot answer.
 *
 * @param name the worker in a line of the log.
 * @param isOpen whether somebody else may take a connection to the handle with this key.
 */
export function saveUntaken(
  channel: ClusterChannel,
  name: () => string,
  isOpen: (key: string) => boolean,
): void {
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
  channel.onLost(({ act, seq }) => {
    if (act !== "newconn") return
    sayWorkerIsFull(name())
    setTimeout(() => answer(seq), fullMs).unref()
  })
  channel.onGone(() => {
    for (const ack of untaken.keys()) answer(ack)
  })

  function answer(ack: unknown): void {
    const key = untaken.get(ack)
    if (key === undefined) return
    untaken.delete(ack)
    channel.tell({ ack, accepted: !isOpen(key) })
  }
}
