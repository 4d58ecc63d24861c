/**
 * Servers with libraries that listen to stop signals, one a name. Each answers 300 ms later, and says when it has cleaned up. The
 * library is loaded only if it is asked for.
 */
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import kamisama from "kamisama"

const [name, port] = process.argv.slice(2)
/** Signals that no program recovers from. Deno refuses to listen to them. */
const fatal = ["SIGILL", "SIGBUS", "SIGFPE", "SIGSEGV"]
const signals = ["SIGTERM", "SIGINT"]

async function answer(_request, response) {
  console.log("request")
  await sleep(300)
  response.end("answer")
}

function clean() {
  console.log(`cleaned ${pool.isPrimary}`)
}

async function cleanLater() {
  await sleep(200)
  clean()
}

/** A nest app, as its guide shows it. */
async function nest() {
  await import("reflect-metadata")
  const { Module } = await import("@nestjs/common")
  const { NestFactory } = await import("@nestjs/core")
  class Root {
    onApplicationShutdown = cleanLater
  }
  Module({})(Root)
  const app = await NestFactory.create(Root, { logger: false })
  app.getHttpAdapter().get("/", answer)
  return app
}

const libraries = {
  async terminus() {
    const { createTerminus } = await import("@godaddy/terminus")
    const server = createServer(answer)
    createTerminus(server, { signals, onSignal: cleanLater, beforeShutdown: () => sleep(100) })
    server.listen(port)
  },

  async "terminus that exits"() {
    const { createTerminus } = await import("@godaddy/terminus")
    const server = createServer(answer)
    createTerminus(server, { signals, onSignal: cleanLater, useExit0: true })
    return server.listen(port)
  },

  async "close-with-grace"() {
    const { default: closeWithGrace } = await import("close-with-grace")
    const { fastify } = await import("fastify")
    const app = fastify()
    app.get("/", async () => {
      console.log("request")
      await sleep(300)
      return "answer"
    })
    app.addHook("onClose", cleanLater)
    closeWithGrace({ delay: 5_000, skip: fatal }, () => app.close())
    await app.listen({ port: Number(port), host: "127.0.0.1" })
    return app
  },

  // What it takes is done below, in the primary, too.
  "close-with-grace at the top level": () => createServer(answer).listen(port),

  async "http-terminator"() {
    const { createHttpTerminator } = await import("http-terminator")
    const server = createServer(answer)
    const { terminate } = createHttpTerminator({ server })
    process.on("SIGTERM", async () => {
      await terminate()
      clean()
      process.exit()
    })
    server.listen(port)
  },

  async stoppable() {
    const { default: stoppable } = await import("stoppable")
    const server = stoppable(createServer(answer), 5_000)
    process.on("SIGTERM", () => {
      server.stop((error) => {
        clean()
        process.exit(error ? 1 : 0)
      })
    })
    server.listen(port)
  },

  async "nest with hooks"() {
    const app = await nest()
    app.enableShutdownHooks(signals)
    await app.listen(port)
  },

  async "nest with hooks that is returned"() {
    const app = await nest()
    app.enableShutdownHooks(signals)
    return app.listen(port).then(() => app)
  },

  // A dependency that cleans up when the process ends.
  async "signal-exit"() {
    const { onExit } = await import("signal-exit")
    onExit(clean)
    setInterval(() => undefined, 60_000)
    return createServer(answer).listen(port)
  },

  async "exit-hook"() {
    const { asyncExitHook } = await import("exit-hook")
    asyncExitHook(cleanLater, { wait: 5_000 })
    return createServer(answer).listen(port)
  },
}

if (name === "close-with-grace at the top level") {
  const { default: closeWithGrace } = await import("close-with-grace")
  closeWithGrace({ delay: 5_000, skip: fatal }, cleanLater)
}

const pool = kamisama({
  workers: 2,
  signals: { SIGHUP: "reload" },
  run: () => libraries[name](),
})

if (pool.isPrimary) {
  void pool.ready.then(() => console.log("ready"))
  pool.on("reload", ({ phase }) => console.log(`reload ${phase}`))
}
