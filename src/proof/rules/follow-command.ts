/**
 * What is known after a command.
 */
import type { Command } from "../../core/command.ts"
import {
  countingRespawns,
  type History,
  processOf,
  putProcess,
  type ReloadRecord,
} from "./history.ts"
import { newProcess, type ProcessRecord } from "./process-record.ts"
import { isRecycling } from "./recycling.ts"
import { replacementFailed } from "./replacing.ts"
import { done, gaveUp } from "./stopping.ts"
import { fillSlot } from "./wanted-slots.ts"

/** What is known once a command was given at `at`. */
export function followCommand(history: History, command: Command, at: number): History {
  switch (command.type) {
    case "fork-worker": {
      const { slot, incarnation } = command.worker
      const { plan, respawnedAt } = history
      const isReplacement = command.reason.rule === "reload" || isRecycling(command)
      const role = isReplacement ? "replacement" : "current"
      const isCounted = command.reason.rule === "respawn" && plan.respawnLimit !== Infinity
      return {
        ...history,
        living: [
          ...history.living,
          { ...newProcess(slot, incarnation, at, startTimeoutOf(history, role)), role },
        ],
        latestIncarnation: Math.max(history.latestIncarnation, incarnation),
        slots:
          history.phase === "running" && !isReplacement
            ? fillSlot(history.slots, slot, incarnation)
            : history.slots,
        respawnedAt: isCounted ? [...countingRespawns(history, at), at] : respawnedAt,
      }
    }
    case "grant-leadership": {
      const process = processOf(history, command.worker.incarnation)
      return process === undefined
        ? history
        : putProcess(history, process, { ...process, leader: "granted" })
    }
    case "kill-worker":
    case "run-worker":
    case "stop-worker": {
      const process = processOf(history, command.worker.incarnation)
      if (process === undefined) return history
      const next = putProcess(history, process, ordered(process, command.type, at))
      if (command.type !== "kill-worker") return next
      const after: History = { ...next, latestKillAt: at }
      const { rule } = command.reason
      const isLifeless = rule === "start-timeout" || rule === "heartbeat-timeout"
      return isLifeless && process.role === "replacement"
        ? replacementFailed(after, process, at)
        : after
    }
    case "announce-give-up":
      return gaveUp(history, at)
    case "announce-scale":
      return { ...history, announcedTarget: history.target }
    case "finish":
      return done(history, at)
    case "announce-reload":
      return followReload(history, command.phase)
    case "announce-incident":
      return { ...history, incident: null }
    case "announce-stop":
      return { ...history, unannouncedStop: null }
  }
}

function followReload(history: History, phase: "started" | "finished" | "aborted"): History {
  const { reload, latestIncarnation } = history
  if (phase === "started") {
    const started: ReloadRecord = {
      firstNewIncarnation: latestIncarnation + 1,
      isQueued: false,
    }
    return { ...history, reload: started, isReloadDue: false }
  }
  const isReloadDue = reload?.isQueued === true && history.phase === "running"
  return { ...history, reload: null, isReloadDue, hasReloadFailed: false }
}

/** While a reload runs, no worker may take forever to start. Neither may a replacement. */
function startTimeoutOf(
  { plan, reload }: History,
  role: "current" | "replacement",
): number | false {
  const { startTimeoutMs, reloadStartTimeoutMs } = plan
  if (startTimeoutMs !== false) return startTimeoutMs
  return reload !== null || role === "replacement" ? reloadStartTimeoutMs : false
}

/** The first command of each kind counts. */
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
