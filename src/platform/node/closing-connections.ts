/**
 * Lets every HTTP/1.1 connection of this process end with its next response, so that a server that is being closed does
 * end under clients that keep their connections busy.
 *
 * A client is told by `Connection: close`, and no request of it is lost. It is told by the responses to requests that
 * are in flight too, which a subscriber to `http.server.request.start` would come too late for; so the place where
 * headers are written is wrapped, at the stop and not before. See docs/decisions/connection-close.md.
 */
import type { ServerResponse } from "node:http"

let isClosing = false

/** From now on the responses of this process's HTTP/1.1 servers end their connections. */
export function closeConnectionsAfterResponses(): void {
  if (isClosing) return
  isClosing = true
  // Imported only now: whoever serves no HTTP does not pay for it at the start.
  const { prototype } = process.getBuiltinModule("node:http").ServerResponse
  const writeHead = prototype.writeHead as (...given: unknown[]) => ServerResponse
  prototype.writeHead = function (this: ServerResponse, ...given: unknown[]) {
    // An upgraded connection is no longer one of HTTP.
    if (this.headersSent || given[0] === 101) return writeHead.apply(this, given)
    // Node then writes `Connection: close` by itself, unless the user's code says something else about it: a proxy that
    // passes on the headers of its upstream says keep-alive.
    this.shouldKeepAlive = false
    if (this.hasHeader("connection")) this.setHeader("Connection", "close")
    return writeHead.apply(this, given.map(closing))
  }
}

/** Headers in any of the forms that `writeHead` takes, with any `Connection` in them made `close`. */
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
