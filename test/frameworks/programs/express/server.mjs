// server.mjs
import { setTimeout as sleep } from "node:timers/promises"
import express from "express"

const app = express()

app.get("/", async (_request, response) => {
  await sleep(50) // Your work.
  response.send("hello\n")
})

app.listen(process.env.PORT ?? 3000)
