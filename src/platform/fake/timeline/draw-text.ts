/**
 * A timeline as text, for a terminal: bands of columns as wide as it is, then the orders with their reasons, each with
 * the number of its column. Decides the signs, the layout, and how much of a long one is shown.
 */
import type { LogEntry } from "../../platform.ts"
import { type Column, type Doing, timelineOf } from "./timeline.ts"

/** How a timeline is drawn. */
export interface DrawOptions {
  /** The number of the entry at which the log goes wrong; that of its length means its end. Default: none. */
  readonly mark?: number | undefined
  /** How wide it may be, in characters. Default: 100. */
  readonly width?: number | undefined
  /** How many columns are shown: those up to the marked one, or up to the last. Default: 200. */
  readonly mostColumns?: number | undefined
  /** How many columns have their orders told: the last ones of those shown; 0 for none. Default: 25. */
  readonly mostOrders?: number | undefined
}

const signs: { readonly [doing in Doing]: string } = {
  nothing: " ",
  booting: ".",
  starting: ":",
  ready: "#",
  stopping: "-",
  killed: "x",
  waiting: "_",
  finished: "=",
}

const legend = [
  ". booting  : starting  # ready  - stopping",
  "x killed   _ waiting   = done   ^ wrong",
]

/** Room for "worker 12 |". */
const labelWidth = 11

/**
 * Draws what a log tells: a row for each slot, a column for each event, and below it the orders with their reasons.
 *
 * @throws {Error} where the log does not begin with its plan.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { drawTimeline, fakePlatform } from "kamisama/fake"
 *
 * const os = fakePlatform({ workers: { dies: { after: 300 } } })
 * kamisama({ workers: 3, run: () => undefined, platform: os, log: "silent" })
 * await os.advance(3_000)
 * console.log(drawTimeline(os.log))
 * ```
 */
export function drawTimeline(log: readonly LogEntry[], options: DrawOptions = {}): string {
  const { width = 100, mostColumns = 200, mostOrders = 25, mark } = options
  const { columns, slots } = timelineOf(log, mark)
  const marked = columns.findLastIndex(({ isMarked }) => isMarked)
  const end = marked === -1 ? columns.length : marked + 1
  const begin = Math.max(0, end - mostColumns)
  const perBand = Math.max(10, width - labelWidth - 1)
  const lines: string[] = []
  if (begin > 0) lines.push(`… ${begin} events before these are left out`)
  for (let from = begin; from < end; from += perBand) {
    const band = columns.slice(from, Math.min(end, from + perBand))
    lines.push(...drawBand(band, from, slots), "")
  }
  lines.push(...legend, "")
  const told = [...columns.entries()]
    .slice(begin, end)
    .filter(([, { orders, isMarked }]) => orders.length > 0 || isMarked)
  if (told.length > mostOrders && mostOrders > 0)
    lines.push(`… ${told.length - mostOrders} before these are left out`)
  for (const [index, column] of told.slice(Math.max(0, told.length - mostOrders)))
    lines.push(...tell(column, index, width))
  return lines.map((line) => `${line.trimEnd()}\n`).join("")
}

function drawBand(band: readonly Column[], from: number, slots: number): string[] {
  const row = (label: string, cells: string): string => `${label.padEnd(labelWidth - 1)}|${cells}`
  const rows = Array.from({ length: slots }, (_, index) =>
    row(
      `worker ${index + 1}`,
      band.map(({ doings }) => signs[doings[index] ?? "nothing"]).join(""),
    ),
  )
  const marks = band.map(({ isMarked }) => (isMarked ? "^" : " ")).join("")
  return [
    row("ms", ruler(band.map(({ at }, index) => (at === band[index - 1]?.at ? "" : timeOf(at))))),
    ...rows,
    row(
      "event",
      ruler(
        band.map((_, index) =>
          (from + index + 1) % 5 === 0 || index === 0 ? `${from + index + 1}` : "",
        ),
      ),
    ),
    ...(marks.includes("^") ? [row("", marks)] : []),
  ]
}

/** Labels, each where its column is, as far as there is room for it and a space before the next. */
function ruler(labels: readonly string[]): string {
  let text = ""
  for (const [index, label] of labels.entries()) {
    const isFree = text.length === 0 || text.length < index
    if (label !== "" && isFree && index + label.length <= Math.max(labels.length, 10)) {
      text = text.padEnd(index) + label
    }
  }
  return text
}

function tell({ at, fact, orders, isMarked }: Column, index: number, width: number): string[] {
  const head = `${isMarked ? "^" : " "}${String(index + 1).padStart(4)}  ${timeOf(at).padStart(8)} ms  `
  const indent = " ".repeat(head.length)
  return [head + fact, ...orders.map((order) => `${indent}→ ${order}`)].map((line) =>
    line.length > width ? `${line.slice(0, width - 1)}…` : line,
  )
}

/** "1_500" */
function timeOf(at: number): string {
  return String(Math.round(at * 10) / 10).replace(/\B(?=(\d{3})+(?!\d))/g, "_")
}
