/**
 * Keeps the program from ending its idle HTTP connections at a stop, as `close()` of an HTTP server does, and stoppable, terminus,
 * http-terminator and Nitro: a request may be on its way. The drain ends them a moment later.
 */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { now } from "./clock.ts"
import { type Connection, heldOn, isAnswering, lookMs } from "./connections.ts"
import { runtime } from "./runtime.ts"
import { isOfHttp, isOfTls, watchedServers } from "./servers.ts"

/** What may be ended: connections after their last response, and all by the drain. */
const released = new WeakSet<object>()

/** Connections that the program has ended, and that were left open. */
const asked = new WeakSet<Socket>()

/** Since when connections are left open. Undefined before the stop. */
let leftSince: number | undefined

/**
 * From now on, the program ends no idle HTTP connections. Those that have a request or an upgrade are its own to end, and those
 * that are opened from now on: it may refuse a client.
 */
export function leaveIdleConnections(): void {
  if (leftSince !== undefined) return
  leftSince = now()
  const { prototype: server } = process.getBuiltinModule("node:http").Server
  server.closeIdleConnections = () => undefined
  if (runtime.hasOtherHttpServers) closeLater(server)
  const { prototype } = process.getBuiltinModule("node:net").Socket
  const { destroy, destroySoon, end } = prototype
  prototype.destroy = function (this: Socket, error?: Error) {
    return error === undefined && leaves(this) ? this : destroy.call(this, error)
  }
  prototype.end = function (this: Socket, ...given: unknown[]) {
    return given.length === 0 && leaves(this)
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
    setTimeout(() => close.apply(this, given), lookMs)
    return this
  }
}

/** Lets a connection or a server be ended. */
export function release<Ended extends object>(ended: Ended): Ended {
  released.add(ended)
  return ended
}

/** Whether the program has ended a connection that was left open. The drain ends it although its server may still listen. */
export function isAskedToEnd(socket: Socket): boolean {
  return asked.has(socket)
}

/** Notes that the program ends a connection. @returns whether it is left open. */
function leaves(socket: Socket): boolean {
  if (released.has(socket) || !isIdleOnHttp(socket)) return false
  asked.add(socket)
  return true
}

/** Whether nothing is in progress on an HTTP connection that was open at the stop, and is on both sides. */
function isIdleOnHttp(socket: Socket): boolean {
  if (socket.destroyed || !socket.readable || !socket.writable) return false
  const connection = connectionOn(socket)
  if (connection === undefined || connection.hasSession || connection.isGivenUp) return false
  if (connection.openedAt >= (leftSince ?? 0)) return false
  return heldOn(connection) === undefined && !isAnswering(connection)
}

function connectionOn(socket: Socket & { readonly encrypted?: boolean }): Connection | undefined {
  for (const { server, connections } of watchedServers()) {
    const connection = connections.get(socket)
    // One server may have passed it to another.
    if (connection === undefined || !isOfHttp(server)) continue
    // A connection of TLS that has not said hello is for the runtime to end.
    return isOfTls(server) && socket.encrypted !== true ? undefined : connection
  }
  return undefined
}
