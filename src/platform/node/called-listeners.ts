/**
 * Calls the program's own listeners to a signal in a worker, and finds out whether work may be left that nobody tells of.
 *
 * Where something listens, requests are the work, and they are drained. A listener may have started something besides.
 * What a listener starts is what the hooks of the runtime report until the next turn of the event loop: promises, timers,
 * requests and handles. That includes code which awaits the signal by a promise. A log line or a flag starts nothing.
 * Where nothing listens, as in a worker of a queue, the work is what the event loop has left: a flag ends the loop that takes the
 * jobs once the one in hand is done.
 */
import type { CalledListeners } from "../../worker/host.ts"
import { ownListeners } from "./own-listeners.ts"
import { runtime } from "./runtime.ts"
import { numberOf } from "./signals.ts"

/** What is over before the next turn. What it starts is counted by itself. */
const instant: ReadonlySet<string> = new Set(["TickObject", "Microtask"])

/** Counts what the program starts. */
interface WorkWatch {
  count(): number
  end(): void
}

/**
 * Calls them one after the other, in a turn of the event loop of their own.
 *
 * @param serves whether anything in this process listens.
 */
export function callOwnListeners(signal: string, serves: boolean): Promise<CalledListeners> {
  const promises: PromiseLike<unknown>[] = []
  let untold = false
  let watch: WorkWatch | undefined
  let inTheEnd = 0

  function call(): void {
    const number = numberOf(signal)
    const listeners = ownListeners(signal)
    watch = watchWork()
    for (const listener of listeners) {
      const before = watch.count()
      const result = listener.call(process, signal, number)
      if (isThenable(result)) promises.push(result)
      else if (watch.count() !== before) untold = true
    }
    inTheEnd = watch.count()
  }

  function tell(): CalledListeners {
    // A listener that returned a promise goes on by it, so what has begun since then may be its own.
    if (promises.length === 0 && (!serves || watch?.count() !== inTheEnd)) untold = true
    watch?.end()
    return { promises, untold }
  }

  return new Promise((resolve) => {
    setImmediate(call)
    // After everything that the listeners have caused to run at once.
    setImmediate(() => resolve(tell()))
  })
}

function watchWork(): WorkWatch {
  let count = 0
  // Each look could find something new.
  if (!runtime.reportsAsyncWork) return { count: () => (count += 1), end: () => undefined }
  openOutput()
  const { createHook } = process.getBuiltinModule("node:async_hooks")
  const init = (_id: number, type: string): void => {
    if (!instant.has(type)) count += 1
  }
  const hook = createHook({ init }).enable()
  return { count: () => count, end: () => void hook.disable() }
}

/** The first line that a process writes opens the stream. */
function openOutput(): void {
  for (const { writable } of [process.stdout, process.stderr]) void writable
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  )
}
