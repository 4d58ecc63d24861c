/**
 * Keeps the program from ending its idle HTTP connections at a stop, as `close()` of an HTTP server does, and stoppable, terminus,
 * http-terminator and Nitro: a request may be on its way. The drain ends them a moment later.
 */
import type { Socket } from "node:net"
import { type Connection, heldOn, isAnswering } from "./connections.ts"
import { isOfHttp, watchedServers } from "./servers.ts"

/** Connections that may be ended: by the drain, or after their last response. */
const released = new WeakSet<Socket>()

/** From now on, the program ends no idle HTTP connections. Those that have a request or an upgrade are its own to end. */
export function leaveIdleConnections(): void {
  const { Server } = process.getBuiltinModule("node:http")
  Server.prototype.closeIdleConnections = () => undefined
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

/** Lets a connection be ended. */
export function release(socket: Socket): Socket {
  released.add(socket)
  return socket
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
