/**
 * Knows every server of this process and its connections, whoever made it, and whether or not `run` returned it.
 *
 * A server reports what happens to it by `emit`, on every runtime. So `emit`, `listen` and `close` of the runtime's own servers
 * are wrapped. That includes a server that never listens but is given its connections, as sticky sessions do it.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Http2Session, ServerHttp2Stream } from "node:http2"
import type { Server, Socket } from "node:net"
import {
  type Connection,
  connectionOf,
  noteUpgrade,
  type Session,
  sessionOf,
} from "./connections.ts"
import { closeAgain, noteReopened } from "./closed-servers.ts"
import { noteRequest } from "./closing-connections.ts"
import { measureRequest } from "./http-metrics.ts"
import { requestBegan } from "./requests.ts"
import { runtime } from "./runtime.ts"

/** A server, and what is open at it. */
export interface WatchedServer {
  readonly server: Server
  readonly connections: Map<Socket, Connection>
  readonly sessions: Map<Http2Session, Session>
  /** The connection that was opened last. */
  latest: Connection | undefined
  /** Whether it was told to listen, and neither listens nor has failed. */
  isPending: boolean
}

/** The servers that listen, are about to, or have connections. */
const watched = new Map<Server, WatchedServer>()

/** Those that have listened, now or before. */
const listened = new WeakSet<Server>()

/** Why servers could not listen when they were last told to. */
const failures = new WeakMap<Server, unknown>()

/** The last one of them that nobody listened to: the program has heard of it as an uncaught error, and lives on. */
let unhandled: { readonly server: Server; readonly error: unknown } | undefined

/** Called after each change of the servers in use. */
const listeners = new Set<() => void>()

/** Watches all servers of this process from now on. */
export function watchServers(): void {
  watchClass(process.getBuiltinModule("node:net").Server.prototype as ServerClass)
  if (!runtime.hasOtherHttpServers) return
  watchClass(process.getBuiltinModule("node:http").Server.prototype as ServerClass)
}

/** The servers that listen, are about to, or have connections. */
export function watchedServers(): readonly WatchedServer[] {
  return [...watched.values()]
}

/** The record of a server, known before or not. */
export function watch(server: Server): WatchedServer {
  const known = watched.get(server)
  if (known !== undefined) return known
  const record: WatchedServer = {
    server,
    connections: new Map(),
    sessions: new Map(),
    latest: undefined,
    isPending: false,
  }
  watched.set(server, record)
  return record
}

/** Whether a server has ever listened. */
export function hasListened(server: Server): boolean {
  return listened.has(server)
}

/** Why a server could not listen when it was last told to; undefined if it could, or is about to. */
export function listenFailure(server: Server): { readonly error: unknown } | undefined {
  return failures.has(server) ? { error: failures.get(server) } : undefined
}

/** Why a server could not listen, if that was an uncaught error, and nothing else listens or is about to. */
export function uncaughtListenFailure(): { readonly error: unknown } | undefined {
  return [...watched.values()].some(isAccepting) ? undefined : unhandled
}

/** Whether a server accepts connections, or is about to. */
export function isAccepting({ server, isPending }: WatchedServer): boolean {
  return server.listening || isPending
}

/** Whether a server accepts connections, is about to, or has some. */
function isUsed(watched: WatchedServer): boolean {
  return isAccepting(watched) || watched.connections.size + watched.sessions.size > 0
}

/** Resolves once a condition holds. It is checked after each change of a server. */
export function untilServers(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!isSo()) return
      listeners.delete(check)
      resolve()
    }
    listeners.add(check)
    check()
  })
}

/** The functions that are wrapped, whatever they take. */
interface ServerClass {
  listen(this: Server, ...given: unknown[]): Server
  close(this: Server, ...given: unknown[]): Server
  emit(this: Server, event: string, ...given: unknown[]): boolean
}

function watchClass(prototype: ServerClass): void {
  const { listen, close, emit } = prototype
  prototype.listen = function (this: Server, ...given: unknown[]): Server {
    const record = watch(this)
    record.isPending = true
    forgetFailure(this)
    noteReopened(this)
    try {
      return listen.call(this, ...given)
    } catch (error) {
      record.isPending = false
      throw error
    } finally {
      changed(record)
    }
  }
  prototype.close = function (this: Server, ...given: unknown[]): Server {
    return closeAgain(this, given[0]) ? this : close.call(this, ...given)
  }
  prototype.emit = function (this: Server, event: string, ...given: unknown[]): boolean {
    note(this, event, given)
    return emit.call(this, event, ...given)
  }
}

