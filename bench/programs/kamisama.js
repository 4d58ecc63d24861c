/** The same pool with kamisama. The server is loaded by the workers alone here too. */
import kamisama from "kamisama"

const [workers, scheduling, heartbeatTimeout] = process.argv.slice(2)

kamisama({
  workers: Number(workers),
  scheduling: scheduling === "os" ? "os" : "round-robin",
  heartbeatTimeout: Number(heartbeatTimeout) || false,
  respawnLimit: Infinity,
  backoff: false,
  log: "silent",
  async run() {
    const { serve } = await import("./serve.js")
    return serve()
  },
})
