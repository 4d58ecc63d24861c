/**
 * The messages of node:cluster between the primary and one worker: seen on their way, and spoken in a name.
 *
 * Observed in Node 20 to 26 and Deno 2.9: a request has an `act` and a `seq`, its answer has the `seq` as `ack`. A worker
 * requests `queryServer` for each server that is to listen, and `close` for one that no longer does. The primary requests
 * `newconn` for each connection under round robin. It sends by `child.send`, and takes in by its listener to
 * `internalMessage`, the last one there is after a fork. On Bun, workers listen by themselves and request nothing.
 */
import type { ChildProcess } from "node:child_process"
import type { Worker as ClusterWorker } from "node:cluster"
import { isRecord } from "../../core/plan/checks.ts"
import type { SocketAddress } from "../socket-address.ts"

/** A request of node:cluster, or an answer to one. */
export interface ClusterMessage {
  readonly cmd: "NODE_CLUSTER"
  act?: unknown
  readonly seq?: unknown
  readonly ack?: unknown
  /** The name of a listening handle in the primary: its address, port, kind and descriptor. */
  readonly key?: unknown
  /** Why a server cannot listen. */
  readonly errno?: unknown
  readonly address?: unknown
  readonly port?: unknown
  readonly fd?: unknown
  /** The address that the worker has asked for, if it got a passed socket instead. */
  readonly askedFor?: SocketAddress
  /** The path of the unix socket, if this pool has made it itself. */
  readonly ownPath?: string
  readonly addressType?: unknown
  /** Whether the worker has taken the connection. If not, node:cluster hands it to another one. */
  accepted?: unknown
}

/** The channel of one worker. */
export interface ClusterChannel {
  /**
   * Has node:cluster take in a message, as if this worker had sent it.
   *
   * @param id makes it the message of another worker, one without a process. No answer and no connection is sent to it.
   */
  tell(message: object, id?: string): void
  /** Sends the worker a message of node:cluster. */
  answer(message: object): void
  /** Calls back with each message of the worker, before node:cluster has it. */
  onReceive(listener: (message: ClusterMessage) => void): void
  /** Calls back with each message to the worker. A listener that returns true holds it back, also from later listeners. */
  onSend(listener: (message: ClusterMessage, handle: unknown) => unknown): void
  /**
   * Calls back with a message to the worker whose handle did not reach it, for want of a descriptor there. The worker then
   * does not get the message at all.
   */
  onLost(listener: (message: ClusterMessage) => void): void
  /** Calls back once the worker has exited, and everything it sent was read. */
  onGone(listener: () => void): void
}

/** A message that was sent with a handle. */
interface SentHandle {
  /** Undefined if it is not of node:cluster. */
  readonly message: ClusterMessage | undefined
  /** How often Node still sends it before it gives up. */
  tries: number
}

/** How often Node sends a socket that does not arrive. Another handle is sent once. */
const socketTries = 4

/** What Node answers to a message with a handle, before the process that got it sees it. */
interface Confirmation {
  readonly cmd: "NODE_HANDLE_ACK" | "NODE_HANDLE_NACK"
}

/** How long messages of a dead worker may still be read, if the end of its channel is not reported. */
const lastWordsMs = 1_000

/** The channel of a worker that was forked in this very turn. */
export function clusterChannelOf(forked: ClusterWorker): ClusterChannel {
  const child = forked.process
  const [take] = child.listeners("internalMessage").slice(-1)
  const receivers: ((message: ClusterMessage) => void)[] = []
  const senders: ((message: ClusterMessage, handle: unknown) => unknown)[] = []
  const mourners: (() => void)[] = []
  const losers: ((message: ClusterMessage) => void)[] = []
  /** The messages with a handle that the worker has not confirmed, in their order. It confirms one after the other. */
  const unconfirmed: SentHandle[] = []

  child.prependListener("internalMessage", (message: unknown) => {
    if (isOfCluster(message)) for (const receive of receivers) receive(message)
    else if (isConfirmation(message)) confirm(message.cmd)
  })

  function confirm(how: Confirmation["cmd"]): void {
    const [sent] = unconfirmed
    if (sent === undefined) return
    const isLost = how === "NODE_HANDLE_NACK"
    sent.tries -= isLost ? 1 : sent.tries
    if (sent.tries > 0) return
    unconfirmed.shift()
    const { message } = sent
    if (isLost && message !== undefined) for (const lose of losers) lose(message)
  }

  // A process that was not started has no channel.
  if (child.pid !== undefined) {
    const send = child.send.bind(child) as (...given: readonly unknown[]) => boolean
    child.send = (...given: readonly unknown[]): boolean => {
      const [message, handle] = given
      if (isOfCluster(message) && senders.some((hold) => hold(message, handle) === true)) {
        return true
      }
      if (typeof handle === "object" && handle !== null) {
        unconfirmed.push({
          message: isOfCluster(message) ? message : undefined,
          tries: handle instanceof process.getBuiltinModule("node:net").Socket ? socketTries : 1,
        })
      }
      return send(...given)
    }
  }
  afterLastWords(child, () => {
    for (const mourn of mourners) mourn()
  })
  return {
    tell(message, id) {
      const { id: ownId, process, exitedAfterDisconnect } = forked
      if (id !== undefined) Object.assign(forked, withoutProcess(forked, id))
      try {
        take?.call(child, { cmd: "NODE_CLUSTER", ...message })
      } finally {
        Object.assign(forked, { id: ownId, process, exitedAfterDisconnect })
      }
    },
    answer(message) {
      if (child.connected) child.send({ cmd: "NODE_CLUSTER", ...message }, () => undefined)
    },
    onReceive: (listener) => void receivers.push(listener),
    onSend: (listener) => void senders.push(listener),
    onLost: (listener) => void losers.push(listener),
    onGone: (listener) => void mourners.push(listener),
  }
}

/** Calls back once a process has exited, and everything it sent was read. */
function afterLastWords(child: ChildProcess, callback: () => void): void {
  child.once("exit", () => {
    if (!child.connected) return callback()
    const timer = setTimeout(gone, lastWordsMs)
    timer.unref()
    child.once("disconnect", gone)
    child.once("close", gone)
    function gone(): void {
      clearTimeout(timer)
      child.off("disconnect", gone)
      child.off("close", gone)
      callback()
    }
  })
}

/**
 * What node:cluster is to take a worker for. It asks whether a worker is connected when it answers a request, and then
 * looks it up by its id to hand it connections. It does not find this one.
 */
function withoutProcess(forked: ClusterWorker, id: string): object {
  const process = {
    get connected() {
      Object.assign(forked, { id: undefined })
      return false
    },
  }
  return { id, process, exitedAfterDisconnect: false }
}

function isConfirmation(message: unknown): message is Confirmation {
  return isRecord(message) && /^NODE_HANDLE_N?ACK$/.test(String(message["cmd"]))
}

/** Whether it is a socket of UDP that was bound, and no server that listens. */
export function isOfDatagrams({ addressType }: { readonly addressType?: unknown }): boolean {
  return String(addressType).startsWith("udp")
}

/** Whether a message is one of node:cluster. */
export function isOfCluster(message: unknown): message is ClusterMessage {
  return isRecord(message) && message["cmd"] === "NODE_CLUSTER"
}
