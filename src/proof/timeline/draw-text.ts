/**
 * A timeline as text, for a terminal: bands of columns as wide as the terminal, then the commands with their reasons, each with the
 * number of its column. What is shown of a long log is chosen in excerpt.ts.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import { integerOrInfinity } from "../../core/plan/forms.ts"
import { excerptOf, type ExcerptOptions, type NumberedColumn } from "./excerpt.ts"
import { leftOut, timeOf, wrapped } from "./lines.ts"
import type { TranscriptEntry } from "../../platform/fake/transcript.ts"
import type { Doing } from "./timeline.ts"

/** How a timeline is drawn. */
export interface DrawOptions extends ExcerptOptions {
  /** How wide it may be, in characters: 50 or more. Default: 100. */
  readonly width?: number | undefined
}

const signs: { readonly [doing in Doing]: string } = {
  nothing: " ",
  booting: ".",
  loaded: "o",
  starting: ":",
  ready: "#",
  stopping: "-",
  killed: "x",
  waiting: "_",
  finished: "=",
}

const legend = ". booting  : starting  # ready  - stopping\nx killed   _ waiting   = done"
const legendOfSpares = "   o loaded"

/** Room for "worker 12 |". */
const labelWidth = 11

/** How far labels may reach beyond a short row. */
const mostOverhang = 20

/**
 * Draws a log as text: a row for each slot, a column for each event, and the commands with their reasons below.
 *
 * @throws {TypeError} if the log is no array, or does not begin with its plan.
 * @throws {RangeError} if an option is out of range.
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
  return drawEntries(log, options)
}

/** The same for a log with notes. @internal */
export function drawEntries(log: readonly TranscriptEntry[], options: DrawOptions = {}): string {
  const { width = 100, mostCommands } = options
  const { columns, rows, described, omitted } = excerptOf(log, options, "drawTimeline", {
    width: integerOrInfinity(50),
  })
  if (columns.length === 0) return "nothing has happened yet\n"
  const perBand = width - labelWidth - 1
  const lines = leftOut((columns[0]?.number ?? 1) - 1, "events ")
  for (let from = 0; from < columns.length; from += perBand) {
    lines.push(...drawBand(columns.slice(from, from + perBand), rows), "")
  }
  const isMarked = columns.some((column) => column.isMarked)
  lines.push(
    legend + (rows.includes("spare") ? legendOfSpares : "") + (isMarked ? "   ^ violation" : ""),
  )
  if (described.length > 0) lines.push("")
  if (mostCommands !== 0) lines.push(...leftOut(omitted))
  for (const column of described) lines.push(...linesFor(column, width))
  return lines.map((line) => `${line.trimEnd()}\n`).join("")
}

function drawBand(band: readonly NumberedColumn[], names: readonly string[]): string[] {
  const row = (label: string, cells: string): string => `${label.padEnd(labelWidth - 1)}|${cells}`
  const rows = names.map((name, index) =>
    row(name, band.map(({ doings }) => signs[doings[index] ?? "nothing"]).join("")),
  )
  const marks = band.map(({ isMarked }) => (isMarked ? "^" : " ")).join("")
  const times = band.map(({ at }, index) => (at === band[index - 1]?.at ? "" : timeOf(at)))
  const numbers = band.map(({ number }, index) =>
    number % 5 === 0 || index === 0 ? `${number}` : "",
  )
  return [
    row("ms", ruler(times)),
    ...rows,
    row("event", ruler(numbers)),
    ...(marks.includes("^") ? [row("", marks)] : []),
  ]
}

/** Labels at their columns, as far as there is room for each and a space behind it. */
function ruler(labels: readonly string[]): string {
  let text = ""
  for (const [index, label] of labels.entries()) {
    const isFree = text.length === 0 || text.length < index
    if (label !== "" && isFree && index + label.length <= Math.max(labels.length, mostOverhang)) {
      text = text.padEnd(index) + label
    }
  }
  return text
}

function linesFor(
  { at, fact, commands, isMarked, number }: NumberedColumn,
  width: number,
): string[] {
  const head = `${isMarked ? "^" : " "}${String(number).padStart(4)}  ${timeOf(at).padStart(8)} ms  `
  const indent = " ".repeat(head.length)
  const lines = [fact, ...commands.map((command) => `→ ${command}`)].flatMap((text) =>
    wrapped(text, width - head.length),
  )
  return lines.map((line, index) => (index === 0 ? head : indent) + line)
}
