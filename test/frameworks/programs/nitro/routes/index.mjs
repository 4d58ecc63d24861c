// routes/index.mjs
import { setTimeout as sleep } from "node:timers/promises"
import { defineEventHandler } from "h3"

export default defineEventHandler(async () => {
  await sleep(50) // Your work.
  return "hello\n"
})
