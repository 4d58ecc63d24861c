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
import { Server, type Socket } from "node:net"
import { closeAnything, closeEach } from "../../worker/close.ts"

/** How long a connection without a request is left open: longer than a request is on its way. */
const idleMs = 500

/** Closes what `run` has returned. */
export async function closeResource(resource: unknown): Promise<void> {
  if (Array.isArray(resource)) return closeEach(resource, closeResource)
  // The server of an app (fastify and others) goes first: an app that is being closed turns requests away.
  await drainResource(resource)
  if (!(resource instanceof Server)) await closeAnything(resource)
}

/** Drains the servers among what `run` has returned that still listen. */
export async function drainResource(resource: unknown): Promise<void> {
  await Promise.all(
    serversOf(resource)
      .filter(({ listening }) => listening)
      .map(drainServer),
  )
}

/** Resolves once every server that `run` has returned listens. Rejects with the error for which one cannot. */
export async function listeningOf(resource: unknown): Promise<void> {
  await Promise.all(serversOf(resource).map(untilListening))
}

function untilListening(server: Server): Promise<void> {
  if (server.listening) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.once("listening", () => {
      server.off("error", reject)
      resolve()
    })
    server.once("error", reject)
  })
}

const sessionsOf = new WeakMap<Server, Set<Http2Session>>()
const socketsOf = new WeakMap<Server, Set<Socket>>()

/**
 * Takes note of the connections of HTTP servers, and of the sessions of HTTP/2 servers, from now on: nobody else knows
 * them when they are to be closed.
 */
export function noteConnections(resource: unknown): void {
  for (const server of serversOf(resource)) noteConnectionsOf(server)
}

function noteConnectionsOf(server: Server): void {
  if (!isHttpServer(server) && !isHttp2Server(server)) return
  const sockets = noteEach<Socket>(server, "connection")
  // Over TLS a connection has a second socket, for what is encrypted in the first.
  socketsOf.set(server, noteEach(server, "secureConnection", sockets))
  if (isHttp2Server(server)) sessionsOf.set(server, noteEach<Http2Session>(server, "session"))
}

/** All that a server reports by an event, until it is closed. */
function noteEach<One extends Http2Session | Socket>(
  server: Server,
  event: string,
  noted = new Set<One>(),
): Set<One> {
  server.on(event, (one: One) => {
    noted.add(one)
    one.once("close", () => noted.delete(one))
  })
  return noted
}

/** A server, the one of an app, or those among several. */
function serversOf(resource: unknown): Server[] {
  if (resource instanceof Server) return [resource]
  if (Array.isArray(resource)) return resource.flatMap(serversOf)
  if (typeof resource !== "object" || resource === null) return []
  return "server" in resource && resource.server instanceof Server ? [resource.server] : []
}

async function drainServer(server: Server): Promise<void> {
  let sweep: NodeJS.Timeout | undefined
  await new Promise<void>((resolve) => {
    // Not the server's own close(): that of HTTP also ends connections whose first request is still on its way. The
    // only error there can be is that the server does not listen.
    Server.prototype.close.call(server, () => resolve())
    for (const session of sessionsOf.get(server) ?? []) session.close()
    // keepAliveTimeout stays as it is: a short one is told to clients, as `Keep-Alive: timeout=0`, and makes them connect
    // anew at once, which they are not to do before the port is closed everywhere (life.ts).
    sweep = setInterval(() => closeIdle(server), idleMs)
  })
  clearInterval(sweep)
}

/** Closes what has no request: after one, and before the first. A server of another protocol is not concerned. */
function closeIdle(server: Server): void {
  if (isHttpServer(server)) server.closeIdleConnections()
  for (const socket of socketsOf.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy()
}

function isHttpServer(server: Server): server is HttpServer {
  return "closeIdleConnections" in server && typeof server.closeIdleConnections === "function"
}

function isHttp2Server(server: Server): boolean {
  return "updateSettings" in server
}
