/** The pool with recluster. */
import { fileURLToPath } from "node:url"
import recluster from "recluster"

const { workers } = JSON.parse(process.argv[2])
const pool = recluster(fileURLToPath(new URL("worker.mjs", import.meta.url)), {
  workers,
  respawn: 0,
  backoff: 0,
})
pool.run()
process.on("SIGTERM", () => pool.terminate(() => process.exit(0)))
process.on("SIGHUP", () => pool.reload())
