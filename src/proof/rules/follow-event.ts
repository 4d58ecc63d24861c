/**
 * What is known after an event: of the processes, the wanted slots and the pool. wanted-slots.ts knows which slots those are, and
 * replacing.ts which process replaces which.
 */
import type { Event } from "../../core/event.ts"
import { renewed } from "./absence.ts"
import { died } from "./correlated-failures.ts"
import { heartbeatLimitOf, type History, processOf, putProcess } from "./history.ts"
import {
  isLeaving,
  timeoutAfter,
  type ProcessRecord,
  toStop,
  wasStoppedBooting,
} from "./process-record.ts"
import { agingFrom, callsForReplacement, heldFrom, measured } from "./recycling.ts"
import {
  replacementFailed,
  replacementIn,
  replacementDismissed,
  replacementTakesOver,
  reloadMustEnd,
  reloadAsked,
  showsBrokenProgram,
  replacementsAccepted,
} from "./replacing.ts"
import { areSparesUseless, spareFailed, sparesDiscarded, spareSignaled } from "./spares.ts"
import { startFailedIn, startForgotten } from "./start-failure.ts"
import { heldSignalsCount, stoppedBySignal, workerSignaled } from "./signaled.ts"
import { delayEnded, handedOver, stopAsked } from "./stopping.ts"
import { successorGone, successorLate, upgradeAsked } from "./upgrading.ts"
import type { EventContext } from "./event-context.ts"
import {
  exited,
  forkFailed,
  gainSlot,
  isFinal,
  loseSlot,
  slotOf,
  slotToLose,
} from "./wanted-slots.ts"

/** What is known after the event. */
export function followEvent(history: History, event: Event, context: EventContext): History {
  const after = happened(history, event, context)
  return after !== history && areSparesUseless(after) ? sparesDiscarded(after, event.at) : after
}

function happened(history: History, event: Event, context: EventContext): History {
  const { at, asked, about } = context
  switch (event.type) {
    case "started":
      return begun(history, at)
    case "start-failed":
      return history.phase === "starting" ? { ...history, startFailedAt: at } : history
    case "stop-requested":
      return stopAsked(history, at, event.signal)
    case "signal-received":
      return signaled(history, event.signal, context)
    case "scale-requested":
      return asked === null ? history : scaled(history, asked.to, "highest", at)
    case "reload-requested":
      return reloadAsked(history)
    case "upgrade-requested":
      return upgradeAsked(history)
    case "successor-became-ready":
      return history.successor?.phase === "starting" ? handedOver(history, at) : history
    case "successor-exited":
    case "successor-failed":
      return successorGone(history, at)
    case "deadline-reached": {
      if (history.phase === "done") return history
      const living = renewed(history, at)
      const known = successorLate(history, at)
      const awake = delayEnded(living === history.living ? known : { ...known, living }, at)
      return heldSignalsCount(replacementsAccepted(awake, at), at)
    }
    default:
      return about === undefined ? history : report(history, event, about)
  }
}

function begun(history: History, at: number): History {
  if (history.phase !== "starting" || history.startFailedAt !== null) return history
  let { slots } = history
  for (let count = 0; count < history.target; count += 1) slots = gainSlot(slots, [], at)
  return { ...history, phase: "running", slots }
}

function signaled(history: History, signal: string, context: EventContext): History {
  const { at, asked } = context
  if (asked !== null) return scaled(history, asked.to, "oldest", at)
  const action = history.plan.signals[signal]
  if (action === "reload") return reloadAsked(history)
  if (action === "upgrade") return upgradeAsked(history)
  return action === "stop" ? stopAsked(history, at, signal) : history
}

function report(
  history: History,
  event: Extract<Event, { worker: unknown }>,
  process: ProcessRecord,
): History {
  const { at } = event
  const { plan } = history
  const put = (next: ProcessRecord): History => putProcess(history, process, next)
  switch (event.type) {
    case "worker-said-hello": {
      if (process.helloAt !== null || process.killedAt !== null) return history
      const { role, timeout } = process
      return put({ ...process, helloAt: at, timeout: role === "spare" ? null : timeout })
    }
    case "worker-became-ready": {
      // A process on its way out serves no more.
      if (isLeaving(process) || process.readyAt !== null || process.role === "spare") return history
      const timeout = timeoutAfter(at, heartbeatLimitOf(plan))
      const recycling =
        process.recycling === null
          ? agingFrom(history, at)
          : heldFrom(history, process.recycling, at)
      const served: History = { ...history, failedStarts: null }
      const ready = putProcess(served, process, { ...process, readyAt: at, timeout, recycling })
      return process.role === "replacement" ? replacementsAccepted(ready, at) : ready
    }
    case "worker-sent-heartbeat":
      return isLeaving(process) || process.readyAt === null
        ? history
        : put(heard(process, timeoutAfter(at - event.agoMs, heartbeatLimitOf(plan))))
    case "worker-measured":
      return put(measured(history, process, event.memoryBytes, at))
    case "worker-served-requests":
      return plan.maxRequests === false
        ? history
        : put(callsForReplacement(history, process, "max-requests", at))
    case "worker-asked-for-replacement":
      return put(callsForReplacement(history, process, "request", at))
    case "worker-asked-for-leadership": {
      const isHeard = process.toldToRunAt !== null && !isLeaving(process)
      if (!isHeard || process.leader !== "no") return history
      return put({ ...process, leader: "asked" })
    }
    case "worker-was-signaled":
      return workerSignaled(history, process, event.signal, at)
    case "worker-exited":
      return ended(history, process, event)
    case "fork-failed": {
      const after: History = {
        ...history,
        living: history.living.filter((other) => other !== process),
        latestEndAt: at,
      }
      if (process.role === "spare") {
        return process.dueToStopAt === null ? spareFailed(after, at) : after
      }
      if (process.role === "replacement") return replacementFailed(after, process, at)
      const slot = slotOf(history.slots, process)
      if (slot === undefined) return after
      const replacement = replacementIn(after, slot.id)
      if (replacement !== undefined) return replacementTakesOver(after, replacement)
      const slots = forkFailed(plan, history.slots, slot, process, at)
      const isWanted = slots.some(({ id }) => id === slot.id)
      return { ...(isWanted ? startFailedIn(after, process) : after), slots }
    }
  }
}

