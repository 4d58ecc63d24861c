/**
 * Keeps the ports of a pool open while no worker listens, so that connections wait for the next one.
 *
 * node:cluster closes a listening handle with the last worker that uses it. So the pool itself uses each handle too: a
 * keeper, which node:cluster takes for one more worker, asks for the same server, and is handed no connection. Under round
 * robin, connections that arrive meanwhile wait in the primary, else in the kernel. The next worker that asks for the same
 * server gets the same handle, so `port: 0` stays the same port as well.
 *
 * A port is given up if a worker closes its server while it serves on, or if those who could listen again do not. A
 * descriptor that was passed to this process is never given up, because it cannot be opened again.
 */
import cluster, { type Worker as ClusterWorker } from "node:cluster"
import { isRecord } from "../../core/plan/checks.ts"
import { type ClusterChannel, type ClusterMessage, isOfDatagrams } from "./cluster-channel.ts"
import { addressOf } from "./passed-sockets.ts"
import type { OwnSockets } from "./own-sockets.ts"
import type { SocketAddress } from "../socket-address.ts"
import type { OpenSocket } from "./successor.ts"
import { now } from "./clock.ts"
import { pathOf, socketFile } from "./socket-files.ts"
import {
  type Closable,
  holdConnections,
  noteHandles,
  noteQuery,
  onClose,
  type WaitingConnections,
} from "./waiting-connections.ts"

/** The ports of a pool. */
export interface KeptPorts {
  /** Follows what a worker listens on. */
  watch(slot: number, channel: ClusterChannel): PortUser
  /** Whether anybody uses a handle, or may again. */
  isOpen(key: string): boolean
  /** Gives up the ports that no worker uses: connections that were queued before a dead worker may take every descriptor. */
  releaseUnused(): void
  /** Another primary listens on the same sockets: from `release()` on, nothing is accepted here. */
  handOver(): void
  /** The sockets that listen for workers, each with the address that was asked for. */
  openSockets(): readonly OpenSocket[]
  /** From now on, each port closes with its last worker. */
  release(): void
  /**
   * Calls back once no connection is left in the primary that a worker could take, after `release()`: a worker that is asked to stop
   * takes none. At once before that, and after a while at the latest.
   */
  whenHandedOut(callback: () => void): void
}

/** A worker, as far as ports are concerned. */
export interface PortUser {
  /** The slot that it fills; 0 if it is a spare. */
  readonly slot: number
  /** A spare fills that slot from now on. */
  fills(slot: number): void
  /** Whether an earlier worker of its slot still listened when it ended, or listens now. */
  readonly isToListen: boolean
  listens(): void
  becameReady(): void
  /**
   * The worker is about to end, and closes its servers.
   *
   * @param isFollowed whether another one will take its place.
   */
  isLeaving(isFollowed: boolean): void
  /** Calls back once this worker may be asked to stop: see `whenHandedOut` of the ports. */
  whenHandedOut(callback: () => void): void
}

/** The id of the keeper in node:cluster, where the ids of workers are numbers. */
const keeper = "kamisama"

/** How long a successor that is ready may take to listen. */
const lateMs = 1_000

/** How long a port stays open if only workers of other slots are ready. Its own slot may be gone for good. */
const orphanedMs = 30_000

/** How long a stop waits for workers to take the connections that the primary has accepted. */
const handOutMs = 1_000
/** How often it is looked whether they have. */
const handOutLookMs = 2

/** A worker in one slot. */
interface User {
  slot: number
  /** What it is to be followed by, once it is about to end. */
  leaving: "followed" | "for good" | undefined
}

interface Port {
  readonly key: string
  readonly channel: ClusterChannel
  /** The file of a unix socket. */
  readonly path: string | undefined
  /** Whether this pool has made the file itself. */
  readonly isOwn: boolean
  /** A descriptor that was passed to this process. */
  readonly isPassed: boolean
  /** The address that was asked for; undefined if only a descriptor was. */
  readonly address: SocketAddress | undefined
  readonly isOfDatagrams: boolean
  /** The handle that workers share, if they accept connections themselves. */
  shared: { readonly fd?: number } | undefined
  readonly users: Set<User>
  readonly waiting: WaitingConnections | undefined
  /** The slot of the last worker that used it. */
  slot: number
  /** How long it stays open without a user, and the timer for that. */
  waitMs: number
  timer: NodeJS.Timeout | undefined
}

function newPort(key: string, channel: ClusterChannel, query: ClusterMessage): Port {
  const users = new Set<User>()
  return {
    key,
    channel,
    path: pathOf(query),
    isOwn: query.ownPath !== undefined,
    isPassed: Number(query.fd ?? -1) >= 0 && query.ownPath === undefined,
    address: query.askedFor ?? addressOf(query),
    isOfDatagrams: isOfDatagrams(query),
    shared: undefined,
    users,
    waiting: holdConnections(query, () => users.size > 0),
    slot: 0,
    waitMs: Infinity,
    timer: undefined,
  }
}

