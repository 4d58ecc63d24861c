// server.mjs
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import pino from "pino"

const log = pino({
  base: { worker: process.env.KAMISAMA_ID },
  transport: { target: "pino/file", options: { destination: 1 } },
})

createServer(async (request, response) => {
  await sleep(50) // Your work.
  log.info({ url: request.url }, "answered")
  response.end("hello\n")
}).listen(process.env.PORT ?? 3000)
