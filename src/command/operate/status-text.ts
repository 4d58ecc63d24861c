/**
 * The status of a pool for people: what it does, and a row for each worker. Pure.
 */
import { counted, describeBytes, describeMs } from "../../core/describe.ts"
import { oneLine } from "../../core/log-line.ts"
import type { OperatorStatus, OperatorWorker } from "../../operator/status.ts"

/** A column: its title, and what it says of a worker. Figures are aligned on the right. */
export interface Column {
  readonly title: string
  readonly cell: (worker: OperatorWorker) => string
  readonly isFigure?: boolean
}

export const columns: readonly Column[] = [
  { title: "id", cell: ({ id }) => String(id), isFigure: true },
  { title: "pid", cell: ({ pid }) => (pid === null ? "–" : String(pid)), isFigure: true },
  {
    title: "state",
    cell: ({ state, healthy }) => (state === "ready" && !healthy ? "unhealthy" : state),
  },
  { title: "for", cell: ({ forMs }) => spanText(forMs), isFigure: true },
  {
    title: "memory",
    cell: ({ memoryBytes }) => (memoryBytes === null ? "–" : describeBytes(memoryBytes)),
    isFigure: true,
  },
  { title: "loop", cell: (worker) => percent(worker), isFigure: true },
  {
    title: "lag",
    cell: ({ load }) => (load === null ? "–" : describeMs(load.lagMs)),
    isFigure: true,
  },
  { title: "conns", cell: ({ load }) => figure(load?.connections), isFigure: true },
  { title: "req/s", cell: ({ load }) => figure(load?.requestsPerSecond), isFigure: true },
  { title: "restarts", cell: ({ respawns }) => String(respawns), isFigure: true },
]

function percent({ load }: OperatorWorker): string {
  return load === null ? "–" : `${Math.round(100 * load.loopUse)} %`
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : String(Math.round(value))
}

/** What is left out first where it is narrow, so that the reason has room. */
const dispensable: readonly string[] = ["conns", "lag", "memory", "for", "req/s"]
/** For so long after it became ready, a worker may be silent. */
const beginningMs = 1_000
/** How much room a reason should have. */
const reasonWidth = 28

/** The status, as lines of at most so many characters. */
export function statusText(status: OperatorStatus, width: number): string {
  const lines = tableOf(status.workers, width).map((line, index) => {
    const last = index === 0 ? "last" : lastOf(status.workers[index - 1])
    return fitting(`${line}  ${last}`, width)
  })
  const spares = status.spares.length
  return [
    ...headOf(status).map((line) => fitting(line, width)),
    "",
    ...lines,
    ...silentOnes(status).map((line) => fitting(line, width)),
    ...(spares === 0
      ? []
      : [fitting(` and ${counted(spares, "spare")}: ${sparesOf(status)}`, width)]),
  ].join("\n")
}

/** The titles, and a line for each worker, without its reason. Has as many columns as leave room for that. */
function tableOf(workers: readonly OperatorWorker[], width: number): readonly string[] {
  let shown = columns
  for (const title of dispensable) {
    const lines = linesOf(shown, workers)
    if (width - (lines[0] ?? "").length >= reasonWidth) return lines
    shown = shown.filter((column) => column.title !== title)
  }
  return linesOf(shown, workers)
}

function linesOf(
  columns: readonly Column[],
  workers: readonly OperatorWorker[],
): readonly string[] {
  const rows = [
    columns.map(({ title }) => title),
    ...workers.map((worker) => columns.map(({ cell }) => cell(worker))),
  ]
  return aligned(rows, (column) => columns[column]?.isFigure === true).map((line) => ` ${line}`)
}

/** Rows of cells, as lines whose columns are as wide as their widest cell. */
function aligned(
  rows: readonly (readonly string[])[],
  isFigure: (column: number) => boolean,
): readonly string[] {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      isFigure(column) ? cell.padStart(widthOf(column)) : cell.padEnd(widthOf(column)),
    )
    return cells.join("  ")
  })
}

/** Several pools: a line for each. */
export function poolsText(pools: readonly OperatorStatus[]): string {
  const rows = pools.map(({ name, pid, state, ready, target, upMs }) => [
    oneLine(name),
    `pid ${pid}`,
    `${state}, ${ready} of ${target} ready, up ${spanText(upMs)}`,
  ])
  return aligned(rows, () => false)
    .map((line) => line.trimEnd())
    .join("\n")
}

/** What is said above the table: the state, and what limits and awaits the pool. */
export function headOf(status: OperatorStatus): readonly string[] {
  const { name, state, ready, target, pid, upMs, runtime, generation, isReloading } = status
  const { counted: used, limit, intervalMs } = status.respawns
  const reload = isReloading
    ? " · reloading"
    : generation === 0
      ? ""
      : ` · generation ${generation}`
  const ofLimit = limit === null ? "" : ` of ${limit}`
  return [
    `${oneLine(name)}  ${state} · ${ready} of ${target} ready · pid ${pid} · up ${spanText(upMs)} · ${runtime}${reload}`,
    `restarts: ${used}${ofLimit} within ${describeMs(intervalMs)} · next: ${nextOf(status)}`,
  ]
}

/** What the pool does next, in words. */
export function nextOf({ next }: Pick<OperatorStatus, "next">): string {
  return next === null ? "nothing is due" : `in ${spanText(next.inMs)}: ${next.why}`
}

/** A text that fits, with an ellipsis where it was cut. */
export function fitting(line: string, width: number): string {
  return line.length <= width ? line.trimEnd() : `${line.slice(0, Math.max(0, width - 1))}…`
}

export function lastOf(worker: OperatorWorker | undefined): string {
  const text = worker?.last?.text ?? ""
  // The row says which worker it is about.
  return oneLine(text.replace(/^worker \d+:? /, ""))
}

/** Whether a worker does not answer, although it serves: one that has only begun may have no time for that yet. */
export function isSilent({ state, answers, forMs }: OperatorWorker): boolean {
  return state === "ready" && !answers && forMs >= beginningMs
}

/** What is said of workers that do not answer. */
function silentOnes({ workers, name, pid }: OperatorStatus): readonly string[] {
  const silent = workers.filter(isSilent)
  if (silent.length === 0) return []
  const ids = silent.map(({ id }) => id)
  // Other names would need quotes of the shell.
  const pool = /^[\w.-]+$/.test(name) ? name : pid
  const who = ids.length === 1 ? `worker ${ids[0]} does` : `workers ${ids.join(", ")} do`
  return ["", ` ${who} not answer: busy, or hung. See kamisama why ${ids[0]} ${pool}`]
}

function sparesOf({ spares }: OperatorStatus): string {
  return spares.map(({ pid, state }) => `${pid ?? "–"} ${state}`).join(", ")
}

/** A time in words. Nobody reads more than seconds of a long one. */
export function spanText(ms: number): string {
  return describeMs(ms < 1_000 ? Math.round(ms) : Math.round(ms / 1_000) * 1_000)
}
