/**
 * What is known once a fact is: what becomes of the processes, of the slots that are wanted, and of the pool. Which slots
 * those are stands in wanted-slots.ts, who replaces whom in replacing.ts. Decides nothing about right and wrong.
 */
import type { Event } from "../../../core/event.ts"
import { renewed } from "./absence.ts"
import { died } from "./dying-together.ts"
import {
  answerTimeoutOf,
  type History,
  nothingAsked,
  processOf,
  putProcess,
  type Turn,
} from "./history.ts"
import { isLeaving, lifeUntil, type ProcessRecord, toStop } from "./process-record.ts"
import { agingFrom, asksForReplacement, heldFrom, measured } from "./recycling.ts"
import {
  asksForReload,
  newcomerFailed,
  newcomerIn,
  newcomerDismissed,
  newcomerTakesOver,
  newProgramFailed,
  reloadAsked,
  tellsOfBrokenProgram,
  trialEnded,
} from "./replacing.ts"
import { stopped } from "./stopped.ts"
import {
  exited,
  forkFailed,
  gainSlot,
  isFinal,
  loseSlot,
  slotOf,
  slotToLose,
} from "./wanted-slots.ts"

const wakeUp: Turn = { ...nothingAsked, isWakeUp: true }

/** What is known once the fact is. */
export function followEvent(before: History, event: Event): History {
  const { at } = event
  const asked = askedBy(before, event)
  const stale =
    "worker" in event && processOf(before, event.worker.incarnation) === undefined
      ? event.type
      : null
  const turn = turnOf(event, stale, asked)
  const history: History =
    before.now === at && before.turn === turn ? before : { ...before, now: at, turn }
  if ("worker" in event) return stale === null ? report(history, event) : history
  const { phase } = history
  if (phase === "done") return history
  if (asksForReload(history.plan, event)) return reloadAsked(history)
  switch (event.type) {
    case "started": {
      if (phase !== "starting" || history.startFailedAt !== null) return history
      let { slots } = history
      for (let count = 0; count < history.target; count += 1) slots = gainSlot(slots, [], at)
      return { ...history, phase: "running", slots }
    }
    case "start-failed":
      return phase === "starting" ? { ...history, startFailedAt: at } : history
    case "stop-requested":
      return stopped(history, at, "stop", event.signal)
    case "signal-received":
      if (history.plan.signals[event.signal] !== "stop") break
      return stopped(history, at, "stop", event.signal)
    case "deadline-reached":
      return trialEnded({ ...history, living: renewed(before, at) }, at)
    case "scale-requested":
    case "reload-requested":
  }
  return asked === null ? history : scale(history, asked.to, event)
}

function turnOf({ type }: Event, stale: Turn["stale"], asked: Turn["asked"]): Turn {
  if (asked !== null) return { ...nothingAsked, asked }
  if (stale !== null) return { ...nothingAsked, stale }
  return type === "deadline-reached" ? wakeUp : nothingAsked
}

/** While a pool stops, and afterwards, whatever is asked for changes nothing. */
function askedBy(history: History, event: Event): Turn["asked"] {
  const { phase, target } = history
  const to = targetAskedFor(history, event)
  if (to === undefined) return null
  return { from: target, to: phase === "stopping" || phase === "done" ? target : to }
}

