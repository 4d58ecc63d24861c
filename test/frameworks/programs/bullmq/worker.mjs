// worker.mjs
import { setTimeout as sleep } from "node:timers/promises"
import { Worker } from "bullmq"

const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT ?? 6379) }

const worker = new Worker(
  "mails",
  async (job) => {
    await sleep(50) // Your work.
    return `sent ${job.data.to}`
  },
  { connection, concurrency: 4 },
)

process.once("SIGTERM", async () => {
  await worker.close() // It finishes the jobs that it has.
  process.exit()
})
