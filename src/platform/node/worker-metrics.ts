/**
 * What a worker reports to whoever asks for metrics: what is measured of its requests, and what its program gives. From the first
 * question on it reports by itself, too, so that little is lost when it dies: from time to time, and at its end.
 */
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
    report = async () => send([httpMetrics(), ...(await given(warn))])
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
    if (!hasWarned) warn(`context.metrics: its function has thrown: ${String(one.reason)}`)
    hasWarned = true
    return []
  })
}
