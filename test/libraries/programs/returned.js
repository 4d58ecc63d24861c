/**
 * Servers of libraries, returned from `run` as their users would, one a name. Requests are answered 300 ms later. Nothing says how
 * they are closed.
 */
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import kamisama from "kamisama"

const [name, port] = process.argv.slice(2)

async function answer(_request, response) {
  console.log("request")
  await sleep(300)
  response.end("answer")
}

const libraries = {
  async express() {
    const { default: express } = await import("express")
    const app = express()
    app.get("/", answer)
    app.listen(port)
    return app
  },

  async koa() {
    const { default: Koa } = await import("koa")
    const app = new Koa()
    app.use(async (context) => {
      console.log("request")
      await sleep(300)
      context.body = "answer"
    })
    app.listen(port)
    return app
  },

  async fastify() {
    const { fastify } = await import("fastify")
    const app = fastify()
    app.get("/", async () => {
      console.log("request")
      await sleep(300)
      return "answer"
    })
    app.addHook("onClose", async () => console.log("cleaned"))
    await app.listen({ port: Number(port), host: "127.0.0.1" })
    return app
  },

  async nest() {
    await import("reflect-metadata")
    const { Module } = await import("@nestjs/common")
    const { NestFactory } = await import("@nestjs/core")
    class Root {
      async onApplicationShutdown(...given) {
        console.log(`cleaned ${String(given[0])}`)
      }
    }
    Module({})(Root)
    const app = await NestFactory.create(Root, { logger: false })
    app.getHttpAdapter().get("/", answer)
    await app.listen(port)
    return app
  },

  async ws() {
    const { WebSocketServer } = await import("ws")
    const server = createServer(answer).listen(port)
    const sockets = new WebSocketServer({ server })
    sockets.on("connection", () => console.log("connection"))
    sockets.on("close", () => console.log("cleaned"))
    return sockets
  },

  async "ws alone"() {
    const { WebSocketServer } = await import("ws")
    const sockets = new WebSocketServer({ port: Number(port) })
    sockets.on("connection", () => console.log("connection"))
    sockets.on("close", () => console.log("cleaned"))
    return sockets
  },

  async "socket.io"() {
    const { Server } = await import("socket.io")
    const server = createServer(answer).listen(port)
    const io = new Server(server, { transports: ["websocket"] })
    io.on("connection", (socket) => {
      console.log("connection")
      socket.on("disconnect", () => console.log("cleaned"))
    })
    return io
  },
}

const pool = kamisama({ workers: 1, run: () => libraries[name]() })
if (pool.isPrimary) void pool.ready.then(() => console.log("ready"))
