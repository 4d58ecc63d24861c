/**
 * The servers of a soaked worker: one for requests, event streams and WebSockets, and two for connections on which something
 * is only begun, a head or a TLS hello.
 */
import { createServer } from "node:http"
import { createServer as createTlsServer } from "node:https"

/** How often an event stream says something, in ms. */
const tickMs = 100

/**
 * Lets them listen, one port after the other.
 *
 * @param tell sends a line to the control socket.
 */
export function serve(port, tell) {
  const server = createServer(answer)
  server.on("upgrade", accept)
  const [heads, hellos] = [createServer(answer), createTlsServer(answer)]
  for (const each of [heads, hellos]) {
    each.on("connection", ({ remotePort }) => tell(`begun ${remotePort}`))
  }
  heads.listen(port + 1, "127.0.0.1")
  hellos.listen(port + 2, "127.0.0.1")
  return [server.listen(port, "127.0.0.1", () => tell("serving")), heads, hellos]
}

function answer({ url }, response) {
  response.setHeader("x-pid", process.pid)
  if (url === "/events") return sendEvents(response)
  response.flushHeaders()
  setTimeout(() => response.end("hello"), Math.random() * 20)
}

/** Streams events for as long as its client stays. */
export function sendEvents(response) {
  response.setHeader("content-type", "text/event-stream")
  response.flushHeaders()
  const ticking = setInterval(() => response.write("data: tick\n\n"), tickMs)
  response.on("close", () => clearInterval(ticking))
}

/** Accepts a WebSocket, repeats what it says, and answers when it is closed. Each frame of a client comes in one piece. */
export function accept(_request, socket) {
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
  socket.write([...head, `X-Pid: ${process.pid}`, "", ""].join("\r\n"))
  socket.on("error", () => undefined)
  socket.on("data", (data) => {
    if (data[0] === 0x88 || data.includes(close)) return socket.end()
    socket.write(hi)
  })
}

/** "hi" in a frame, and what a frame begins with by which a client closes a WebSocket. */
const hi = Uint8Array.of(0x81, 0x02, 0x68, 0x69)
const close = Uint8Array.of(0x88, 0x82)
