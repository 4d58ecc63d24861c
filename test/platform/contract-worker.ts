/**
 * A real worker process for the platform contract: a worker of `nodePlatform` that behaves as its argument says.
 */
import { planOf } from "../core/pool-in-steps.ts"
import { nodePlatform } from "../../src/platform/node/index.ts"

const behaviour = process.argv[2]
const platform = nodePlatform()

if (behaviour !== "never says hello") {
  platform.work({
    plan: planOf({ timeout: 60_000 }),
    closeTimeoutMs: 500,
    run: () => {
      if (behaviour === "throws") throw new Error("no database")
      if (behaviour === "exits with 3") setTimeout(() => process.exit(3), 10)
      setInterval(() => undefined, 1_000)
    },
    shutdown: () =>
      behaviour === "ignores stop"
        ? new Promise(() => setInterval(() => undefined, 1_000))
        : undefined,
  })
} else setInterval(() => undefined, 1_000)
