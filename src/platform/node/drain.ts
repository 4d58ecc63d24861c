/**
 * Closes what `run` returned, so that no request that has begun is lost.
 *
 * A server first stops accepting connections, then waits for the open ones to end. HTTP connections end with their next
 * response (closing-connections.ts). Idle ones have no next response. They are closed a moment later, when a request that
 * was already on its way has arrived. The same goes for connections that never sent anything, such as those that browsers
 * open in advance: several versions of Node take them for busy. The time limit is enforced elsewhere.
 */
import type { Server as HttpServer } from "node:http"
import type { Http2Session } from "node:http2"
import diagnostics from "node:diagnostics_channel"
import type { Server, Socket } from "node:net"
import { closeAnything, closeEach } from "../../worker/close.ts"
import { afterReading } from "./clock.ts"
import { drainNativeServer, isNativeServer } from "./native-server.ts"
import { runtime } from "./runtime.ts"

/** How long a connection without a request stays open: longer than a request is on its way. */
const idleMs = 500

/** How long to wait for a server that has never listened: longer than the primary takes to answer. */
const pendingMs = 500

/** Closes what `run` returned. */
export async function closeResource(resource: unknown): Promise<void> {
  if (Array.isArray(resource)) return closeEach(resource, closeResource)
  // The server of an app (fastify and others) is first. An app that is being closed rejects requests.
  await drainResource(resource)
  if (!isServer(resource) && !isNativeServer(resource)) await closeAnything(resource)
}

/** Drains the servers in what `run` returned that still listen, or are about to. */
export async function drainResource(resource: unknown): Promise<void> {
  await Promise.all([
    ...serversOf(resource).map(async (server) => {
      if (await listensSoon(server)) await drainServer(server)
    }),
    ...foundIn(resource, isNativeServer).map(drainNativeServer),
  ])
}

/** The servers that have listened. If one of them does not listen now, it was closed. */
const haveListened = new WeakSet<Server>()

/**
 * Whether a server listens. One that never has may be about to, because the primary opens the port. It would then accept
 * connections that nothing answers.
 */
async function listensSoon(server: Server): Promise<boolean> {
  if (!server.listening && !haveListened.has(server)) {
    let timer: NodeJS.Timeout | undefined
    const wait = new Promise((resolve) => (timer = setTimeout(resolve, pendingMs)))
    await Promise.race([untilListening(server).catch(() => undefined), wait])
    clearTimeout(timer)
  }
  return server.listening
}

/** Resolves once every server that `run` returned listens. Rejects with the error of one that cannot. */
export async function listeningOf(resource: unknown): Promise<void> {
  await Promise.all(serversOf(resource).map(untilListening))
}

function untilListening(server: Server): Promise<void> {
  if (server.listening) {
    haveListened.add(server)
    return Promise.resolve()
  }
  return new Promise((resolve, reject) => {
    server.once("listening", () => {
      haveListened.add(server)
      server.off("error", reject)
      resolve()
    })
    server.once("error", reject)
  })
}

/** The progress of an HTTP/2 session. */
type SessionPhase = "new" | "waiting" | "used" | "going away"

const sessionsOf = new WeakMap<Server, Map<Http2Session, SessionPhase>>()
const socketsOf = new WeakMap<Server, Set<Socket>>()

/**
 * Tracks every connection of this process from now on, whatever server will be returned. Some arrive before `run` has
 * settled.
 */
export function noteAllSockets(): void {
  diagnostics.subscribe("net.server.socket", (message) => {
    const { socket } = message as { readonly socket: Socket & { readonly server?: Server } }
    if (socket.server !== undefined) noteSocket(socket.server, socket)
  })
}

/**
 * From now on, tracks what else belongs to the servers in what `run` returned: HTTP/2 sessions, and the second socket that
 * each TLS connection has for its decrypted data.
 */
export function noteConnections(resource: unknown): void {
  for (const server of serversOf(resource)) {
    if (!runtime.reportsSockets) server.on("connection", (socket) => noteSocket(server, socket))
    server.on("secureConnection", (socket: Socket) => noteSocket(server, socket))
    if (isHttp2Server(server)) {
      server.on("session", (session: Http2Session) => noteSession(server, session))
    }
  }
}

function noteSession(server: Server, session: Http2Session): void {
  const sessions = sessionsOf.get(server) ?? new Map<Http2Session, SessionPhase>()
  sessionsOf.set(server, sessions.set(session, "new"))
  session.once("stream", () => sessions.set(session, "used"))
  session.once("close", () => sessions.delete(session))
}

/** Tracks a connection of a server until it is closed. */
function noteSocket(server: Server, socket: Socket): void {
  const sockets = socketsOf.get(server) ?? new Set()
  socketsOf.set(server, sockets.add(socket))
  socket.once("close", () => sockets.delete(socket))
}

