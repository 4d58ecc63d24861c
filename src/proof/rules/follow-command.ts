/**
 * What is known once an order was given: the rules have seen it before. Decides nothing about right and wrong.
 */
import type { Effect } from "../../core/command.ts"
import {
  countingRespawns,
  type History,
  processOf,
  putProcess,
  type ReloadRecord,
} from "./history.ts"
import { newborn, type ProcessRecord } from "./process-record.ts"
import { isRecycling } from "./recycling.ts"
import { newcomerFailed } from "./replacing.ts"
import { done, gaveUp } from "./stopped.ts"
import type { Turn } from "./event-context.ts"
import { fillSlot } from "./wanted-slots.ts"

/** What is known once an order was given at `at`, which the event of that turn has led to. */
export function followOrder(history: History, order: Effect, at: number, turn: Turn): History {
  switch (order.type) {
    case "fork-worker": {
      const { slot, incarnation } = order.worker
      const { plan, respawnedAt } = history
      const isNewcomer = order.reason.rule === "reload" || isRecycling(order)
      const role = isNewcomer ? "newcomer" : "worker"
      const isCounted = order.reason.rule === "respawn" && plan.respawnLimit !== Infinity
      return {
        ...history,
        living: [
          ...history.living,
          { ...newborn(slot, incarnation, at, startTimeoutOf(history, role)), role },
        ],
        latestIncarnation: Math.max(history.latestIncarnation, incarnation),
        slots:
          history.phase === "running" && !isNewcomer
            ? fillSlot(history.slots, slot, incarnation)
            : history.slots,
        respawnedAt: isCounted ? [...countingRespawns(history, at), at] : respawnedAt,
      }
    }
    case "grant-exclusivity": {
      const process = processOf(history, order.worker.incarnation)
      return process === undefined
        ? history
        : putProcess(history, process, { ...process, exclusive: "granted" })
    }
    case "kill-worker":
    case "run-worker":
    case "stop-worker": {
      const process = processOf(history, order.worker.incarnation)
      if (process === undefined) return history
      const next = putProcess(history, process, ordered(process, order.type, at))
      if (order.type !== "kill-worker") return next
      const after: History = { ...next, latestKillAt: at }
      const { rule } = order.reason
      const isLifeless = rule === "start-timeout" || rule === "heartbeat-timeout"
      return isLifeless && process.role === "newcomer"
        ? newcomerFailed(after, process, turn)
        : after
    }
    case "announce-give-up":
      return gaveUp(history, at)
    case "announce-scale":
      turn.isScaleAnnounced = true
      return history
    case "finish":
      return done(history, at)
    case "announce-reload":
      return followReload(history, order.phase, turn)
    case "announce-incident":
      return { ...history, incident: null }
    case "announce-stop":
      turn.stopsOn = null
      return history
  }
}

function followReload(
  history: History,
  phase: "started" | "finished" | "aborted",
  turn: Turn,
): History {
  const { reload, latestIncarnation } = history
  if (phase === "started") {
    const started: ReloadRecord = { before: latestIncarnation + 1, again: false }
    return { ...history, reload: started, isReloadDue: false }
  }
  const isReloadDue = reload?.again === true && history.phase === "running"
  turn.hasReloadFailed = false
  return { ...history, reload: null, isReloadDue }
}

/** While a reload runs, nobody may take for ever, nor may one that is to replace another. */
function startTimeoutOf({ plan, reload }: History, role: "worker" | "newcomer"): number | false {
  const { startTimeoutMs, reloadStartTimeoutMs } = plan
  if (startTimeoutMs !== false) return startTimeoutMs
  return reload !== null || role === "newcomer" ? reloadStartTimeoutMs : false
}

/** The first of each kind of order counts. */
function ordered(
  process: ProcessRecord,
  type: "run-worker" | "stop-worker" | "kill-worker",
  at: number,
): ProcessRecord {
  switch (type) {
    case "run-worker":
      return { ...process, toldToRunAt: process.toldToRunAt ?? at }
    case "stop-worker":
      return { ...process, askedAt: process.askedAt ?? at }
    case "kill-worker":
      return { ...process, killedAt: process.killedAt ?? at }
  }
}
