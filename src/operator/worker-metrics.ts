/**
 * Keeps what workers report: the only place where these reports are. They are put together in merge.ts.
 */
import { oneLine } from "../core/log-line.ts"
import type { Host } from "../platform/platform.ts"
import type { Supervisor } from "../pool/handle.ts"
import { byWorker, merged, noReports, reported, type Reports, workerEnded } from "./merge.ts"
import type { Family } from "./metrics.ts"
import { readMetrics } from "./read-metrics.ts"
import type { MetricsBy } from "./routes.ts"

/** Asks the workers, and gives their metrics as those of one program, or those of each one. */
export type AskWorkers = (by: MetricsBy) => Promise<{
  readonly families: readonly Family[]
  /** How many series there were too many. */
  readonly dropped: number
}>

/**
 * Begins to read the metrics of workers.
 *
 * @param isExpected whether somebody will ask for them, so that workers report from their start on.
 * @param warn gets the first problem with what programs give.
 */
export function watchWorkers(
  host: Pick<Host, "watchMetrics">,
  pool: Pick<Supervisor, "on" | "status">,
  { withinMs, isExpected }: { readonly withinMs: number; readonly isExpected: boolean },
  warn: (text: string) => void,
): AskWorkers {
  let reports: Reports = noReports
  let hasWarned = false
  const ask = host.watchMetrics?.((pid, metrics) => {
    const read = metrics.map(readMetrics)
    const families = read.flatMap((one) => one.families)
    reports = reported(reports, pid, families)
    const problem = read.find((one) => one.problem !== undefined)?.problem
    if (problem === undefined || hasWarned) return
    hasWarned = true
    warn(`context.metrics: some metrics are left out: ${oneLine(problem)}`)
  }, isExpected)
  pool.on("exit", ({ pid }) => {
    if (pid !== undefined) reports = workerEnded(reports, pid)
  })
  return async (by) => {
    const answered = (await ask?.(withinMs)) ?? new Set()
    if (by === "pool") return merged(reports, answered)
    const { workers } = pool.status()
    const numberOf = (pid: number): number | undefined =>
      workers.find((worker) => worker.pid === pid)?.id
    return byWorker(reports, answered, numberOf)
  }
}
