// server.mjs
import { setTimeout as sleep } from "node:timers/promises"
import { serve } from "@hono/node-server"
import { Hono } from "hono"

const app = new Hono()

app.get("/", async (context) => {
  await sleep(50) // Your work.
  return context.text("hello\n")
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