/** What is known once a process has ended. One that a signal has reached was as good as asked to. */
function ended(
  history: History,
  lived: ProcessRecord,
  { at, code, signal }: Extract<Event, { type: "worker-exited" }>,
): History {
  const { plan } = history
  const process = stoppedBySignal(lived, at)
  // Before its hello it listens to nothing.
  const action = process.helloAt === null && signal !== null ? plan.signals[signal] : undefined
  const diedBySignal = action !== undefined
  const endedWell = code === 0 || wasStoppedBooting(process)
  const isFailure = !endedWell && !diedBySignal
  const dead: ProcessRecord = diedBySignal ? { ...process, signaledAt: at } : process
  const slot = slotOf(history.slots, process)
  const isLast = slot?.desired === "respawn" && isFinal(plan, code)
  const after: History = {
    ...history,
    living: history.living.filter((other) => other !== lived),
    latestEndAt: at,
    failedSinceStop: history.failedSinceStop + (history.stoppedAt !== null && !endedWell ? 1 : 0),
    hasFailedFinal: history.hasFailedFinal || (isLast && !endedWell),
  }
  if (process.role === "spare") {
    if (diedBySignal) return spareSignaled(after, at)
    return process.dueToStopAt === null ? spareFailed(after, at) : after
  }
  if (process.role === "replacement") {
    return diedBySignal ? after : replacementFailed(after, process, at)
  }
  if (slot === undefined) return after
  const hasFailed = isFailure && (process.dueToStopAt === null || process.killedAt !== null)
  const incident =
    hasFailed && slot.desired === "respawn"
      ? died(history, process, code, signal, at)
      : history.incident
  const known = { ...after, incident }
  const replacement = replacementIn(after, slot.id)
  if (replacement !== undefined && !isLast) return replacementTakesOver(known, replacement)
  const isBroken =
    slot.desired === "respawn" &&
    !isLast &&
    !diedBySignal &&
    !wasStoppedBooting(process) &&
    showsBrokenProgram(history, process)
  const isFailedStart = slot.desired === "respawn" && !isLast && !diedBySignal
  const counted = isFailedStart ? startFailedIn(known, process) : known
  const left = { ...counted, slots: exited(plan, history.slots, slot, dead, at, code) }
  if (isBroken) return reloadMustEnd(left, at)
  return replacementDismissed(left, at, slot.id)
}

/** A process that has sent a heartbeat. One that was sent long ago takes no time away. */
function heard(process: ProcessRecord, timeout: ProcessRecord["timeout"]): ProcessRecord {
  const before = process.timeout
  if (before === null || timeout === null) return { ...process, timeout }
  if (timeout.untilAt <= before.fromAt) return process
  const fromAt = Math.max(before.fromAt, timeout.fromAt)
  const untilAt = Math.max(before.untilAt, timeout.untilAt)
  return { ...process, timeout: { fromAt, untilAt } }
}

/** Once another number of slots is wanted. `choice` says which worker loses its slot. */
function scaled(
  before: History,
  target: number,
  choice: "highest" | "oldest",
  at: number,
): History {
  if (target === before.target) return before
  let history = before
  if (before.phase === "running") {
    for (let size = before.target; size < target; size += 1) {
      history = { ...history, slots: gainSlot(history.slots, history.living, at) }
    }
    for (let size = before.target; size > target; size -= 1) history = lose(history, choice, at)
  }
  return { ...history, target }
}

function lose(before: History, choice: "highest" | "oldest", at: number): History {
  const lost = slotToLose(before.slots, before.living, choice)
  if (lost === undefined) return before
  const history: History = replacementDismissed(
    startForgotten({ ...before, slots: loseSlot(before.slots, lost) }, lost.id),
    at,
    lost.id,
    "scale-down",
  )
  const process = lost.state === "occupied" ? processOf(before, lost.incarnation) : undefined
  if (process === undefined) return history
  return putProcess(history, process, toStop(process, at, "scale-down"))
}
