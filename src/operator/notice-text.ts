/**
 * What a notice says to somebody who does not see what the workers print. Pure.
 */
import { firstLine } from "../core/log-line.ts"
import type { Notice } from "../core/notice.ts"

/** The process id of the primary that a pool was handed over to; undefined if the notice says no such thing. */
export function heirIn(notice: Notice): number | undefined {
  return notice.type === "upgrade" && notice.phase === "finished" ? notice.pid : undefined
}

/** The text of a notice, with the error that the log has printed before it. */
export function textAlone(notice: Notice): string {
  const error = "error" in notice ? notice.error : undefined
  if (error === undefined) return notice.text
  return notice.text.replace(/ \(see above\)$/, `: ${firstLine(error)}`)
}
