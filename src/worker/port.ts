/**
 * A port of its own for each worker: `base` for worker 1, the next one for worker 2, and so on.
 */
import { check, wrong } from "../core/plan/checks.ts"
import { integer } from "../core/plan/forms.ts"

const highest = 65_535

/** Not 0: the operating system would choose a port for worker 1, and worker 2 would get port 1. */
const basePort = integer(1, highest, `a port from 1 to ${highest}`)

/**
 * The port of a worker.
 *
 * @throws {TypeError} if the base is not a number. @throws {RangeError} if there is no such port.
 */
export function portOf(id: number, base: number): number {
  check("context.port", "base", basePort, base)
  const port = base + id - 1
  if (port <= highest) return port
  const rule = `"base" must leave a port for worker ${id}`
  throw wrong(RangeError, "context.port", rule, base, `Use at most ${highest - id + 1}.`)
}
