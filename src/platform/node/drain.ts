/**
 * Ends the connections of this process at its stop, so that no request that has begun is lost.
 *
 * From the stop on, clients that may keep a connection open for as long as they like are told to go. Then every server stops
 * accepting connections, and the open ones end: HTTP connections with their next response (closing-connections.ts), idle
 * ones a moment later, when a request that was on its way has arrived. What clients still hold after `closeTimeout` is cut. A
 * request has until `timeout`, which is enforced elsewhere.
 */
import type { Server } from "node:net"
import { describeMs } from "../../core/describe.ts"
import { closeAnything, closeEach } from "../../worker/close.ts"
import { afterReading, now } from "./clock.ts"
import { noteClosed } from "./closed-servers.ts"
import { closeConnectionsAfterResponses } from "./closing-connections.ts"
import {
  type Connection,
  endStream,
  heldBy,
  heldOn,
  isAnswering,
  isIdle,
  lookAt,
  lookMs,
  sayGoodbye,
} from "./connections.ts"
import {
  closeNativeSockets,
  cutNativeSockets,
  drainNativeServers,
  isNativeServer,
} from "./native-servers.ts"
import { isAskedToEnd, release } from "./left-connections.ts"
import { runtime } from "./runtime.ts"
import {
  checkServers,
  isAccepting,
  isOfHttp,
  isOfNet,
  isServer,
  serversIn,
  untilServers,
  watch,
  type WatchedServer,
  watchedServers,
} from "./servers.ts"

/** How long to wait for a server that is about to listen: longer than the primary takes to answer. */
const pendingMs = 500

/** How long clients have, and when that is over. Undefined before the stop. */
let patience: { readonly closeTimeoutMs: number; readonly overAt: number } | undefined
let isDraining = false

/** How many connections were cut, by what they were. */
const cuts = new Map<string, number>()

/**
 * From now on, lets each connection end with its next response, and tells the clients of others to go.
 *
 * @param closeTimeoutMs how long these may take.
 */
export function beginClosing(closeTimeoutMs: number): void {
  if (patience !== undefined) return
  const overAt = now() + closeTimeoutMs
  patience = { closeTimeoutMs, overAt }
  closeConnectionsAfterResponses()
  const everyMs = Math.min(lookMs, closeTimeoutMs)
  /**
   * The next look counts from this one: a client that learns from one look that it is to go has this much time until the next.
   * This process may have been busy or suspended while requests arrived. Until they are read, their connections look idle.
   */
  const look = (): void => {
    lookAround(now() >= overAt)
    setTimeout(() => afterReading(look), everyMs).unref()
  }
  // The program has heard of the stop before. If it ends its connections itself, it comes first.
  afterReading(look)
}

/** What was cut, and by which rule. Undefined if nothing was. */
export function whatWasCut(): string | undefined {
  const parts = [...cuts].map(([what, count]) => `${count} ${what}${count === 1 ? "" : "s"}`)
  if (patience === undefined || parts.length === 0) return undefined
  return `closed what clients still held open ${describeMs(patience.closeTimeoutMs)} after the stop (closeTimeout): ${parts.join(", ")}`
}

/** Drains the servers of this process, then closes what else `run` returned. */
export async function closeResource(resource: unknown): Promise<void> {
  await drainServers(resource)
  await closeOthers(resource)
}

async function closeOthers(resource: unknown): Promise<void> {
  if (Array.isArray(resource)) return closeEach(resource, closeOthers)
  if (!isServer(resource) && !isNativeServer(resource)) await closeAnything(resource, untilOver)
}

function untilOver(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, (patience?.overAt ?? 0) - now()))
}

/** Drains the servers of this process: all that `run` returned, all others, and those that begin to listen meanwhile. */
export async function drainServers(resource: unknown): Promise<void> {
  isDraining = true
  for (const server of serversIn(resource)) watch(server)
  let waitsForPending = true
  setTimeout(() => {
    waitsForPending = false
    checkServers()
  }, pendingMs)
  const drained = untilServers(() => {
    const used = watchedServers().filter(isWaitedFor)
    for (const one of used) stopAccepting(one)
    return !used.some(({ isPending }) => !isPending || waitsForPending)
  })
  await Promise.all([drained, drainNativeServers(resource)])
}

