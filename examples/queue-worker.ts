/**
 * Workers that take jobs from a queue, one at a time, until they are asked to stop. They finish the current job first.
 *
 * There is no `shutdown`: a `run` that reads `context.signal` is expected to end when it aborts.
 */
import { setTimeout as sleep } from "node:timers/promises"
import kamisama, { type WorkerContext } from "kamisama"

kamisama({
  workers: 2,
  timeout: 30_000,
  async run(id: number, context: WorkerContext) {
    context.ready()
    while (!context.signal.aborted) {
      const job = await takeJob(context.signal)
      if (job === undefined) continue
      console.log(`worker ${id} begins job ${job}`)
      await sleep(100)
      console.log(`worker ${id} has done job ${job}`)
    }
  },
})

let taken = 0

/** In place of a call to a real queue. Waits for a job; returns undefined if the wait was aborted. */
async function takeJob(signal: AbortSignal): Promise<number | undefined> {
  try {
    await sleep(50, undefined, { signal })
    taken += 1
    return taken
  } catch {
    return undefined
  }
}