/**
 * A worker that was asked to stop while it loads begins to listen on a socket that was left to others. It is told that it does, and gets
 * no connection: an error would make it look like one that has failed.
 */
function pretend(query: ClusterMessage, channel: ClusterChannel): void {
  const address = query.askedFor ?? addressOf(query)
  // node:cluster does not know such an act, and ignores it.
  query.act = "left"
  const { host = null, port = 0 } = address !== undefined && "port" in address ? address : {}
  channel.answer({
    ack: query.seq,
    key: `left ${String(query.seq)}`,
    ...(port > 0 && { sockname: { address: host ?? "::", port, family: "IPv6" } }),
  })
}

/** Keeps the ports of a pool. */
export function keepPorts(own: OwnSockets): KeptPorts {
  const ports = new Map<string, Port>()
  const ready = new Set<User>()
  /** The slots in which a worker listens, or did so until it was to end. */
  const listening = new Set<number>()
  let isReleased = false
  let isHandedOut = false
  let isHandedOver = false
  const afterHandingOut: (() => void)[] = []
  noteHandles()
  hideThatPortsAreLeft(() => ports.size > 0 && !isReleased)

  function join(
    key: string,
    user: User,
    query: ClusterMessage,
    channel: ClusterChannel,
    handle: unknown,
  ): void {
    const known = ports.get(key)
    const port = known ?? newPort(key, channel, query)
    ports.set(key, port)
    port.users.add(user)
    port.slot = user.slot
    if (isRecord(handle)) port.shared = handle
    if (known === undefined && port.isOwn && port.path !== undefined) {
      const { path } = port
      const closed = (): void => own.closed(path, isHandedOver)
      if (port.waiting !== undefined) port.waiting.onClose(closed)
      else if (isRecord(handle)) onClose(handle as unknown as Closable, closed)
    }
    if (known === undefined && !isReleased) channel.tell(query, keeper)
    port.waiting?.pass()
    judge(port)
  }

  function leave(port: Port, user: User): void {
    if (!port.users.delete(user)) return
    if (user.leaving === undefined && !uses(user)) listening.delete(user.slot)
    if (port.users.size > 0) return
    if (isReleased || (isForGood(user) && !port.isPassed)) giveUp(port)
    else judge(port)
  }

  /** Lets workers take what the primary has accepted, then calls back those who wait for it. */
  function handOut(ports: readonly Port[]): void {
    const until = now() + handOutMs
    const goals = new Map<WaitingConnections, number>()
    const look = (): void => {
      const isOpen = [...goals].some(([waiting, goal]) => waiting.settled < goal)
      if (isOpen && now() < until) return void setTimeout(look, handOutLookMs)
      isHandedOut = true
      for (const callback of afterHandingOut.splice(0)) callback()
    }
    const begin = (): void => {
      for (const { waiting } of ports)
        if (waiting !== undefined) goals.set(waiting, waiting.accepted)
      look()
    }
    const left = ports.filter(({ isPassed }) => isPassed || isHandedOver)
    for (const { waiting } of left) waiting?.stopAccepting()
    // A port of this pool alone stays open for as long as its workers want: a program may answer that it stops.
    if (left.length === 0) begin()
    else setImmediate(() => setImmediate(() => setImmediate(begin)))
  }

  function whenHandedOut(callback: () => void): void {
    if (!isReleased || isHandedOut) callback()
    else afterHandingOut.push(callback)
  }

  /** Whether others listen on what a worker asks for, and this pool accepts nothing there any more. */
  function isLeft({ fd, ownPath }: ClusterMessage): boolean {
    return isReleased && (isHandedOver || (Number(fd ?? -1) >= 0 && ownPath === undefined))
  }

  function uses(user: User): boolean {
    return [...ports.values()].some(({ users }) => users.has(user))
  }

  /**
   * Whether nobody listens on its ports again: it serves on without them, or its slot is gone and others serve. If no other
   * worker is ready, the next one may listen there.
   */
  function isForGood({ leaving }: User): boolean {
    return leaving === undefined || (leaving === "for good" && ready.size > 0)
  }

  function giveUp(port: Port): void {
    clearTimeout(port.timer)
    ports.delete(port.key)
    port.waiting?.close()
    if (!isReleased) stopKeeping(port)
  }

  /** A program may remove the file of its socket before it listens. A handle that is kept for it then leads nowhere. */
  function giveUpLostFile(path: string | undefined): void {
    if (path === undefined || socketFile(path) !== undefined) return
    for (const port of ports.values()) {
      if (port.path === path && port.users.size === 0) giveUp(port)
    }
  }

  function stopKeeping({ channel, key }: Port): void {
    channel.tell({ act: "close", key }, keeper)
  }

  /** Starts or stops the time after which a port without users is given up. */
  function judge(port: Port): void {
    const waitMs = port.users.size > 0 || port.isPassed ? Infinity : patienceFor(port)
    if (waitMs === port.waitMs) return
    clearTimeout(port.timer)
    port.waitMs = waitMs
    if (waitMs === Infinity) return
    port.timer = setTimeout(() => giveUp(port), waitMs)
    port.timer.unref()
  }

  function patienceFor({ slot }: Port): number {
    if (ready.size === 0) return Infinity
    return [...ready].some((user) => user.slot === slot) ? lateMs : orphanedMs
  }

  function judgeAll(): void {
    for (const port of ports.values()) judge(port)
  }

  return {
    watch(slot, channel) {
      const user: User = { slot, leaving: undefined }
      const queries = new Map<unknown, ClusterMessage>()
      /** The connections that it was handed and has not answered for, by the number of their message. */
      const handed = new Map<unknown, Port>()
      channel.onReceive((message) => {
        const taking = handed.get(message.ack)
        if (taking !== undefined) {
          handed.delete(message.ack)
          // One that is not taken goes to another worker.
          if (message.accepted === true) taking.waiting?.taken()
        }
        if (message.act === "queryServer" && isLeft(message)) return pretend(message, channel)
        if (message.act === "queryServer") {
          queries.set(message.seq, message)
          noteQuery(message)
          giveUpLostFile(pathOf(message))
        }
        const port = message.act === "close" ? ports.get(String(message.key)) : undefined
        if (port !== undefined) leave(port, user)
      })
      channel.onSend(({ act, seq, ack, key, errno }, handle) => {
        const port = act === "newconn" ? ports.get(String(key)) : undefined
        if (port !== undefined) handed.set(seq, port)
        const query = queries.get(ack)
        if (query === undefined) return
        queries.delete(ack)
        if (!errno) join(String(key), user, query, channel, handle)
      })
      channel.onGone(() => {
        ready.delete(user)
        user.leaving ??= "followed"
        for (const port of ports.values()) {
          if (!port.users.has(user)) continue
          // node:cluster forgets it at the end of the channel, which is not reported if a handle was on its way.
          channel.tell({ act: "close", key: port.key })
          leave(port, user)
        }
        judgeAll()
      })
      return {
        get slot() {
          return user.slot
        },
        fills: (filled) => void (user.slot = filled),
        get isToListen() {
          return listening.has(user.slot)
        },
        listens: () => void listening.add(user.slot),
        becameReady() {
          if (user.leaving === undefined) ready.add(user)
          judgeAll()
        },
        whenHandedOut,
        isLeaving(isFollowed) {
          ready.delete(user)
          user.leaving ??= isFollowed ? "followed" : "for good"
          judgeAll()
        },
      }
    },
    isOpen: (key) => ports.has(key),
    handOver: () => void (isHandedOver = true),
    openSockets: () =>
      [...ports.values()].flatMap(({ address, waiting, shared, isOfDatagrams, isOwn }) => {
        const fd = waiting?.fd ?? shared?.fd ?? -1
        return address === undefined || fd < 0 ? [] : [{ fd, address, isOfDatagrams, isOwn }]
      }),
    releaseUnused() {
      for (const port of ports.values()) {
        if (port.users.size === 0 && !port.isPassed) giveUp(port)
      }
    },
    release() {
      if (isReleased) return
      const served: Port[] = []
      for (const port of ports.values()) {
        clearTimeout(port.timer)
        if (port.waiting !== undefined && port.users.size > 0) served.push(port)
        else port.waiting?.close()
        stopKeeping(port)
        if (port.users.size === 0) ports.delete(port.key)
      }
      isReleased = true
      handOut(served)
    },
    whenHandedOut,
  }
}

/**
 * Node ends the primary by an assertion if a handle is left when the last worker is removed from `cluster.workers`. So the
 * look at them right after that shows one more. node:cluster would then not call the callback of `cluster.disconnect()`,
 * which calls it itself once there are no workers.
 */
function hideThatPortsAreLeft(arePortsLeft: () => boolean): void {
  let isAskedNext = false
  const workers = new Proxy(cluster.workers ?? {}, {
    deleteProperty(target, id) {
      const isDeleted = Reflect.deleteProperty(target, id)
      if (arePortsLeft() && Object.keys(target).length === 0) {
        cluster.disconnect()
        isAskedNext = true
        queueMicrotask(() => (isAskedNext = false))
      }
      return isDeleted
    },
    ownKeys(target) {
      if (!isAskedNext) return Reflect.ownKeys(target)
      isAskedNext = false
      return [keeper]
    },
    getOwnPropertyDescriptor: (target, id) =>
      id === keeper
        ? { configurable: true, enumerable: true, value: undefined }
        : Reflect.getOwnPropertyDescriptor(target, id),
  })
  Object.assign(cluster, { workers } satisfies { workers: NodeJS.Dict<ClusterWorker> })
}