function report(history: History, event: Extract<Event, { worker: unknown }>): History {
  const { at } = event
  const { plan } = history
  const process = processOf(history, event.worker.incarnation)
  if (process === undefined) return history
  switch (event.type) {
    case "worker-said-hello":
      return process.helloAt === null ? putProcess(history, { ...process, helloAt: at }) : history
    case "worker-became-ready": {
      // One that is on its way out serves nobody.
      if (isLeaving(process) || process.readyAt !== null) return history
      const lifeBy = lifeUntil(at, answerTimeoutOf(plan))
      const recycling =
        process.recycling === null
          ? agingFrom(history, at)
          : heldFrom(history, process.recycling, at)
      const ready = putProcess(history, { ...process, readyAt: at, lifeBy, recycling })
      return process.role === "newcomer" ? trialEnded(ready, at) : ready
    }
    case "worker-answered":
      return isLeaving(process) || process.readyAt === null
        ? history
        : putProcess(history, { ...process, lifeBy: lifeUntil(at, answerTimeoutOf(plan)) })
    case "worker-measured":
      return putProcess(history, measured(history, process, event.memoryBytes, at))
    case "worker-asked-for-replacement":
      return putProcess(history, asksForReplacement(history, process, at))
    case "worker-asked-for-exclusivity": {
      const isHeard = process.helloAt !== null && !isLeaving(process)
      if (!isHeard || process.exclusive !== "no") return history
      return putProcess(history, { ...process, exclusive: "asked" })
    }
    case "worker-was-signalled": {
      if (plan.signals[event.signal] !== "stop") return history
      const leaving = toStop(process, at, "direct-signal", event.signal)
      const signalled = putProcess(history, { ...leaving, signalledAt: at })
      return process.role === "newcomer" ? newcomerFailed(signalled, process, at) : signalled
    }
    case "worker-exited": {
      const { code, signal } = event
      // Before its hello it listens to nothing.
      const action = process.helloAt === null && signal !== null ? plan.signals[signal] : undefined
      const diedBySignal = action !== undefined
      const isFailure = code !== 0 && !diedBySignal
      const dead: ProcessRecord = diedBySignal ? { ...process, signalledAt: at } : process
      const slot = slotOf(history.slots, process)
      const isLast = slot?.onExit === "policy" && isFinal(plan, code)
      const after: History = {
        ...history,
        living: history.living.filter((other) => other !== process),
        latestEndAt: at,
        failedSinceStop:
          history.failedSinceStop +
          (history.stoppedAt !== null && code !== 0 && action !== "stop" ? 1 : 0),
        finishedBadly: history.finishedBadly || (isLast && code !== 0),
      }
      if (process.role === "newcomer") {
        return diedBySignal ? after : newcomerFailed(after, process, at)
      }
      if (slot === undefined) return after
      const hasFailed = isFailure && (process.dueToStopAt === null || process.killedAt !== null)
      const incident =
        hasFailed && slot.onExit === "policy"
          ? died(history, process, code, signal, at)
          : history.incident
      const known = { ...after, incident }
      const newcomer = newcomerIn(after, slot.id)
      if (newcomer !== undefined && !isLast) return newcomerTakesOver(known, newcomer)
      const isBroken =
        slot.onExit === "policy" &&
        !isLast &&
        !diedBySignal &&
        tellsOfBrokenProgram(history, process)
      const left = { ...known, slots: exited(plan, history.slots, slot, dead, at, code) }
      if (isBroken) return newProgramFailed(left, at)
      return newcomerDismissed(left, at, slot.id)
    }
    case "fork-failed": {
      const after: History = {
        ...history,
        living: history.living.filter((other) => other !== process),
        latestEndAt: at,
      }
      if (process.role === "newcomer") return newcomerFailed(after, process, at)
      const slot = slotOf(history.slots, process)
      if (slot === undefined) return after
      const newcomer = newcomerIn(after, slot.id)
      if (newcomer !== undefined) return newcomerTakesOver(after, newcomer)
      return { ...after, slots: forkFailed(plan, history.slots, slot, process, at) }
    }
  }
}

function scale(before: History, target: number, { type, at }: Event): History {
  let history = before
  if (before.phase === "running") {
    for (let size = before.target; size < target; size += 1) {
      history = { ...history, slots: gainSlot(history.slots, history.living, at) }
    }
    const choice = type === "scale-requested" ? "highest" : "oldest"
    for (let size = before.target; size > target; size -= 1) history = lose(history, choice, at)
  }
  return { ...history, target }
}

function lose(before: History, choice: "highest" | "oldest", at: number): History {
  const lost = slotToLose(before.slots, before.living, choice)
  if (lost === undefined) return before
  const history: History = newcomerDismissed(
    { ...before, slots: loseSlot(before.slots, lost) },
    at,
    lost.id,
    "scale-down",
  )
  const process = lost.state === "occupied" ? processOf(before, lost.incarnation) : undefined
  return process === undefined ? history : putProcess(history, toStop(process, at, "scale-down"))
}

/** The target once the event is taken in, in a pool that still listens; undefined where the event asks for none. */
function targetAskedFor({ plan, target }: History, event: Event): number | undefined {
  if (event.type === "scale-requested") return event.target
  if (event.type !== "signal-received") return undefined
  const action = plan.signals[event.signal]
  if (action === "scale-up") return target + 1
  return action === "scale-down" ? Math.max(1, target - 1) : undefined
}
