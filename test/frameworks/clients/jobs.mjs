/** Adds jobs to the queue, and waits until each has been done. A job that was done twice, or failed, is lost. */
import { Queue, QueueEvents } from "bullmq"
import { startAll } from "./report.mjs"

const doneMs = 90_000

export function startClients({ redisPort, clients }) {
  const connection = { host: "127.0.0.1", port: redisPort }
  const queue = new Queue("mails", { connection })
  // From the first event on: it is ready before it reads, and would miss those in between.
  const events = new QueueEvents("mails", { connection, lastEventId: "0-0" })
  const times = new Map()
  events.on("completed", ({ jobId }) => times.set(jobId, (times.get(jobId) ?? 0) + 1))
  const load = startAll(clients, async (report, hasEnded) => {
    await events.waitUntilReady()
    while (!hasEnded()) {
      const job = await queue.add("mail", { to: "you" })
      try {
        await job.waitUntilFinished(events, doneMs)
        report.answered += 1
      } catch (error) {
        report.lost.push(error.message)
      }
    }
  })
  return {
    report: load.report,
    async end() {
      const report = await load.end()
      for (const [id, count] of times)
        if (count !== 1) report.lost.push(`job ${id} was done ${count} times`)
      await Promise.all([queue.close(), events.close()])
      return report
    },
  }
}
