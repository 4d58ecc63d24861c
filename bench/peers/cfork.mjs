/** The pool with cfork. */
import { fileURLToPath } from "node:url"
import { cfork } from "cfork"

const { workers } = JSON.parse(process.argv[2])
cfork({ exec: fileURLToPath(new URL("worker.mjs", import.meta.url)), count: workers })
  .on("unexpectedExit", () => undefined)
  .on("disconnect", () => undefined)
process.on("SIGTERM", () => process.exit(0))
