// server.mjs
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { Counter } from "prom-client"

const requests = new Counter({ name: "requests_total", help: "Requests that were answered" })

createServer(async (_request, response) => {
  await sleep(50) // Your work.
  requests.inc()
  response.end("hello\n")
}).listen(process.env.PORT ?? 3000)
