/**
 * Keeps the program from ending its idle HTTP connections at a stop, as `close()` of an HTTP server does, and stoppable, terminus,
 * http-terminator and Nitro: a request may be on its way. The drain ends them a moment later.
 */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { type Connection, heldOn, isAnswering } from "./connections.ts"
import { runtime } from "./runtime.ts"
import { isOfHttp, watchedServers } from "./servers.ts"

/** How long a server that ends its idle connections when it is closed stays open: longer than a request is on its way. */
const closeAfterMs = 500

/** What may be ended: connections after their last response, and all by the drain. */
const released = new WeakSet<object>()

/** From now on, the program ends no idle HTTP connections. Those that have a request or an upgrade are its own to end. */
export function leaveIdleConnections(): void {
  const { prototype: server } = process.getBuiltinModule("node:http").Server
  server.closeIdleConnections = () => undefined
  if (runtime.hasOtherHttpServers) closeLater(server)
  const { prototype } = process.getBuiltinModule("node:net").Socket
  const { destroy, destroySoon, end } = prototype
  prototype.destroy = function (this: Socket, error?: Error) {
    return error === undefined && isLeft(this) ? this : destroy.call(this, error)
  }
  prototype.end = function (this: Socket, ...given: unknown[]) {
    const isAsked = given.length === 0 || given[0] === undefined
    return isAsked && isLeft(this)
      ? this
      : (end as (...all: unknown[]) => Socket).apply(this, given)
  }
  // The runtime calls it after the last response of a connection.
  prototype.destroySoon = function (this: Socket) {
    destroySoon.call(release(this))
  }
}

/** Servers that end idle connections themselves are closed a moment later than the program says. */
function closeLater(prototype: Server): void {
  const { close } = prototype
  prototype.close = function (this: Server, ...given) {
    if (released.has(this)) return close.apply(this, given)
    setTimeout(() => close.apply(this, given), closeAfterMs)
    return this
  }
}

/** Lets a connection or a server be ended. */
export function release<Ended extends object>(ended: Ended): Ended {
  released.add(ended)
  return ended
}

/** Whether nothing is in progress on an HTTP connection whose two sides are open. */
function isLeft(socket: Socket): boolean {
  if (released.has(socket) || socket.destroyed || !socket.readable || !socket.writable) return false
  const connection = connectionOn(socket)
  if (connection === undefined || connection.hasSession) return false
  return heldOn(connection) === undefined && !isAnswering(connection)
}

function connectionOn(socket: Socket): Connection | undefined {
  for (const { server, connections } of watchedServers()) {
    const connection = connections.get(socket)
    if (connection !== undefined) return isOfHttp(server) ? connection : undefined
  }
  return undefined
}
