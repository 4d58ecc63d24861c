/**
 * What is shown of a timeline: the columns up to the violation, and the latest of them as events in words. How it is drawn is decided
 * in draw-text.ts and draw-svg.ts.
 */
import { checkOptions, type Fields, shown, wrong } from "../../core/plan/checks.ts"
import { integer, integerOrInfinity } from "../../core/plan/forms.ts"
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
  readonly rows: readonly string[]
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
 * @param caller the function that the user has called.
 * @param drawn the options that only this function has.
 * @throws {TypeError} if an option is unknown or has the wrong type, or if the log is no array or does not begin with its
 *   plan.
 * @throws {RangeError} if an option breaks its rule.
 * @internal
 */
export function excerptOf(
  log: readonly TranscriptEntry[],
  options: ExcerptOptions,
  caller: string,
  drawn: Fields,
): Excerpt {
  checkLogBegins(caller, log)
  checkOptions(caller, options, {
    mark: integer(0, log.length, `the number of an entry, 0 to ${log.length}`),
    mostColumns: integerOrInfinity(1),
    mostCommands: integerOrInfinity(0),
    ...drawn,
  })
  const { mark, mostColumns = 200, mostCommands = 25 } = options
  const { columns, rows } = timelineOf(log, mark)
  const marked = columns.findLastIndex(({ isMarked }) => isMarked)
  const numbered = columns
    .map((column, index) => ({ ...column, number: index + 1 }))
    .slice(0, marked === -1 ? columns.length : marked + 1)
    .slice(-mostColumns)
  const reportable = numbered.filter(({ isReportable }) => isReportable)
  const omitted = Math.max(0, reportable.length - mostCommands)
  return { rows, columns: numbered, described: reportable.slice(omitted), omitted }
}

function checkLogBegins(caller: string, log: readonly TranscriptEntry[]): void {
  if (!Array.isArray(log))
    throw wrong(TypeError, caller, "the log must be an array of entries", log)
  const [first] = log
  if (first?.kind === "plan") return
  const begins = log.length === 0 ? "an empty log" : `one that begins with ${shown(first?.kind)}`
  throw new TypeError(`${caller}: the log must begin with its plan, got ${begins}`)
}
