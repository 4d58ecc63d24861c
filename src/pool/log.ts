/**
 * What is printed of the notices, and how often.
 *
 * Lines go to where errors go, with a mark in front: the output belongs to the user. An error of the user's code is
 * printed with its stack the first time; when it comes again, as it does in a crash loop, only with its count.
 */
import type { Notice } from "../core/notice.ts"
import type { WorkerFailure } from "../worker/message.ts"

/** How much is printed, or who gets it instead. */
export type Log = "silent" | "warn" | "info" | ((notice: Notice) => void)

export interface Logger {
  notice(notice: Notice): void
  failure(failure: WorkerFailure, pid: number | undefined): void
}

/** How many different errors are told apart; more than that are printed in full each time. */
const mostErrors = 100

/** Prints what the setting asks for by `print`, which takes one or more lines. */
export function loggerFor(log: Log, print: (text: string) => void): Logger {
  if (typeof log === "function") return { notice: log, failure: () => undefined }
  const counts = new Map<string, number>()

  function failure({ worker, during, error }: WorkerFailure, pid: number | undefined): void {
    if (log === "silent") return
    const name = pid === undefined ? `worker ${worker.slot}` : `worker ${worker.slot} (pid ${pid})`
    const count = (counts.get(error) ?? 0) + 1
    if (counts.size < mostErrors || count > 1) counts.set(error, count)
    if (count === 1) print(`[kamisama] ${name}: ${during} failed: ${error}`)
    else print(`[kamisama] ${name}: ${during} failed with the same error, by now ${count} times`)
  }

  function notice(notice: Notice): void {
    if (log === "info" || (log === "warn" && notice.level !== "info")) {
      print(`[kamisama] ${notice.text}`)
    }
  }

  return { notice, failure }
}
