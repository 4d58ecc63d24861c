/**
 * How what `run` has returned is closed, so that nothing that was begun is lost.
 *
 * A server first stops to accept, then waits for its connections to end. Those of HTTP end with their next response
 * (closing-connections.ts); those that were idle before have no next response and are closed a moment later, when a
 * request that was already on its way has arrived. So are those that have never sent anything, such as a browser opens
 * in advance: several versions of Node take them for busy. How long all of it may take is decided elsewhere.
 */
import type { Server as HttpServer } from "node:http"
import type { Http2Session } from "node:http2"
import diagnostics from "node:diagnostics_channel"
import type { Server, Socket } from "node:net"
import { closeAnything, closeEach } from "../../worker/close.ts"
import { afterReading } from "./clock.ts"
import { drainNativeServer, isNativeServer } from "./native-server.ts"
import { runtime } from "./runtime.ts"

/** How long a connection without a request is left open: longer than a request is on its way. */
const idleMs = 500

/** How long a server that never has listened is waited for: longer than the primary takes to answer. */
const pendingMs = 500

/** Closes what `run` has returned. */
export async function closeResource(resource: unknown): Promise<void> {
  if (Array.isArray(resource)) return closeEach(resource, closeResource)
  // The server of an app (fastify and others) goes first: an app that is being closed turns requests away.
  await drainResource(resource)
  if (!isServer(resource) && !isNativeServer(resource)) await closeAnything(resource)
}

/** Drains the servers among what `run` has returned that still listen, or are about to. */
export async function drainResource(resource: unknown): Promise<void> {
  await Promise.all([
    ...serversOf(resource).map(async (server) => {
      if (await listensSoon(server)) await drainServer(server)
    }),
    ...foundIn(resource, isNativeServer).map(drainNativeServer),
  ])
}

/** The servers that have listened once. Those of them that do not any more were closed. */
const haveListened = new WeakSet<Server>()

/**
 * Whether a server listens. One that never has may be about to, as the primary has to open the port: it would accept
 * connections of which nobody takes care any more.
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

/** Resolves once every server that `run` has returned listens. Rejects with the error for which one cannot. */
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

/** How far a session of HTTP/2 has come. */
type SessionPhase = "new" | "waited for" | "used" | "told"

const sessionsOf = new WeakMap<Server, Map<Http2Session, SessionPhase>>()
const socketsOf = new WeakMap<Server, Set<Socket>>()

/**
 * Takes note of every connection of this process from now on, whatever server will be returned: some come before `run`
 * has settled.
 */
export function noteAllSockets(): void {
  diagnostics.subscribe("net.server.socket", (message) => {
    const { socket } = message as { readonly socket: Socket & { readonly server?: Server } }
    if (socket.server !== undefined) noteSocket(socket.server, socket)
  })
}

/**
 * Takes note of what else belongs to the servers among what `run` has returned, from now on: sessions of HTTP/2, and over
 * TLS a second socket for each connection, for what is encrypted in the first.
 */
export function noteConnections(resource: unknown): void {
  for (const server of serversOf(resource)) {
    if (!runtime.tellsOfSockets) server.on("connection", (socket) => noteSocket(server, socket))
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

/** Keeps a connection of a server until it is closed. */
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
  // One that closes its idle connections at once goes on to listen until they had time to end with a response.
  if (!isOfNet(server)) await sleep(idleMs)
  await new Promise<void>((resolve) => {
    stopListening(server, resolve)
    if (runtime.endsConnectionsUnlessListening) {
      Object.defineProperty(server, "listening", { value: true, configurable: true })
    }
    closeSessions(server)
    const passed = new WeakMap<Socket, number>()
    freshSockets(server, passed)
    // keepAliveTimeout stays as it is: a short one is told to clients, as `Keep-Alive: timeout=0`, and makes them connect
    // anew at once, which they are not to do before the port is closed everywhere (life.ts).
    sweep = setInterval(() => {
      // This process may have been busy, or suspended, while requests came: until they are read their connections look idle.
      afterReading(() => {
        closeSessions(server)
        closeIdle(server, passed)
      })
    }, idleMs)
  })
  clearInterval(sweep)
  if (runtime.endsConnectionsUnlessListening) Reflect.deleteProperty(server, "listening")
}

/** The only error there can be is that the server does not listen. */
function stopListening(server: Server, closed: () => void): void {
  // Not the server's own close(), if there is another: that of HTTP also ends connections whose first request is still
  // on its way.
  const { close } = isOfNet(server) ? process.getBuiltinModule("node:net").Server.prototype : server
  close.call(server, () => closed())
}

/** As high as a number of a stream can be. */
const lastStreamId = 2 ** 31 - 1

/**
 * Ends sessions as HTTP/2 has it, one step a sweep: first the client hears that there will be no more, and what it asks
 * until then is still answered. A session over which nothing was asked yet gets a sweep's time for that: there are
 * clients that would lose their first request.
 */
function closeSessions(server: Server): void {
  for (const [session, phase] of sessionsOf.get(server) ?? []) {
    if (session.closed || session.destroyed) continue
    if (phase === "new") sessionsOf.get(server)?.set(session, "waited for")
    else if (phase === "used") {
      session.goaway(0, lastStreamId)
      sessionsOf.get(server)?.set(session, "told")
    } else session.close()
  }
}

/** Closes what has had no request since the last sweep. A server of another protocol is not concerned. */
function closeIdle(server: Server, passed: WeakMap<Socket, number>): void {
  const fresh = freshSockets(server, passed)
  if (isHttpServer(server)) {
    // The runtime knows which connections are idle, but not for how long: those that have just become so are shielded.
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
 * The connections of a server on which something has passed since the last sweep, or that are new.
 *
 * @param passed how much had passed by then; it is brought up to date.
 */
function freshSockets(server: Server, passed: WeakMap<Socket, number>): Set<Socket> {
  const fresh = new Set<Socket>()
  for (const socket of socketsOf.get(server) ?? []) {
    // On Bun no byte of a request is counted. One that is answered is no number, and so unlike what was before and after.
    const bytes = isAnswering(socket) ? NaN : socket.bytesRead + socket.bytesWritten
    if (passed.get(socket) !== bytes) fresh.add(socket)
    passed.set(socket, bytes)
  }
  return fresh
}

/** Whether a request of HTTP/1.1 that came over it has not been answered to the end. */
function isAnswering({
  _httpMessage: response,
}: Socket & { readonly _httpMessage?: unknown }): boolean {
  return response !== undefined && response !== null
}

function isOfNet(resource: unknown): boolean {
  return resource instanceof process.getBuiltinModule("node:net").Server
}

/** Bun's servers of HTTP are none of node:net, but have all that is used of one. */
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
