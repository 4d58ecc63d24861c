/**
 * The server of a pod. Most requests take a moment, some up to a second. It accepts WebSockets, and streams events. Nothing in it knows how it
 * is supervised.
 */
import { createServer } from "node:http"
import { accept, sendEvents } from "../../../soak/programs/servers.js"

const slowShare = 0.2
const fastMs = 20
const [slowFromMs, slowToMs] = [300, 1_000]

export function serve(port) {
  const server = createServer(answer)
  server.on("upgrade", accept)
  return server.listen(port)
}

function answer({ url }, response) {
  response.setHeader("x-pid", process.pid)
  if (url === "/healthz") return response.end("ok\n")
  if (url === "/events") return sendEvents(response)
  const isSlow = Math.random() < slowShare
  const takesMs = isSlow
    ? slowFromMs + Math.random() * (slowToMs - slowFromMs)
    : Math.random() * fastMs
  setTimeout(() => response.end("hello"), takesMs)
}
