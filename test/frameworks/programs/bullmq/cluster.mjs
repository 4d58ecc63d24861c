// cluster.mjs
import { setTimeout as sleep } from "node:timers/promises"
import kamisama from "kamisama"

kamisama({
  async run() {
    const { Worker } = await import("bullmq")
    const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT ?? 6379) }
    // What is returned is closed at the stop: it finishes the jobs that it has.
    return new Worker(
      "mails",
      async (job) => {
        await sleep(50) // Your work.
        return `sent ${job.data.to}`
      },
      { connection, concurrency: 4 },
    )
  },
  signals: { SIGHUP: "reload" },
})
