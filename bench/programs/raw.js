/** A respawn loop on bare node:cluster. The primary loads nothing else; the server is loaded by the workers. */
import cluster from "node:cluster"

const [workers, scheduling] = process.argv.slice(2)

if (cluster.isPrimary) {
  if (scheduling === "os") cluster.schedulingPolicy = cluster.SCHED_NONE
  for (let count = 0; count < Number(workers); count += 1) cluster.fork()
  cluster.on("exit", () => cluster.fork())
  process.on("SIGTERM", () => process.exit(0))
} else {
  const { serve } = await import("./serve.js")
  serve()
}
