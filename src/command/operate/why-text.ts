/**
 * Why a pool, or one of its workers, is as it is: what is due next, and what has happened last, with reasons. Pure.
 */
import type { Reason } from "../../core/command.ts"
import { counted } from "../../core/describe.ts"
import { oneLine } from "../../core/log-line.ts"
import { type Notice, typesOfPool } from "../../core/notice.ts"
import type { OperatorStatus } from "../../operator/status.ts"
import { textAlone } from "../../operator/notice-text.ts"
import { headOf, isSilent, nextOf, spanText } from "./status-text.ts"

/** How much of the past is told. */
const most = 12
const recyclingRules: readonly Reason["rule"][] = [
  "max-age",
  "max-memory",
  "max-requests",
  "recycle-requested",
]

/** @param id the number of a worker; undefined for the pool. */
export function whyText(
  status: OperatorStatus,
  notices: readonly Notice[],
  id: number | undefined,
): string {
  const told =
    id === undefined
      ? notices.filter(isOfPool)
      : notices.filter((notice) => "id" in notice && notice.id === id)
  const lines = told.slice(-most).map(noticeLine)
  const past = lines.length === 0 ? ["nothing has happened that is still known"] : lines
  return [...(id === undefined ? headOf(status) : headOfWorker(status, id)), "", ...past].join("\n")
}

/** Whether a notice is about the pool, or a worker that failed or was replaced for a reason of its own. */
function isOfPool(notice: Notice): boolean {
  return notice.level !== "info" || typesOfPool.includes(notice.type) || isRecycling(notice)
}

function isRecycling(notice: Notice): boolean {
  return notice.type === "fork" && recyclingRules.includes(notice.rule)
}

/** A notice as a line: its time, its level and its text. */
export function noticeLine(notice: Notice): string {
  const { at, level, reason } = notice
  const text = textAlone(notice)
  const time = new Date(at).toTimeString().slice(0, 8)
  const why = saysMore(notice, text) ? ` (${oneLine(reason)})` : ""
  return `${time}  ${level.padEnd(5)}  ${oneLine(text)}${why}`
}

/** Whether the reason has something to add. Most texts say it in words of their own. */
function saysMore(notice: Notice, text: string): boolean {
  if (text.includes(notice.reason)) return false
  switch (notice.type) {
    case "fork":
      return notice.rule !== "respawn" && !isRecycling(notice)
    case "exit":
      return !text.includes("not by kamisama") && !text.includes("finished (")
    case "spare":
      return notice.phase === "exited"
    case "signal":
      return true
    default:
      return false
  }
}

function headOfWorker(status: OperatorStatus, id: number): readonly string[] {
  const workers = status.workers.filter((worker) => worker.id === id)
  const heads = workers.flatMap((worker) => {
    const { pid, state, forMs, respawns, healthy, load } = worker
    const process = pid === null ? "" : ` (pid ${pid})`
    const head = `worker ${id}${process}: ${state} for ${spanText(forMs)}, ${counted(respawns, "restart")}`
    if (state !== "ready") return head
    return [
      head,
      ...(!isSilent(worker)
        ? []
        : ["it did not answer within 0.3 s: its event loop is busy, or hangs"]),
      ...(healthy ? [] : ["its program says that it cannot serve clients"]),
      ...(load !== null && load.loopUse > 0.9
        ? [`its event loop is in use for ${Math.round(100 * load.loopUse)} % of the time`]
        : []),
    ]
  })
  return [...(heads.length === 0 ? [`there is no worker ${id}`] : heads), `next: ${nextOf(status)}`]
}
