/**
 * The connections that wait in the primary for the next worker, under round robin.
 *
 * There, the primary accepts each connection at once, and node:cluster queues it. While no worker listens, that queue would
 * take every descriptor of the primary, and it could fork no worker. So as many wait as leave enough, and more are closed.
 *
 * Observed in Node 20 to 26: node:cluster opens the listening handle by a server, in the same turn in which it takes in the
 * request of a worker, and takes it from the server once that listens. It then answers the request.
 */
import diagnostics from "node:diagnostics_channel"
import type { Server } from "node:net"
import { descriptorLimit, noteDescriptor } from "./descriptors.ts"

/** The connections that wait before one handle. */
export interface WaitingConnections {
  /** Hands them out. */
  pass(): void
  /** Closes them. */
  close(): void
  /** Accepts what has arrived by now, and nothing after that: others listen on the same socket. */
  stopAccepting(): void
  /** A worker has taken a connection. */
  taken(): void
  /** Calls back once the socket is closed here. */
  onClose(callback: () => void): void
  /** The descriptor of the socket that listens; -1 if it has none. */
  readonly fd: number
  /** How many connections were accepted so far. */
  readonly accepted: number
  /** How many of them are done with: a worker has taken them, or they were closed. */
  readonly settled: number
}

/** What can be closed. */
export interface Closable {
  close(...given: readonly unknown[]): void
}

/** Calls back right after a handle is closed, the first time. */
export function onClose(handle: Closable, callback: () => void): void {
  const close = handle.close.bind(handle)
  let isClosed = false
  handle.close = (...given) => {
    close(...given)
    if (!isClosed) callback()
    isClosed = true
  }
}

interface Handle extends Closable {
  getsockname?: (address: object) => number
  readonly fd?: number
  onconnection: (error: number, connection?: Connection) => void
}

interface Connection {
  /** Absent on Windows. */
  readonly fd?: number
  close(): void
}

/** How many connections wait at the most, if the system allows more than four times as many descriptors. */
const usualMost = 1_024

const handles = new WeakMap<object, Handle>()

let opening: object | undefined

/**
 * A worker that begins to listen during a stop is told the address of the handle. Of one that is closed there is none, and Node would take
 * the port for one that is in use.
 */
function keepAddress(handle: Handle): void {
  const address = {}
  if (handle.getsockname === undefined || handle.getsockname(address) !== 0) return
  handle.getsockname = (asked) => {
    Object.assign(asked, address)
    return 0
  }
}

/** From now on, handles are found by the requests that they were opened for. */
export function noteHandles(): void {
  diagnostics.subscribe("tracing:net.server.listen:asyncStart", (message) => {
    const query = opening
    if (query === undefined) return
    const { server } = message as { readonly server: Server & { readonly _handle: Handle } }
    server.once("listening", () => handles.set(query, server._handle))
  })
}

/** node:cluster takes in a request in this very turn. */
export function noteQuery(query: object): void {
  opening = query
  queueMicrotask(() => (opening = undefined))
}

/**
 * Lets connections wait before the handle that a request has opened. Undefined if the primary does not accept them.
 *
 * @param isServed whether a worker listens.
 */
export function holdConnections(
  query: object,
  isServed: () => boolean,
): WaitingConnections | undefined {
  const handle = handles.get(query)
  if (handle === undefined) return undefined
  const distribute = handle.onconnection
  const waiting: Connection[] = []
  let most: number | undefined
  let accepted = 0
  let settled = 0
  handle.onconnection = (error, connection) => {
    noteDescriptor(connection?.fd)
    if (connection !== undefined) accepted += 1
    if (isServed() || connection === undefined) return distribute(error, connection)
    // A quarter of what this process may open.
    most ??= Math.min(usualMost, Math.floor(descriptorLimit() / 4))
    if (waiting.length < most) waiting.push(connection)
    else {
      settled += 1
      connection.close()
    }
  }
  return {
    pass() {
      for (const connection of waiting.splice(0)) distribute(0, connection)
    },
    close() {
      for (const connection of waiting.splice(0)) {
        settled += 1
        connection.close()
      }
    },
    stopAccepting() {
      // Everything that has arrived is accepted between two turns.
      setImmediate(() =>
        setImmediate(() => {
          keepAddress(handle)
          // node:cluster closes it once more when the last worker has gone, which does nothing.
          handle.close()
        }),
      )
    },
    get fd() {
      return handle.fd ?? -1
    },
    taken: () => void (settled += 1),
    onClose: (callback) => onClose(handle, callback),
    get accepted() {
      return accepted
    },
    get settled() {
      return settled
    },
  }
}