function forgetFailure(server: Server): void {
  failures.delete(server)
  if (unhandled?.server === server) unhandled = undefined
}

function noteFailure(server: Server, error: unknown): void {
  failures.set(server, error)
  if (server.listenerCount("error") === 0) unhandled = { server, error }
}

function note(server: Server, event: string, [first, second]: readonly unknown[]): void {
  switch (event) {
    case "listening":
    case "error":
    case "close": {
      if (event === "listening") listened.add(server)
      const record = watched.get(server)
      if (record === undefined) return
      if (event === "error" && record.isPending) noteFailure(server, first)
      record.isPending = false
      // `listening` is false before the event is out, and after it if the server was closed meanwhile.
      return queueMicrotask(() => changed(record))
    }
    case "connection":
      // Each connection of TLS has a second socket, for its decrypted data. Until the hello is complete, there is only this one.
      if (isOfTls(server) && !runtime.linksTlsSockets) return
      return noteConnection(server, first as Socket)
    case "secureConnection": {
      const socket = first as Socket & { readonly _parent?: Socket }
      if (socket._parent !== undefined) watch(server).connections.delete(socket._parent)
      return noteConnection(server, socket)
    }
    case "session":
      return noteSession(watch(server), first as Http2Session)
    case "request":
    case "checkContinue":
    case "checkExpectation":
      requestBegan(first as IncomingMessage)
      measureRequest(second as ServerResponse)
      return noteRequest(first as IncomingMessage, second as ServerResponse)
    case "clientError": {
      const connection = watch(server).connections.get(second as Socket)
      if (connection !== undefined) connection.isGivenUp = true
      return
    }
    case "stream":
      return requestBegan(first as ServerHttp2Stream)
    case "connect":
    case "upgrade": {
      requestBegan(first as IncomingMessage)
      const connection = watch(server).connections.get(second as Socket)
      if (connection !== undefined) noteUpgrade(connection, first as IncomingMessage)
      return
    }
    default:
  }
}

function noteConnection(server: Server, socket: Socket): void {
  const record = watch(server)
  record.latest = connectionOf(socket)
  record.connections.set(socket, record.latest)
  socket.once("close", () => {
    record.connections.delete(socket)
    changed(record)
  })
}

/** A session begins while its connection is reported. */
function noteSession(record: WatchedServer, session: Http2Session): void {
  if (record.latest !== undefined) record.latest.hasSession = true
  record.sessions.set(session, sessionOf(session))
  session.once("close", () => {
    record.sessions.delete(session)
    changed(record)
  })
}

/** Forgets a server that is no longer used, so that it can be freed. */
function changed(record: WatchedServer): void {
  if (!isUsed(record)) watched.delete(record.server)
  checkServers()
}

/** Checks again what others wait for. */
export function checkServers(): void {
  for (const listener of listeners) listener()
}

/** The servers of node:net, or of what is built on it, in what `run` returned. */
export function serversIn(resource: unknown): Server[] {
  return foundIn(resource, isServer)
}

/** The servers of one kind in what `run` returned: itself, the one of an app, or those among several. */
export function foundIn<Found>(
  resource: unknown,
  isOne: (resource: unknown) => resource is Found,
): Found[] {
  if (isOne(resource)) return [resource]
  if (Array.isArray(resource)) return resource.flatMap((one: unknown) => foundIn(one, isOne))
  if (typeof resource !== "object" || resource === null) return []
  return "server" in resource && isOne(resource.server) ? [resource.server] : []
}

/** Bun's HTTP servers are not servers of node:net, but have everything that is used here. */
export function isServer(resource: unknown): resource is Server {
  if (isOfNet(resource)) return true
  if (typeof resource !== "object" || resource === null) return false
  const { listening, close, once }: { [name in keyof Server]?: unknown } = resource
  return typeof listening === "boolean" && typeof close === "function" && typeof once === "function"
}

export function isOfNet(resource: unknown): boolean {
  return resource instanceof process.getBuiltinModule("node:net").Server
}

/** Whether a server speaks HTTP of any version. */
export function isOfHttp(server: Server): boolean {
  return "closeIdleConnections" in server || "updateSettings" in server
}

export function isOfTls(server: Server): boolean {
  return "setSecureContext" in server
}
