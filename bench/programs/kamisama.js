import kamisama from "kamisama"
import { serve } from "./serve.js"

const [workers, scheduling, heartbeatTimeout] = process.argv.slice(2)

kamisama({
  workers: Number(workers),
  scheduling: scheduling === "os" ? "os" : "round-robin",
  heartbeatTimeout: Number(heartbeatTimeout) || false,
  respawnLimit: Infinity,
  backoff: false,
  log: "silent",
  run: serve,
})
