/**
 * What a service manager such as systemd is told: a pure reducer over the notices of a pool and its status. Each message is a list of
 * assignments, as `sd_notify` has them.
 *
 * READY is said once all workers have been ready, and again after each reload. After STOPPING it is not said any more.
 */
import type { Plan } from "../core/plan/plan.ts"
import { counted } from "../core/describe.ts"
import type { Notice } from "../core/notice.ts"
import type { PoolStatus } from "../pool/handle.ts"

/** What it was told so far. */
export interface Told {
  readonly phase: "starting" | "ready" | "reloading" | "stopping"
  /** The latest status line. */
  readonly status: string
  /** What was overdue at the latest look; null if nothing was. */
  readonly overdue: string | null
}

export const toldNothing: Told = { phase: "starting", status: "", overdue: null }

/** What is said next, and what was said then. */
export interface Saying {
  readonly told: Told
  readonly messages: readonly (readonly string[])[]
}

/** How much time is asked for at a time, while something is in progress that has a limit of its own, in ms. */
const extensionMs = 10_000

/**
 * Takes in a notice.
 *
 * @param monotonicUs the time of CLOCK_MONOTONIC in microseconds, which systemd compares; undefined if it is not known.
 */
export function sayNotice(
  told: Told,
  notice: Notice,
  plan: Plan,
  monotonicUs: number | undefined,
): Saying {
  if (told.phase === "stopping") return { told, messages: [] }
  switch (notice.type) {
    case "start":
      return said(told, "ready", ["READY=1"])
    case "reload": {
      // One that has begun before the pool was ready is a part of its start.
      if (told.phase !== (notice.phase === "started" ? "ready" : "reloading")) {
        return { told, messages: [] }
      }
      if (notice.phase !== "started") return said(told, "ready", ["READY=1"])
      const at = monotonicUs === undefined ? [] : [`MONOTONIC_USEC=${monotonicUs}`]
      return said(told, "reloading", ["RELOADING=1", ...at])
    }
    case "upgrade":
      return notice.phase === "finished" && notice.pid !== undefined
        ? said(told, told.phase, [`MAINPID=${notice.pid}`])
        : { told, messages: [] }
    case "stop-delay":
    case "stop":
    case "give-up": {
      const delayMs = notice.type === "stop-delay" ? plan.stopDelayMs : 0
      const ms = delayMs + plan.timeoutMs + plan.killReportMs + 1_000
      return said(told, "stopping", ["STOPPING=1", `EXTEND_TIMEOUT_USEC=${ms * 1_000}`])
    }
    default:
      return { told, messages: [] }
  }
}

function said(told: Told, phase: Told["phase"], message: readonly string[]): Saying {
  return { told: { ...told, phase }, messages: [message] }
}

/**
 * Takes in a look at the pool, which comes from time to time: it says what has changed, and that the pool lives. A pool whose deadline
 * was overdue at the look before, and still is, does not do its work, so nothing is said of its life.
 *
 * @param hasWatchdog whether the service manager wants to hear that it lives.
 */
export function sayStatus(told: Told, pool: PoolStatus, plan: Plan, hasWatchdog: boolean): Saying {
  const message: string[] = []
  const status = statusLine(pool)
  if (status !== told.status) message.push(`STATUS=${status}`)
  const { next } = pool
  const overdue = next !== null && next.inMs === 0 ? next.why : null
  if (hasWatchdog && (overdue === null || overdue !== told.overdue)) message.push("WATCHDOG=1")
  // Workers that start, and a reload, end by limits of their own. Without a limit, that of the service manager holds.
  const isLimited =
    told.phase === "reloading" || (told.phase === "starting" && plan.startTimeoutMs !== false)
  if (isLimited) message.push(`EXTEND_TIMEOUT_USEC=${extensionMs * 1_000}`)
  return {
    told: { ...told, status, overdue },
    messages: message.length === 0 ? [] : [message],
  }
}

/** The state of the pool in one line that changes only when something happens. */
export function statusLine({ state, ready, target, isReloading, workers }: PoolStatus): string {
  const reload = isReloading ? ", reloading" : ""
  const waiting = workers.filter((worker) => worker.state === "waiting").length
  const wait = waiting === 0 ? "" : `, ${counted(waiting, "worker")} waiting for a restart`
  return `${state}: ${ready} of ${target} ready${wait}${reload}`
}
