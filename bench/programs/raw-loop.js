/** A respawn loop on bare node:cluster. */
import cluster from "node:cluster"

/** Runs `serve` in each worker. */
export function supervise(serve) {
  const { workers, scheduling } = JSON.parse(process.argv[2])
  if (!cluster.isPrimary) return serve()
  if (scheduling === "os") cluster.schedulingPolicy = cluster.SCHED_NONE
  for (let count = 0; count < workers; count += 1) cluster.fork()
  cluster.on("exit", () => cluster.fork())
  process.on("SIGTERM", () => process.exit(0))
}
