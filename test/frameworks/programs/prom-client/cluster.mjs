// cluster.mjs
import { createServer } from "node:http"
import kamisama from "kamisama"
import { AggregatorRegistry } from "prom-client"

const pool = kamisama({
  run: () => import("./server.mjs"),
  signals: { SIGHUP: "reload" },
})

if (pool.isPrimary) {
  const registry = new AggregatorRegistry()
  // The sums over all workers, in the primary.
  const server = createServer(async (_request, response) => {
    response.setHeader("content-type", registry.contentType)
    response.end(await registry.clusterMetrics())
  })
  server.listen(process.env.METRICS_PORT ?? 9090)
}
