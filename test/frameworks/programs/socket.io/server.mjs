// server.mjs
import { createServer } from "node:http"
import { Server } from "socket.io"

const server = createServer()
// Without sticky sessions, a client has to begin with a WebSocket: polling needs the same worker for each request.
const io = new Server(server, { transports: ["websocket"] })

io.on("connection", (socket) => {
  socket.on("ask", (text, answer) => answer(`echo ${text}`))
})

server.listen(process.env.PORT ?? 3000)
