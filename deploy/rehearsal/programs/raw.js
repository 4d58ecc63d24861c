/**
 * A cluster as people write it: workers that end are replaced, SIGTERM goes to each of them, and they close their server. One that still has
 * connections after a while exits all the same.
 */
import cluster from "node:cluster"
import { serve } from "./server.js"

const { port, timeoutMs } = JSON.parse(process.argv[2])

if (cluster.isPrimary) {
  let isStopping = false
  process.on("SIGTERM", () => {
    isStopping = true
    for (const worker of Object.values(cluster.workers)) worker.process.kill("SIGTERM")
  })
  cluster.on("exit", () => {
    if (!isStopping) cluster.fork()
  })
  for (let count = 0; count < 2; count += 1) cluster.fork()
} else {
  const server = serve(port)
  process.on("SIGTERM", () => {
    server.close(() => process.exit(0))
    setTimeout(() => process.exit(1), timeoutMs).unref()
  })
}
