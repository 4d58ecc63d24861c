// cluster.mjs
import cluster from "node:cluster"
import { createServer } from "node:http"
import { createAdapter, setupPrimary } from "@socket.io/cluster-adapter"
import { setupMaster, setupWorker } from "@socket.io/sticky"
import kamisama from "kamisama"
import { Server } from "socket.io"

let io

kamisama({
  beforeFork() {
    cluster.setupPrimary({ serialization: "advanced" }) // The adapter sends binary messages.
    setupPrimary()
    const server = createServer()
    setupMaster(server, { loadBalancingMethod: "least-connection" })
    server.listen(process.env.PORT ?? 3000)
  },
  run() {
    io = new Server(createServer())
    io.adapter(createAdapter())
    setupWorker(io) // The primary hands it its connections.
    io.on("connection", (socket) => {
      socket.on("ask", (text, answer) => answer(`echo ${text}`))
      socket.on("say", (text) => io.emit("said", text))
    })
  },
  // It ends long polls, which would wait for up to 25 s, and their clients connect again.
  shutdown: () => io.close(),
  closeTimeout: 500, // The primary sends new connections to a worker that stops, too, until it has gone.
  signals: { SIGHUP: "reload" },
})
