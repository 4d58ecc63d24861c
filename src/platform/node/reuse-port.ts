/**
 * Warns of servers that open a port of their own in each worker. The kernel gives such a port a queue of its own, and resets
 * the connections in it when the worker stops. Those of a port that workers share wait for another worker.
 */
import { channel } from "node:diagnostics_channel"
import { isRecord } from "../../core/plan/checks.ts"
import { writeWarning } from "./output.ts"
import type { Marker } from "./marker.ts"
import { runtime } from "./runtime.ts"

/** Prints a line at the first `listen({ reusePort: true })`. One worker speaks for all: the first of the pool. */
export function warnOfReusePort({ slot, incarnation }: Marker): void {
  if (!runtime.takesReusePort || incarnation !== 1) return
  const listens = channel("tracing:net.server.listen:asyncStart")
  listens.subscribe(heard)

  function heard(message: unknown): void {
    const options = isRecord(message) ? message["options"] : undefined
    if (!isRecord(options) || options["reusePort"] !== true) return
    listens.unsubscribe(heard)
    const advice = `Leave reusePort out: workers share a port anyway, and scheduling: "os" is about as fast.`
    const text = `worker ${slot}: a server listens with reusePort, so a worker that stops, as in a reload, resets the connections that wait for it. ${advice}`
    writeWarning(text)
  }
}
