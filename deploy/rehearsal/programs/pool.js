/** The same server in a pool. */
import kamisama from "kamisama"
import { serve } from "./server.js"

const { port, healthPort, ...options } = JSON.parse(process.argv[2])

kamisama({
  workers: 2,
  health: { port: healthPort, host: "0.0.0.0" },
  ...options,
  run: () => serve(port),
})
