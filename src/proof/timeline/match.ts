/**
 * `expect(os).toMatchTimeline(…)`: whether a pool went the way that a drawing shows. Decides how much of a drawing counts;
 * it knows no test runner, and works with each whose `expect.extend` takes matchers.
 */
import { shown } from "../../core/plan/checks.ts"
import type { LogEntry } from "../../platform/log-entry.ts"
import { differencesOf } from "./differences.ts"
import { type DrawOptions, drawTimeline } from "./draw-text.ts"

/** What the matchers add to `expect`; `Result` is what an expectation returns. */
export interface TimelineMatchers<Result = void> {
  /**
   * Whether the timeline of a fake platform, or of a log, is the one drawn. The drawing is what `drawTimeline` gives, or as
   * much of it as matters: the rows of the workers count always, and the line of the moments ("ms"), the numbers of the
   * events, the legend and the orders where it has any of them. Indentation does not count, nor do empty lines.
   *
   * @param expected the drawing.
   * @param options how the timeline is drawn to be compared with it. Default: those of `drawTimeline`.
   * @throws {TypeError} where one is expected of something else, or the drawing is no text with the row of a worker.
   */
  toMatchTimeline(expected: string, options?: DrawOptions): Result
}

/** What a matcher has found. */
export interface MatcherVerdict {
  /** Whether they match. */
  readonly pass: boolean
  /** What is told if that is not what was expected. */
  readonly message: () => string
}

/**
 * Matchers for `expect.extend`.
 *
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { fakePlatform, type TimelineMatchers, timelineMatchers } from "kamisama/fake"
 * import { expect, test } from "vitest"
 *
 * expect.extend(timelineMatchers)
 *
 * declare module "vitest" {
 *   interface Matchers<R, T> extends TimelineMatchers<R> {}
 * }
 *
 * test("a worker that dies is replaced at once", async () => {
 *   const os = fakePlatform({ workers: [{ dies: { after: 480 } }, {}] })
 *   kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
 *   await os.advance(1_000)
 *   expect(os).toMatchTimeline(`
 *     ms        |0   501
 *     worker 1  |.:#.:#
 *   `)
 * })
 * ```
 */
export const timelineMatchers: {
  toMatchTimeline(received: unknown, expected: string, options?: DrawOptions): MatcherVerdict
} = {
  toMatchTimeline(received, expected, options) {
    const drawn = linesOf(drawTimeline(logOf(received), options))
    const wanted = typeof expected === "string" ? linesOf(expected) : []
    const kinds = new Set(wanted.map(kindOf))
    if (!kinds.has("worker")) {
      throw new TypeError(
        `Cannot match a timeline as the one that is expected must be a text with the row of a worker: current value is ${shown(expected)}; the timeline is\n\n${drawn.join("\n")}\n`,
      )
    }
    const actual = drawn.filter((line) => kinds.has(kindOf(line)))
    const pass = actual.join("\n") === wanted.join("\n")
    return {
      pass,
      message: () =>
        pass
          ? `The timeline was to be another than\n\n${actual.join("\n")}\n`
          : `The timeline is another (- expected, + as it is)\n\n${differencesOf(wanted, actual).join("\n")}\n`,
    }
  },
}

function logOf(received: unknown): readonly LogEntry[] {
  const log: unknown =
    typeof received === "object" && received !== null && "log" in received ? received.log : received
  if (isLog(log)) return log
  throw new TypeError(
    `Cannot match a timeline as it must be that of a fake platform or a log: current value is ${shown(received)}`,
  )
}

function isLog(value: unknown): value is readonly LogEntry[] {
  return Array.isArray(value)
}

/** Lines that are not empty, without the indentation that all of them have. */
function linesOf(text: string): readonly string[] {
  const lines = text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
  const indented = Math.min(...lines.map((line) => line.search(/\S/)))
  return lines.map((line) => line.slice(indented))
}

/** Lines of one kind count together. */
function kindOf(line: string): string {
  if (/^ *\|/.test(line)) return "mark"
  const name = /^(ms|worker|event)\b[^|]*\|/.exec(line)?.[1]
  if (name !== undefined) return name
  if (/^[.x] \w+ +[:_] /.test(line)) return "legend"
  return /^… \d+ events /.test(line) ? "omission" : "command"
}
