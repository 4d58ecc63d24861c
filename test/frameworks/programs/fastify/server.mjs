// server.mjs
import { setTimeout as sleep } from "node:timers/promises"
import Fastify from "fastify"

export const app = Fastify()

app.get("/", async () => {
  await sleep(50) // Your work.
  return "hello\n"
})

app.addHook("onClose", async () => console.log("closed"))

await app.listen({ port: Number(process.env.PORT ?? 3000), host: "0.0.0.0" })
