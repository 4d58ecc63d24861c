/**
 * Workers that take jobs from a queue, one at a time, until they are asked to stop. The job in hand is finished first.
 *
 * A `run` that takes `context.signal` is trusted to end by it, so there is no `shutdown`.
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

/** Stands for a call to a real queue. Waits for a job; undefined where the wait was aborted. */
async function takeJob(signal: AbortSignal): Promise<number | undefined> {
  try {
    await sleep(50, undefined, { signal })
    taken += 1
    return taken
  } catch {
    return undefined
  }
}
