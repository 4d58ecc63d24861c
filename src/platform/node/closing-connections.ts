/**
 * Ends every HTTP/1.1 connection of this process with its next response. Otherwise a server would not close while clients
 * keep their connections busy.
 *
 * `Connection: close` announces the end to the client, so it loses no request. With `stopDelay`, this begins before the stop, so that
 * clients are elsewhere by then. Responses to requests in flight must carry it too, and a subscriber to `http.server.request.start`
 * would be too late for those. Therefore the function that writes headers is wrapped, then and not before. See
 * docs/decisions/connection-close.md.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"

let isClosing = false

/** The response to the latest request of each connection that has sent several at once (pipelining). */
const latest = new WeakMap<Socket, ServerResponse>()

/** A request has begun. */
export function noteRequest(
  { socket }: IncomingMessage & { readonly socket: Socket & { readonly _httpMessage?: unknown } },
  response: ServerResponse,
): void {
  if (socket._httpMessage !== response) latest.set(socket, response)
}

/** From now on, the responses of this process's HTTP/1.1 servers end their connections. */
export function closeConnectionsAfterResponses(): void {
  if (isClosing) return
  isClosing = true
  // Imported only now, so that a process without HTTP does not pay for it at the start.
  const { prototype } = process.getBuiltinModule("node:http").ServerResponse
  const writeHead = prototype.writeHead as (...given: unknown[]) => ServerResponse
  prototype.writeHead = function (this: ServerResponse, ...given: unknown[]) {
    // An upgraded connection no longer speaks HTTP.
    if (this.headersSent || given[0] === 101 || isFollowed(this))
      return writeHead.apply(this, given)
    // Node then writes `Connection: close` on its own, unless the user's code sets the header: a proxy that forwards the
    // headers of its upstream sets keep-alive.
    this.shouldKeepAlive = false
    if (this.hasHeader("connection")) this.setHeader("Connection", "close")
    return writeHead.apply(this, given.map(closing))
  }
}

/** Whether the client waits for the response to a later request on the same connection. */
function isFollowed(response: ServerResponse): boolean {
  const last = latest.get(response.req.socket)
  return last !== undefined && last !== response && !last.writableFinished && !last.destroyed
}

/** Headers in any form that `writeHead` takes, with each `Connection` set to `close`. */
function closing(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given
  if (!Array.isArray(given)) {
    const names = Object.keys(given).filter(isConnection)
    return names.length === 0
      ? given
      : { ...given, ...Object.fromEntries(names.map((name) => [name, "close"])) }
  }
  const list: readonly unknown[] = given
  return list.map((item, index) => {
    if (Array.isArray(item)) return isConnection(item[0]) ? [item[0], "close"] : item
    return index % 2 === 1 && isConnection(list[index - 1]) ? "close" : item
  })
}

function isConnection(name: unknown): boolean {
  return typeof name === "string" && name.toLowerCase() === "connection"
}
