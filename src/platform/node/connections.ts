/**
 * What an open connection of a server is waiting for, and how it is ended.
 *
 * A request that has begun is answered. What waits for its client is not a request: an idle connection, a head or TLS hello
 * that was sent in part, a WebSocket, an event stream, a tunnel.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2"
import type { Socket } from "node:net"
import { now } from "./clock.ts"

/** How far apart the looks at the connections are: longer than a request is on its way. */
export const lookMs = 500

/** What a client may keep open for as long as it likes. */
export type Held = "WebSocket" | "event stream" | "tunnel"

/** One connection of a server. */
export interface Connection {
  readonly socket: Socket
  readonly openedAt: number
  /** The other protocol that it was asked to go on in, and what had been written by then. */
  upgrade: { readonly to: "WebSocket" | "tunnel"; readonly bytesWritten: number } | undefined
  /** What it had transferred at the last look. */
  bytesRead: number
  bytesWritten: number
  /** Whether the client sent something last. */
  wasReadLast: boolean
  /** How many looks in a row found neither traffic nor a request. */
  quietLooks: number
  hasSaidGoodbye: boolean
  /** Whether it carries an HTTP/2 session, which is ended in its own way. */
  hasSession: boolean
  /** Whether what the client has sent is no HTTP. No request can follow. */
  isGivenUp: boolean
}

/** One HTTP/2 session of a server: how far its end has come, and its open streams. */
export interface Session {
  phase: "new" | "waiting" | "used" | "going away"
  readonly streams: Map<ServerHttp2Stream, { readonly isTunnel: boolean }>
}

/** A connection that was just opened. */
export function connectionOf(socket: Socket): Connection {
  return {
    socket,
    openedAt: now(),
    upgrade: undefined,
    // The first look finds a difference.
    bytesRead: -1,
    bytesWritten: -1,
    wasReadLast: false,
    quietLooks: 0,
    hasSaidGoodbye: false,
    hasSession: false,
    isGivenUp: false,
  }
}

/** A session that was just opened. Keeps track of its streams. */
export function sessionOf(http2Session: Http2Session): Session {
  const session: Session = { phase: "new", streams: new Map() }
  http2Session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    if (session.phase !== "going away") session.phase = "used"
    session.streams.set(stream, { isTunnel: headers[":method"] === "CONNECT" })
    stream.once("close", () => session.streams.delete(stream))
  })
  return session
}

/** A request asks to go on in another protocol. */
export function noteUpgrade(connection: Connection, { method, headers }: IncomingMessage): void {
  const isWebSocket = method !== "CONNECT" && headers.upgrade?.toLowerCase() === "websocket"
  const { bytesWritten } = connection.socket
  connection.upgrade = { to: isWebSocket ? "WebSocket" : "tunnel", bytesWritten }
}

/** Looks at the traffic of a connection. The looks are equally far apart. */
export function lookAt(connection: Connection): void {
  const { bytesRead, bytesWritten } = connection.socket
  const isReading = bytesRead !== connection.bytesRead
  const isWriting = bytesWritten !== connection.bytesWritten
  if (isReading || isWriting) connection.wasReadLast = !isWriting
  const isQuiet = !isReading && !isWriting && !isAnswering(connection)
  connection.quietLooks = isQuiet ? connection.quietLooks + 1 : 0
  connection.bytesRead = bytesRead
  connection.bytesWritten = bytesWritten
}

/**
 * Whether nothing was on its way for long enough. A client that has sent a part of something gets a second look: it may be
 * slow.
 */
export function isIdle({ quietLooks, wasReadLast }: Connection): boolean {
  return quietLooks > (wasReadLast ? 1 : 0)
}

/** Whether an HTTP/1.1 request is not fully answered. */
export function isAnswering({ socket }: Connection): boolean {
  return responseOn(socket) !== undefined
}

/** What a client keeps open, if it does. */
export function heldOn({ socket, upgrade }: Connection): Held | undefined {
  if (upgrade !== undefined) return upgrade.to
  const response = responseOn(socket)
  return response !== undefined && isEventStream(response) ? "event stream" : undefined
}

/** What a client keeps open by a stream, if it does. */
export function heldBy(stream: ServerHttp2Stream, { streams }: Session): Held | undefined {
  if (streams.get(stream)?.isTunnel === true) return "tunnel"
  return isEventType(stream.sentHeaders?.["content-type"]) ? "event stream" : undefined
}

/** Lets the client know that the server is going away. */
export function sayGoodbye(connection: Connection): void {
  const { socket, upgrade, hasSaidGoodbye } = connection
  if (upgrade === undefined) return endStream(responseOn(socket))
  // Until something was written, the program has not accepted the WebSocket.
  const isAccepted = socket.bytesWritten > upgrade.bytesWritten
  if (upgrade.to !== "WebSocket" || !isAccepted || hasSaidGoodbye || !socket.writable) return
  connection.hasSaidGoodbye = true
  socket.write(goingAway)
}

/** The frame that closes a WebSocket with status 1001, "going away" (RFC 6455, section 5.5.1). */
const goingAway = Uint8Array.of(0x88, 0x02, 0x03, 0xe9)

/** Ends an event stream. If the program then writes to it once more, that is no error. */
export function endStream(stream: ServerResponse | ServerHttp2Stream | undefined): void {
  if (stream === undefined || stream.writableEnded) return
  stream.on("error", () => undefined)
  stream.end()
}

/** The HTTP/1.1 response that is not complete on a connection. */
function responseOn(socket: Socket & { readonly _httpMessage?: unknown }): Response | undefined {
  return (socket._httpMessage as Response | null | undefined) ?? undefined
}

/** `_header` is the head as it was sent. Node has headers that are given to `writeHead` only there. */
type Response = ServerResponse & { readonly _header?: string | null }

function isEventStream(response: Response): boolean {
  if (!response.headersSent) return false
  const [, type = response.getHeader("content-type")] =
    /^content-type: *(.*)$/im.exec(response._header ?? "") ?? []
  return isEventType(type)
}

function isEventType(type: unknown): boolean {
  return /^text\/event-stream\b/i.test(String(type))
}