/**
 * A server that does not listen may be given connections for ever, by sticky sessions. Those that come after clients had their time
 * are not waited for.
 */
function isWaitedFor(watched: WatchedServer): boolean {
  if (isAccepting(watched) || watched.sessions.size > 0) return true
  return [...watched.connections.values()].some(
    ({ openedAt }) => openedAt < (patience?.overAt ?? Infinity),
  )
}

/** The servers that were told to stop. */
const stopping = new WeakSet<Server>()

function stopAccepting({ server }: WatchedServer): void {
  if (!server.listening || stopping.has(server)) return
  stopping.add(server)
  if (isOfNet(server)) return stopListening(server)
  // This kind of server closes idle connections at once, so it keeps listening until they had time to end with a response.
  setTimeout(() => stopListening(server), lookMs)
}

function stopListening(server: Server): void {
  // close() of node:net if possible, because that of HTTP also ends connections whose first request is still on its way.
  const wasListening = server.listening
  let connectionsEnded = (): void => undefined
  const { close } = isOfNet(server) ? process.getBuiltinModule("node:net").Server.prototype : server
  // The only possible error is that the server does not listen.
  close.call(release(server), () => {
    if (runtime.endsConnectionsUnlessListening) Reflect.deleteProperty(server, "listening")
    stopping.delete(server)
    connectionsEnded()
    checkServers()
  })
  // Only now, as this call was not the program's.
  if (wasListening) connectionsEnded = noteClosed(server)
  if (runtime.endsConnectionsUnlessListening) {
    Object.defineProperty(server, "listening", { value: true, configurable: true })
  }
}

/** @param isOver whether clients have had their time. */
function lookAround(isOver: boolean): void {
  closeNativeSockets()
  if (isOver) count("WebSocket", cutNativeSockets())
  for (const watched of watchedServers()) {
    const isEnding = isDraining || !isAccepting(watched)
    for (const connection of watched.connections.values()) {
      lookAt(connection)
      const mayEnd = isEnding || isAskedToEnd(connection.socket)
      endConnection(watched.server, connection, mayEnd, isOver)
    }
    endStreams(watched, isOver)
    if (isEnding) closeSessions(watched)
  }
}

function endConnection(
  server: Server,
  connection: Connection,
  isEnding: boolean,
  isOver: boolean,
): void {
  const { socket, hasSession } = connection
  const held = heldOn(connection)
  if (held !== undefined) {
    sayGoodbye(connection)
    if (isOver) cut(held, socket)
  } else if (isEnding && !hasSession && !isAnswering(connection)) {
    // What is sent on a connection of node:net alone is for the program to know. A quiet one may wait for it.
    if (isOfHttp(server) && isIdle(connection)) release(socket).destroy()
    else if (isOver && (isOfHttp(server) || isIdle(connection))) cut("connection", release(socket))
  }
}

/** Ends the streams of HTTP/2 sessions that clients keep open. */
function endStreams({ sessions }: WatchedServer, isOver: boolean): void {
  for (const session of sessions.values()) {
    for (const stream of session.streams.keys()) {
      const held = heldBy(stream, session)
      if (held === "event stream") endStream(stream)
      if (held !== undefined && isOver) cut(held, stream)
    }
  }
}

/** The highest possible stream number. */
const lastStreamId = 2 ** 31 - 1

/**
 * Ends HTTP/2 sessions, one step per look and no more. The client is first informed with GOAWAY, and what has begun by then is
 * still answered. A session without a request gets the time of one look first, because some clients would lose their first request.
 */
function closeSessions({ sessions }: WatchedServer): void {
  for (const [http2Session, session] of sessions) {
    if (http2Session.closed || http2Session.destroyed) continue
    if (session.phase === "new") session.phase = "waiting"
    else if (session.phase === "used") {
      http2Session.goaway(0, lastStreamId)
      session.phase = "going away"
    } else http2Session.close()
  }
}

function cut(what: string, open: { destroy(): unknown }): void {
  open.destroy()
  count(what, 1)
}

function count(what: string, more: number): void {
  if (more > 0) cuts.set(what, (cuts.get(what) ?? 0) + more)
}
