/**
 * What a worker reports to whoever asks for metrics: what is measured of its requests, and what its program gives. From the first
 * question on it reports by itself, too, so that little is lost when it dies: from time to time, and at its end.
 */
import { messageOf } from "../../worker/error-text.ts"
import { httpMetrics, measureRequests } from "./http-metrics.ts"

/** Gives the metrics of a program: a text, or what `prom-client` calls JSON. */
export type ReadMetrics = () => unknown

/** How often a worker reports by itself. */
const everyMs = 10_000
/** How long a program may take to give its metrics when the worker ends. */
const lastMs = 200

const readers: ReadMetrics[] = []
let report: (() => Promise<void>) | undefined

/** Adds what the program gives. */
export function addMetrics(read: ReadMetrics): void {
  readers.push(read)
}

/** Reports now, and from now on by itself. */
export function reportMetrics(
  send: (metrics: readonly unknown[]) => void,
  warn: (text: string) => void,
): void {
  if (report === undefined) {
    measureRequests()
    report = async () => {
      const metrics = await given(warn)
      try {
        send([httpMetrics(), ...metrics])
      } catch (error) {
        // It is no data, such as a circular object.
        warnOnce(warn, `what its function returns cannot be sent: ${messageOf(error)}`)
        send([httpMetrics()])
      }
    }
    setInterval(() => void report?.(), everyMs).unref()
  }
  void report()
}

/** Calls back once the last report was sent, or takes too long. At once if nobody has ever asked. */
export function reportLastMetrics(callback: () => void): void {
  if (report === undefined) return callback()
  let isDone = false
  const done = (): void => {
    if (isDone) return
    isDone = true
    callback()
  }
  setTimeout(done, lastMs)
  void report().then(done)
}

let hasWarned = false

async function given(warn: (text: string) => void): Promise<readonly unknown[]> {
  const metrics = await Promise.allSettled(readers.map(async (read) => await read()))
  return metrics.flatMap((one) => {
    if (one.status === "fulfilled") return [one.value]
    warnOnce(warn, `its function has thrown: ${messageOf(one.reason)}`)
    return []
  })
}

function warnOnce(warn: (text: string) => void, text: string): void {
  if (!hasWarned) warn(`context.metrics: ${text}`)
  hasWarned = true
}