function serversOf(resource: unknown): Server[] {
  return foundIn(resource, isServer)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A server, the one of an app, or those among several. */
function foundIn<Found>(
  resource: unknown,
  isOne: (resource: unknown) => resource is Found,
): Found[] {
  if (isOne(resource)) return [resource]
  if (Array.isArray(resource)) return resource.flatMap((one: unknown) => foundIn(one, isOne))
  if (typeof resource !== "object" || resource === null) return []
  return "server" in resource && isOne(resource.server) ? [resource.server] : []
}

async function drainServer(server: Server): Promise<void> {
  let sweep: NodeJS.Timeout | undefined
  // This kind of server closes idle connections at once, so it keeps listening until they had time to end with a response.
  if (!isOfNet(server)) await sleep(idleMs)
  await new Promise<void>((resolve) => {
    stopListening(server, resolve)
    if (runtime.endsConnectionsUnlessListening) {
      Object.defineProperty(server, "listening", { value: true, configurable: true })
    }
    closeSessions(server)
    const passed = new WeakMap<Socket, number>()
    freshSockets(server, passed)
    // keepAliveTimeout stays as it is. A short one is sent to clients as `Keep-Alive: timeout=0` and makes them reconnect at
    // once. They must not do so before the port is closed everywhere (life.ts).
    sweep = setInterval(() => {
      // This process may have been busy or suspended while requests arrived. Until they are read, their connections look
      // idle.
      afterReading(() => {
        closeSessions(server)
        closeIdle(server, passed)
      })
    }, idleMs)
  })
  clearInterval(sweep)
  if (runtime.endsConnectionsUnlessListening) Reflect.deleteProperty(server, "listening")
}

/** The only possible error is that the server does not listen. */
function stopListening(server: Server, closed: () => void): void {
  // close() of node:net if possible, because that of HTTP also ends connections whose first request is still on its way.
  const { close } = isOfNet(server) ? process.getBuiltinModule("node:net").Server.prototype : server
  close.call(server, () => closed())
}

/** The highest possible stream number. */
const lastStreamId = 2 ** 31 - 1

/**
 * Ends HTTP/2 sessions, one step per sweep. The client is first informed with GOAWAY, and what it requested by then is
 * still answered. A session without a request gets the time of one sweep first, because some clients would lose their first
 * request.
 */
function closeSessions(server: Server): void {
  for (const [session, phase] of sessionsOf.get(server) ?? []) {
    if (session.closed || session.destroyed) continue
    if (phase === "new") sessionsOf.get(server)?.set(session, "waiting")
    else if (phase === "used") {
      session.goaway(0, lastStreamId)
      sessionsOf.get(server)?.set(session, "going away")
    } else session.close()
  }
}

/** Closes HTTP connections without a request since the last sweep. */
function closeIdle(server: Server, passed: WeakMap<Socket, number>): void {
  const fresh = freshSockets(server, passed)
  if (isHttpServer(server)) {
    // The runtime knows which connections are idle, but not for how long. Those that have just become idle are shielded.
    for (const socket of fresh) socket.destroy = () => socket
    server.closeIdleConnections()
    for (const socket of fresh) Reflect.deleteProperty(socket, "destroy")
  }
  if (!isHttpServer(server) && !isHttp2Server(server)) return
  for (const socket of socketsOf.get(server) ?? []) {
    if (socket.bytesRead === 0 && !fresh.has(socket)) socket.destroy()
  }
}

/**
 * The connections of a server that are new, or that transferred data since the last sweep.
 *
 * @param passed how much each had transferred by then. It is updated.
 */
function freshSockets(server: Server, passed: WeakMap<Socket, number>): Set<Socket> {
  const fresh = new Set<Socket>()
  for (const socket of socketsOf.get(server) ?? []) {
    // Bun does not count the bytes of requests. NaN differs from any count, so a connection with an open request is fresh.
    const bytes = isAnswering(socket) ? NaN : socket.bytesRead + socket.bytesWritten
    if (passed.get(socket) !== bytes) fresh.add(socket)
    passed.set(socket, bytes)
  }
  return fresh
}

/** Whether an HTTP/1.1 request on this connection is not fully answered. */
function isAnswering({
  _httpMessage: response,
}: Socket & { readonly _httpMessage?: unknown }): boolean {
  return response !== undefined && response !== null
}

function isOfNet(resource: unknown): boolean {
  return resource instanceof process.getBuiltinModule("node:net").Server
}

/** Bun's HTTP servers are not servers of node:net, but have everything that is used here. */
function isServer(resource: unknown): resource is Server {
  if (isOfNet(resource)) return true
  if (typeof resource !== "object" || resource === null) return false
  const { listening, close, once }: { [name in keyof Server]?: unknown } = resource
  return typeof listening === "boolean" && typeof close === "function" && typeof once === "function"
}

function isHttpServer(server: Server): server is HttpServer {
  return "closeIdleConnections" in server && typeof server.closeIdleConnections === "function"
}

function isHttp2Server(server: Server): boolean {
  return "updateSettings" in server
}
