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
    if (!this.headersSent && given[0] !== 101) {
      this.shouldKeepAlive = false
      this.setHeader("Connection", "close")
    }
    return writeHead.apply(this, given)
  }
}
