// server.mjs
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import winston from "winston"

const log = winston.createLogger({ transports: [new winston.transports.Console()] })

createServer(async (request, response) => {
  await sleep(50) // Your work.
  log.info("answered", { url: request.url })
  response.end("hello\n")
}).listen(process.env.PORT ?? 3000)
