// server.mjs
import { createServer } from "node:http"
import { WebSocketServer } from "ws"

const server = createServer((_request, response) => response.end("hello\n"))
const sockets = new WebSocketServer({ server })

sockets.on("connection", (socket) => {
  socket.on("message", (message) => socket.send(`echo ${message}`))
})

server.listen(process.env.PORT ?? 3000)
