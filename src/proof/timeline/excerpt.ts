/**
 * What is shown of a timeline: the columns up to the violation, and the latest of them as events in words. How it is drawn is decided
 * in draw-text.ts and draw-svg.ts.
 */
import { checkNames, shown } from "../../core/plan/checks.ts"
import type { TranscriptEntry } from "../../platform/fake/transcript.ts"
import { type Column, timelineOf } from "./timeline.ts"

/** What is drawn of a log. */
export interface ExcerptOptions {
  /** The index of the entry with the violation; the length of the log means its end. Default: none. */
  readonly mark?: number | undefined
  /** How many columns are shown, counted back from the marked one, or from the last. Default: 200. */
  readonly mostColumns?: number | undefined
  /** How many of the shown columns have their commands listed, counted back from the last; 0 for none. Default: 25. */
  readonly mostCommands?: number | undefined
}

/** A column and its number: 1 for the first of the log. @internal */
export interface NumberedColumn extends Column {
  readonly number: number
}

/** @internal */
export interface Excerpt {
  /** How many rows there are. */
  readonly slots: number
  /** The columns that are shown. */
  readonly columns: readonly NumberedColumn[]
  /** Those of them whose events and commands are listed. */
  readonly described: readonly NumberedColumn[]
  /** How many other columns could be listed. */
  readonly omitted: number
}

/**
 * Chooses what is shown.
 *
 * @param drawn the name of the one option that only the drawing has.
 * @throws {TypeError} if an option has an unknown name, or the log is no array or does not begin with its plan.
 * @throws {RangeError} if an option is out of range.
 * @internal
 */
export function excerptOf(
  log: readonly TranscriptEntry[],
  options: ExcerptOptions,
  drawn: string,
): Excerpt {
  checkNames("", { ...options }, ["mark", "mostColumns", "mostCommands", drawn], "draw a timeline")
  const { mark, mostColumns = 200, mostCommands = 25 } = options
  checkLogBegins(log)
  if (mark !== undefined) {
    checkDrawn("mark", mark, 0, `the number of an entry, 0 to ${log.length}`, log.length)
  }
  checkDrawn("mostColumns", mostColumns, 1)
  checkDrawn("mostCommands", mostCommands, 0)
  const { columns, slots } = timelineOf(log, mark)
  const marked = columns.findLastIndex(({ isMarked }) => isMarked)
  const numbered = columns
    .map((column, index) => ({ ...column, number: index + 1 }))
    .slice(0, marked === -1 ? columns.length : marked + 1)
    .slice(-mostColumns)
  const reportable = numbered.filter(({ isReportable }) => isReportable)
  const omitted = Math.max(0, reportable.length - mostCommands)
  return { slots, columns: numbered, described: reportable.slice(omitted), omitted }
}

/** @throws {RangeError} if it is no integer within the bounds. Infinity is allowed if nothing bounds it. @internal */
export function checkDrawn(
  name: string,
  value: number,
  least: number,
  rule: string = `an integer of ${least} or more, or Infinity`,
  most: number = Infinity,
): void {
  const isCount = Number.isSafeInteger(value) || value === Infinity
  if (isCount && value >= least && value <= most) return
  throw new RangeError(
    `Cannot draw a timeline as "${name}" must be ${rule}: current value is ${shown(value)}`,
  )
}

function checkLogBegins(log: readonly TranscriptEntry[]): void {
  if (!Array.isArray(log)) {
    throw new TypeError(
      `Cannot draw a timeline as the log must be an array of entries: current value is ${shown(log)}`,
    )
  }
  const [first] = log
  if (first?.kind === "plan") return
  const begins = log.length === 0 ? "is empty" : `begins with ${shown(first?.kind)}`
  throw new TypeError(
    `Cannot draw a timeline as a log must begin with its plan: current value ${begins}`,
  )
}
