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
import { type FillCommand, isFilling } from "./filling.ts"
import { newProcess, type ProcessRecord, timeoutAfter } from "./process-record.ts"
import { sparesDiscarded, spareTaken } from "./spares.ts"
import { isRecycling } from "./recycling.ts"
import { replacementFailed } from "./replacing.ts"
import { done, gaveUp, stopBegun } from "./stopping.ts"
import { successorOrdered } from "./upgrading.ts"
import { fillSlot } from "./wanted-slots.ts"

/** What is known once a command was given at `at`. */
export function followCommand(history: History, command: Command, at: number): History {
  switch (command.type) {
    case "fork-worker": {
      const { slot, incarnation } = command.worker
      const role = roleFor(command)
      const forked = newProcess(slot, incarnation, at, startTimeoutOf(history, role))
      const known: History = {
        ...history,
        living: [...history.living, { ...forked, role }],
        latestIncarnation: Math.max(history.latestIncarnation, incarnation),
      }
      return isFilling(command) ? filled(known, command, at) : known
    }
    case "run-worker": {
      const process = processOf(history, command.worker.incarnation)
      if (process === undefined) return history
      if (!isFilling(command)) {
        return putProcess(history, process, ordered(process, "run-worker", at))
      }
      const { slot } = command.worker
      const role = roleFor(command)
      // It may have hung while it waited, so it always has a limit.
      const timeout = timeoutAfter(at, startTimeoutOf(history, "spare"))
      const begun = { ...ordered(process, command.type, at), slot, role, timeout }
      return filled(spareTaken(putProcess(history, process, begun)), command, at)
    }
    case "grant-leadership": {
      const process = processOf(history, command.worker.incarnation)
      return process === undefined
        ? history
        : putProcess(history, process, { ...process, leader: "granted" })
    }
    case "kill-worker":
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
      return command.phase === "started"
        ? sparesDiscarded(followReload(history, command.phase), at)
        : followReload(history, command.phase)
    case "announce-incident":
      return { ...history, incident: null }
    case "start-successor":
    case "stop-successor":
    case "kill-successor":
      return successorOrdered(history, command.type, at)
    case "announce-upgrade":
      return { ...history, unannouncedUpgrade: null }
    case "announce-stop-delay":
      return { ...history, unannouncedDelay: null }
    case "announce-stop":
      return { ...stopBegun(history, at), unannouncedStop: null }
  }
}

function roleFor(command: FillCommand): ProcessRecord["role"] {
  const { rule } = command.reason
  if (rule === "spare") return "spare"
  return rule === "reload" || isRecycling(command) ? "replacement" : "current"
}

/** What is known once a slot was filled. */
function filled(history: History, command: FillCommand, at: number): History {
  const { slot, incarnation } = command.worker
  const { plan, slots, phase, respawnedAt } = history
  const isCurrent = roleFor(command) === "current"
  const isCounted = command.reason.rule === "respawn" && plan.respawnLimit !== Infinity
  return {
    ...history,
    slots: phase === "running" && isCurrent ? fillSlot(slots, slot, incarnation) : slots,
    respawnedAt: isCounted ? [...countingRespawns(history, at), at] : respawnedAt,
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
  const isProgramRejected = phase === "aborted" && history.phase === "running"
  return { ...history, reload: null, isReloadDue, mustReloadEnd: false, isProgramRejected }
}

/** While a reload runs, no worker may take forever to start. Neither may a replacement or a spare. */
function startTimeoutOf({ plan, reload }: History, role: ProcessRecord["role"]): number | false {
  const { startTimeoutMs, reloadStartTimeoutMs } = plan
  if (startTimeoutMs !== false) return startTimeoutMs
  return reload !== null || role !== "current" ? reloadStartTimeoutMs : false
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
