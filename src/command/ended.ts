/**
 * Whether a script has ended and left nothing to do. By itself its process would end, in a worker it would stand there for ever.
 */
import { runtime } from "../platform/node/runtime.ts"
import { watchedServers } from "../platform/node/servers.ts"

/** What every worker has: its output, and the channel to the primary. */
const ofWorker = ["PipeWrap", "TTYWrap", "CloseReq"]

/** The listeners to `message` of node:cluster and of the pool. */
const ownMessageListeners = 2

/** If a script does nothing at two moments so far apart, it does not come to life by itself. */
const pauseMs = 50

/** Resolves with false at once if there is anything to do. Known on Node alone. */
export async function hasEnded(): Promise<boolean> {
  if (!isIdle()) return false
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  return isIdle()
}

function isIdle(): boolean {
  if (runtime.name !== "Node" || process.listenerCount("message") > ownMessageListeners)
    return false
  const active = process.getActiveResourcesInfo().filter((name) => !ofWorker.includes(name))
  return active.length === 0 && watchedServers().length === 0
}

/** What to do about a script that has ended, as one line. */
export function endedError(script: string): Error {
  const error = new Error(
    `${script} has ended: it listens to nothing and waits for nothing. To run a script that ends, use --respawn on-failure.`,
  )
  error.stack = error.message
  return error
}
