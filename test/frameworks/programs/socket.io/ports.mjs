// ports.mjs
import { createServer } from "node:http"
import { Server } from "socket.io"

const server = createServer()
const io = new Server(server)

io.on("connection", (socket) => {
  socket.on("ask", (text, answer) => answer(`echo ${text}`))
})

// Worker 1 listens on 3001, worker 2 on 3002.
server.listen(Number(process.env.PORT ?? 3000) + Number(process.env.KAMISAMA_ID ?? 1))

// A long poll waits for up to 25 s. This ends it, and its client connects again.
process.once("SIGTERM", () => io.close())
