/**
 * One picture of `kamisama top`, as lines for a terminal of a given size. Pure.
 */
import { oneLine } from "../../core/log-line.ts"
import type { Notice } from "../../core/notice.ts"
import type { OperatorStatus, OperatorWorker } from "../../operator/status.ts"
import { fitting, isSilent, statusText } from "./status-text.ts"
import { noticeLine } from "./why-text.ts"

/** What is shown. */
export interface TopModel {
  /** The latest status; undefined before the first one. */
  readonly status: OperatorStatus | undefined
  /** The requests per second of each worker, the latest last. */
  readonly requests: ReadonlyMap<number, readonly number[]>
  /** The latest notices, the oldest first. */
  readonly notices: readonly Notice[]
  /** The number of the worker that is chosen; undefined if none is. */
  readonly chosen: number | undefined
  /** What is asked before it is done, such as "reload"; undefined if nothing is. */
  readonly question: string | undefined
  /** What came of the last request; undefined if there was none. */
  readonly said: string | undefined
}

/** A line, and how it is to look. */
export interface FrameLine {
  readonly text: string
  readonly look: "plain" | "head" | "bad" | "chosen" | "dim"
}

const keys = "r reload · + - scale · ↑ ↓ choose · k replace the chosen one · q quit"
const bars = "▁▂▃▄▅▆▇█"
/** How many notices are shown, if there is room. */
const mostNotices = 10

/** The picture: at most so many lines, none of them longer than the terminal is wide. */
export function frame(model: TopModel, columns: number, rows: number): readonly FrameLine[] {
  const { status } = model
  if (status === undefined)
    return [{ text: fitting("waiting for the pool …", columns), look: "dim" }]
  const workers = worstFirst(status.workers)
  const table = statusText({ ...status, workers }, columns - 1).split("\n")
  // Two lines about the pool, an empty one, and the titles come first.
  const lines = table.map((text, index): FrameLine => {
    if (index < 2) return { text, look: "head" }
    if (index === 3) return { text, look: "dim" }
    const worker = workers[index - 4]
    if (worker === undefined) return { text, look: "plain" }
    if (worker.id === model.chosen) return { text: `>${text.slice(1)}`, look: "chosen" }
    return { text, look: lookOf(worker) }
  })
  const footer = footerOf(model).map(({ text, look }) => ({ text: fitting(text, columns), look }))
  const room = Math.max(0, rows - footer.length)
  const body = [...lines, ...sparklines(model, columns)]
  const left = room - body.length - 1
  const notices =
    left > 1
      ? model.notices.slice(-Math.min(mostNotices, left - 1)).map((notice): FrameLine => {
          const text = fitting(` ${noticeLine(notice)}`, columns)
          return { text, look: notice.level === "info" ? "dim" : "bad" }
        })
      : []
  const all: FrameLine[] = [...body]
  if (notices.length > 0) all.push({ text: "", look: "plain" }, ...notices)
  return [...all.slice(0, room), ...footer].slice(0, rows)
}

/** The workers that need a look first: those that do not serve, those that do not answer, the busiest. */
export function worstFirst(workers: readonly OperatorWorker[]): readonly OperatorWorker[] {
  // In steps, so that idle workers keep their places.
  const badness = (worker: OperatorWorker): number => {
    if (worker.state !== "ready") return 3
    return isSilent(worker) ? 2 : Math.round(10 * (worker.load?.loopUse ?? 0)) / 10
  }
  return workers.toSorted((one, other) => badness(other) - badness(one) || one.id - other.id)
}

function lookOf(worker: OperatorWorker): FrameLine["look"] {
  const isBad =
    worker.state !== "ready" ||
    !worker.healthy ||
    isSilent(worker) ||
    (worker.load?.loopUse ?? 0) > 0.9
  return isBad ? "bad" : "plain"
}

/** The requests of the pool over time. */
function sparklines({ requests, status }: TopModel, columns: number): readonly FrameLine[] {
  const series = [...requests.values()]
  const length = Math.max(0, ...series.map((values) => values.length))
  if (length < 2 || status === undefined) return []
  const sums = Array.from({ length }, (_, index) =>
    series.reduce((sum, values) => sum + (values.at(index - length) ?? 0), 0),
  )
  const shown = sums.slice(-Math.max(1, columns - 24))
  const most = Math.max(...shown, 1)
  const line = shown.map((value) => bars[Math.round((value / most) * (bars.length - 1))]).join("")
  const text = fitting(` req/s  ${line} ${Math.round(shown.at(-1) ?? 0)}`, columns)
  return [
    { text: "", look: "plain" },
    { text, look: "plain" },
  ]
}

function footerOf({ question, said }: TopModel): readonly FrameLine[] {
  if (question !== undefined) return [{ text: ` ${question}? y or n`, look: "head" }]
  const line: FrameLine = { text: ` ${keys}`, look: "dim" }
  return said === undefined ? [line] : [{ text: ` ${oneLine(said)}`, look: "plain" }, line]
}
