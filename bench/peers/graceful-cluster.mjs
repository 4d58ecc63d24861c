/** The pool with graceful-cluster. */
import cluster from "graceful-cluster"
import { serve } from "../programs/serve.js"

const { workers } = JSON.parse(process.argv[2])
cluster.GracefulCluster.start({
  workersCount: workers,
  log: () => undefined,
  serverFunction: () => void serve(),
})
