// server.mjs
import { setTimeout as sleep } from "node:timers/promises"
import Koa from "koa"

const app = new Koa()

app.use(async (context) => {
  await sleep(50) // Your work.
  context.body = "hello\n"
})

app.listen(process.env.PORT ?? 3000)
