import cluster from "node:cluster"
import { serve } from "./serve.js"

const [workers, scheduling] = process.argv.slice(2)

if (cluster.isPrimary) {
  if (scheduling === "os") cluster.schedulingPolicy = cluster.SCHED_NONE
  for (let count = 0; count < Number(workers); count += 1) cluster.fork()
  cluster.on("exit", () => cluster.fork())
  process.on("SIGTERM", () => process.exit(0))
} else {
  serve()
}
