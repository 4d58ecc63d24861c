/**
 * Measures how busy a worker is, while somebody asks for it: the use of its event loop, how late its timers are, its
 * connections, and the requests that begin. Nothing is measured before the first question, and nothing once they end.
 */
import { now } from "./clock.ts"
import { hasNativeServers } from "./native-servers.ts"
import { onRequest } from "./requests.ts"
import { runtime } from "./runtime.ts"
import { watchedServers } from "./servers.ts"
import type { WorkerLoad } from "../platform.ts"

/** Figures are of at least this time. Asked sooner, the ones before are given again. */
const leastMs = 500
/** How often it is looked how late a timer is. */
const tickMs = 50
/** After this time without a question, nothing is measured any more. */
const forgottenMs = 300_000

/** What is measured since the last answer. */
interface Measuring {
  since: number
  used: Usage
  lagMs: number
  requests: number
  askedAt: number
  latest: WorkerLoad | undefined
}

/** A sum that grows while the process works; `share` gives how much of a time it was, from 0 to 1. */
interface Usage {
  share(sinceMs: number): number
}

let measuring: Measuring | undefined

/** How busy this process has been since the last answer; undefined if it was not measured for long enough. */
export function measureLoad(): WorkerLoad | undefined {
  const at = now()
  if (measuring === undefined) {
    measuring = begin(at)
    return undefined
  }
  measuring.askedAt = at
  const overMs = at - measuring.since
  if (overMs < leastMs) return measuring.latest
  const { used, lagMs, requests } = measuring
  const connections = watchedServers().map(({ connections: open }) => open.size)
  measuring.latest = {
    loopUse: used.share(overMs),
    lagMs,
    connections: connections.reduce((sum, open) => sum + open, 0),
    // Their handlers were given to the runtime before anybody asked.
    requestsPerSecond: hasNativeServers() ? null : (1_000 * requests) / overMs,
  }
  Object.assign(measuring, { since: at, used: usageFromNow(), lagMs: 0, requests: 0 })
  return measuring.latest
}

function begin(at: number): Measuring {
  const begun: Measuring = {
    since: at,
    used: usageFromNow(),
    lagMs: 0,
    requests: 0,
    askedAt: at,
    latest: undefined,
  }
  const endCounting = onRequest(() => (begun.requests += 1))
  let due = at + tickMs
  const ticks = setInterval(() => {
    const ticked = now()
    begun.lagMs = Math.max(begun.lagMs, ticked - due)
    due = ticked + tickMs
    if (ticked - begun.askedAt < forgottenMs) return
    clearInterval(ticks)
    endCounting()
    measuring = undefined
  }, tickMs)
  ticks.unref()
  return begun
}

function usageFromNow(): Usage {
  if (runtime.measuresLoop) {
    const { eventLoopUtilization } = process.getBuiltinModule("node:perf_hooks").performance
    const before = eventLoopUtilization()
    return { share: () => eventLoopUtilization(before).utilization }
  }
  const before = process.cpuUsage()
  return {
    share(sinceMs) {
      const { user, system } = process.cpuUsage(before)
      return Math.min(1, (user + system) / 1_000 / sinceMs)
    },
  }
}
