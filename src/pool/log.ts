/**
 * What is printed to stderr, and how often. stdout belongs to the user's program.
 *
 * An error of the user's code is printed with its stack the first time. After that, as in a crash loop, it is counted.
 */
import { logLine } from "../core/log-line.ts"
import { formatted, type LogFields, type LogFormat } from "../platform/log-format.ts"
import { type Notice, type NoticeBase, typesOfPool } from "../core/notice.ts"
import type { Host } from "../platform/platform.ts"
import type { WorkerFailure } from "../worker/message.ts"
import { processName } from "../platform/process-name.ts"

/** The least level that is printed, or a function that gets each notice instead. */
export type Log = "silent" | "warn" | "info" | ((notice: Notice) => unknown)

export interface Logger {
  /** Whether errors of the user's code are printed when they are reported. */
  readonly printsErrors: boolean
  /** @returns what the log function has returned. */
  notice(notice: Notice): unknown
  failure(failure: WorkerFailure, pid: number | undefined): void
  /** Prints a line whatever the option `log` is. */
  always(level: NoticeBase["level"], text: string): void
}

/** How many different errors are counted. Any more are printed in full each time. */
const mostErrors = 100

/**
 * The logger for the option `log`.
 *
 * @param hasShutdown whether the user's code has a `shutdown`. If not, what `run` returned is closed in its place.
 */
export function loggerFor(
  log: Log,
  format: LogFormat,
  platform: Pick<Host, "printError" | "process">,
  hasShutdown: boolean,
): Logger {
  const counts = new Map<string, number>()
  const printsErrors = log === "warn" || log === "info"

  function always(level: NoticeBase["level"], text: string): void {
    platform.printError(logLine(level, text))
  }

  function notice(notice: Notice): unknown {
    if (typeof log === "function") return log(notice)
    if (!isPrinted(notice)) return undefined
    if (format !== "json" && format !== "logfmt") return always(notice.level, notice.text)
    const { at, level, text, ...fields } = notice
    platform.printError(formatted(format, at, level, text, named(fields)))
    return undefined
  }

  function isPrinted({ type, level }: Notice): boolean {
    if (log !== "warn") return log === "info"
    const isForTerminal = typesOfPool.includes(type)
    return level !== "info" || (isForTerminal && platform.process.hasTerminal)
  }

  /** Called as in the lines of workers: a worker, not an id. */
  function named(fields: { readonly [name: string]: unknown }): LogFields {
    const { id, ...others } = fields
    return id === undefined ? others : { worker: id, ...others }
  }

  function failure({ worker, during, error }: WorkerFailure, pid: number | undefined): void {
    // The runtime has printed what was not caught.
    if (!printsErrors || during === "uncaught") return
    const count = (counts.get(error) ?? 0) + 1
    if (counts.size < mostErrors || count > 1) counts.set(error, count)
    const what = during === "run" || hasShutdown ? during : "closing what run returned"
    const how =
      count === 1
        ? `failed: ${error}`
        : `failed with the same error as above (${count} failures so far)`
    always("warn", `${processName(worker.slot, pid)}: ${what} ${how}`)
  }

  return { printsErrors, notice, failure, always }
}
