/**
 * What is shown of a timeline: the columns up to the one at which it goes wrong, and the latest of those as events in
 * words. Decides how much of a long one is left out, and which requests make no sense; the signs and the layout are
 * decided by those who draw.
 */
import { checkNames, shown } from "../../core/plan/checks.ts"
import type { TranscriptEntry } from "../../platform/fake/transcript.ts"
import { type Column, timelineOf } from "./timeline.ts"

/** What is drawn of a log. */
export interface ExcerptOptions {
  /** The number of the entry at which the log goes wrong; that of its length means its end. Default: none. */
  readonly mark?: number | undefined
  /** How many columns are shown: those up to the marked one, or up to the last. Default: 200. */
  readonly mostColumns?: number | undefined
  /** How many columns have their orders told: the last ones of those shown; 0 for none. Default: 25. */
  readonly mostCommands?: number | undefined
}

/** A column, and which one it is: 1 for the first of the log. @internal */
export interface NumberedColumn extends Column {
  readonly number: number
}

/** @internal */
export interface Excerpt {
  /** How many rows there are. */
  readonly slots: number
  /** Those that are shown. */
  readonly columns: readonly NumberedColumn[]
  /** Those of them whose events and orders are told. */
  readonly described: readonly NumberedColumn[]
  /** How many others of them could be told. */
  readonly omitted: number
}

/**
 * Chooses what is shown.
 *
 * @param drawn the name of the option that only the one who draws looks at.
 * @throws {TypeError} where an option has an unknown name, the log is no array, or does not begin with its plan.
 * @throws {RangeError} where an option has a value that cannot be meant.
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

/** @throws {RangeError} where it is no integer within the bounds; Infinity is one where nothing bounds it. @internal */
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
