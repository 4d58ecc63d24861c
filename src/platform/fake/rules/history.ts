/**
 * What a log tells so far, from its facts and orders alone: which processes there are, what was ordered of them, when
 * the pool began to stop. The rules read it; it never looks at the state of the core, and so tells what ought to be,
 * whatever the core believes. Which slots are wanted stands in wanted-slots.ts. Decides nothing about right and wrong.
 *
 * It is plain data that is never written to, so that a search can go on from it in many ways.
 */
import type { Effect } from "../../../core/effect.ts"
import type { Event } from "../../../core/event.ts"
import type { Plan } from "../../../core/plan.ts"
import type { LogEntry } from "../../platform.ts"
import { renewed } from "./absence.ts"
import { historyFrom } from "./history-from.ts"
import { died, type IncidentRecord, isWorthTelling } from "./dying-together.ts"
import { isLeaving, lifeUntil, newborn, type ProcessRecord, toStop } from "./process-record.ts"
import { agingFrom, asksForReplacement, heldFrom, isRecycling, measured } from "./recycling.ts"
import {
  asksForReload,
  newcomerFailed,
  newcomerIn,
  newcomerDismissed,
  newcomerTakesOver,
  newProgramFailed,
  reloadAsked,
  type ReloadRecord,
  tellsOfBrokenProgram,
  trialEnded,
} from "./replacing.ts"
import {
  exited,
  fillSlot,
  forkFailed,
  gainSlot,
  isFinal,
  loseSlot,
  type SlotRecords,
  slotOf,
  slotToLose,
} from "./wanted-slots.ts"

export interface History {
  readonly plan: Plan
  /** `stopping` from the first stop on, `done` from the order to finish. */
  readonly phase: "starting" | "running" | "stopping" | "done"
  /** How many slots were asked for. */
  readonly target: number
  /** What those slots, and the ones being given up, ought to be. Empty unless running. */
  readonly slots: SlotRecords
  /** The processes that live, as far as their primary knows, in the order of their forks. */
  readonly living: readonly ProcessRecord[]
  /** The largest number that a fork has had. */
  readonly latestIncarnation: number
  /** When the latest end of a process was reported. */
  readonly latestEndAt: number | null
  /** When a process was last killed. */
  readonly latestKillAt: number | null
  /** When the respawns that still count were made. */
  readonly respawnedAt: readonly number[]
  /** t₀: the first of stop signal, `stop()` and giving up. */
  readonly stoppedAt: number | null
  readonly gaveUp: boolean
  /** The failures of a moment that are not told of yet. */
  readonly incident: IncidentRecord | null
  /** How many exits reported since t₀ were neither code 0 nor, before hello, death by a stop signal. */
  readonly failedSinceStop: number
  /** Whether an exit that its respawn policy made final was not 0. */
  readonly finishedBadly: boolean
  readonly startFailedAt: number | null
  /** The reload that runs. */
  readonly reload: ReloadRecord | null
  /** Whether one was asked for that is to begin now. */
  readonly isReloadDue: boolean
  readonly doneAt: number | null
  /** The moment of the latest entry of the primary. */
  readonly now: number
  /** What the latest event was, as far as its orders depend on it. */
  readonly turn: Turn
}

/** One event and what was made of it so far. */
interface Turn {
  /** A report about a process that is dead: its type. */
  readonly stale: Event["type"] | null
  /** The target before and after it; null where it asks for none. */
  readonly asked: { readonly from: number; readonly to: number } | null
  readonly isScaleAnnounced: boolean
  /** The signal of the stop that it has begun, until that was told of. */
  readonly stopsOn: string | null
  readonly isWakeUp: boolean
  /** Whether a worker has failed that tells that the new program is broken. */
  readonly hasReloadFailed: boolean
}

const nothingAsked: Turn = {
  stale: null,
  asked: null,
  isScaleAnnounced: false,
  stopsOn: null,
  isWakeUp: false,
  hasReloadFailed: false,
}
const wakeUp: Turn = { ...nothingAsked, isWakeUp: true }

/** Before anything has happened. */
export function historyOf(plan: Plan): History {
  return {
    plan,
    phase: "starting",
    target: plan.workers,
    slots: [],
    living: [],
    latestIncarnation: 0,
    latestEndAt: null,
    latestKillAt: null,
    respawnedAt: [],
    stoppedAt: null,
    gaveUp: false,
    incident: null,
    failedSinceStop: 0,
    finishedBadly: false,
    startFailedAt: null,
    reload: null,
    isReloadDue: false,
    doneAt: null,
    now: 0,
    turn: nothingAsked,
  }
}

/** Whether nothing but a moment, and what was asked for then, tells one from the other. */
export function knowsTheSame(one: History, other: History): boolean {
  return (
    one === other ||
    (one.living === other.living &&
      one.slots === other.slots &&
      one.phase === other.phase &&
      one.target === other.target &&
      one.latestIncarnation === other.latestIncarnation &&
      one.latestEndAt === other.latestEndAt &&
      one.latestKillAt === other.latestKillAt &&
      one.respawnedAt === other.respawnedAt &&
      one.stoppedAt === other.stoppedAt &&
      one.gaveUp === other.gaveUp &&
      one.incident === other.incident &&
      one.failedSinceStop === other.failedSinceStop &&
      one.finishedBadly === other.finishedBadly &&
      one.startFailedAt === other.startFailedAt &&
      one.reload === other.reload &&
      one.isReloadDue === other.isReloadDue &&
      one.doneAt === other.doneAt)
  )
}

/** Whether an event asks for more than what was known before it: only about that a rule may have more to say. */
export function wantsAnything({ asked, stopsOn, isWakeUp, hasReloadFailed }: Turn): boolean {
  return asked !== null || stopsOn !== null || isWakeUp || hasReloadFailed
}

/** The process that lives under that number. */
export function processOf(history: History, incarnation: number): ProcessRecord | undefined {
  return history.living.find((process) => process.incarnation === incarnation)
}

/** The target once the event is taken in, in a pool that still listens; undefined where the event asks for none. */
function targetAskedFor({ plan, target }: History, event: Event): number | undefined {
  if (event.type === "scale-requested") return event.target
  if (event.type !== "signal-received") return undefined
  const action = plan.signals[event.signal]
  if (action === "scale-up") return target + 1
  return action === "scale-down" ? Math.max(1, target - 1) : undefined
}

/** What is known once the entry is. The rules have seen it before. */
export function follow(history: History, entry: LogEntry): History {
  switch (entry.kind) {
    case "plan":
      return { ...history, now: entry.at }
    case "middle":
      return historyFrom(history.plan, entry.state, entry.at, entry.at - entry.stateAt)
    case "event":
      return followEvent(history, entry.event)
    case "order":
      return followOrder(history, entry.order, entry.at)
    case "worker":
      return history
  }
}

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
      return stop(history, at, "stop", event.signal)
    case "signal-received":
      if (history.plan.signals[event.signal] !== "stop") break
      return stop(history, at, "stop", event.signal)
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
      return process.helloAt === null ? put(history, { ...process, helloAt: at }) : history
    case "worker-became-ready": {
      // One that is on its way out serves nobody.
      if (isLeaving(process) || process.readyAt !== null) return history
      const lifeBy = lifeUntil(at, answerTimeoutOf(plan))
      const recycling =
        process.recycling === null
          ? agingFrom(history, at)
          : heldFrom(history, process.recycling, at)
      const ready = put(history, { ...process, readyAt: at, lifeBy, recycling })
      return process.role === "newcomer" ? trialEnded(ready, at) : ready
    }
    case "worker-answered":
      return isLeaving(process) || process.readyAt === null
        ? history
        : put(history, { ...process, lifeBy: lifeUntil(at, answerTimeoutOf(plan)) })
    case "worker-measured":
      return put(history, measured(history, process, event.memoryBytes, at))
    case "worker-asked-for-replacement":
      return put(history, asksForReplacement(history, process, at))
    case "worker-asked-for-exclusivity": {
      const isHeard = process.helloAt !== null && !isLeaving(process)
      if (!isHeard || process.exclusive !== "no") return history
      return put(history, { ...process, exclusive: "asked" })
    }
    case "worker-was-signalled": {
      if (plan.signals[event.signal] !== "stop") return history
      const leaving = toStop(process, at, "direct-signal", event.signal)
      const signalled = put(history, { ...leaving, signalledAt: at })
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
  return process === undefined ? history : put(history, toStop(process, at, "scale-down"))
}

function stop(history: History, at: number, cause: "stop" | "give-up", signal: string): History {
  if (history.stoppedAt !== null) return history
  return {
    ...history,
    phase: "stopping",
    stoppedAt: at,
    living: history.living.map((process) => toStop(process, at, cause, signal)),
    turn: cause === "stop" ? { ...history.turn, stopsOn: signal } : history.turn,
    slots: [],
    isReloadDue: false,
    incident: untold(history),
  }
}

/** Those that are too few are forgotten when the pool is over. */
function untold({ incident }: History): IncidentRecord | null {
  return incident !== null && isWorthTelling(incident) ? incident : null
}

/** What is known once an order was given at `at`. */
export function followOrder(history: History, order: Effect, at: number): History {
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
      return process === undefined ? history : put(history, { ...process, exclusive: "granted" })
    }
    case "kill-worker":
    case "run-worker":
    case "stop-worker": {
      const process = processOf(history, order.worker.incarnation)
      if (process === undefined) return history
      const next = put(history, ordered(process, order.type, at))
      if (order.type !== "kill-worker") return next
      const after: History = { ...next, latestKillAt: at }
      const { rule } = order.reason
      const isLifeless = rule === "start-timeout" || rule === "heartbeat-timeout"
      return isLifeless && process.role === "newcomer" ? newcomerFailed(after, process, at) : after
    }
    case "announce-give-up":
      return { ...stop(history, at, "give-up", "SIGTERM"), gaveUp: true }
    case "announce-scale":
      return { ...history, turn: { ...history.turn, isScaleAnnounced: true } }
    case "finish":
      return history.doneAt === null
        ? { ...history, phase: "done", doneAt: at, incident: untold(history) }
        : history
    case "announce-reload":
      return followReload(history, order.phase)
    case "announce-incident":
      return { ...history, incident: null }
    case "announce-stop":
      return { ...history, turn: { ...history.turn, stopsOn: null } }
  }
}

function followReload(history: History, phase: "started" | "finished" | "aborted"): History {
  const { reload, latestIncarnation } = history
  if (phase === "started") {
    const started: ReloadRecord = { before: latestIncarnation + 1, again: false }
    return { ...history, reload: started, isReloadDue: false }
  }
  const isReloadDue = reload?.again === true && history.phase === "running"
  const turn = { ...history.turn, hasReloadFailed: false }
  return { ...history, reload: null, isReloadDue, turn }
}

/** While a reload runs, nobody may take for ever, nor may one that is to replace another. */
function startTimeoutOf({ plan, reload }: History, role: "worker" | "newcomer"): number | false {
  const { startTimeoutMs, reloadStartTimeoutMs } = plan
  if (startTimeoutMs !== false) return startTimeoutMs
  return reload !== null || role === "newcomer" ? reloadStartTimeoutMs : false
}

/** How long after an answer there must be another one: what is blocked may have been about to give it. */
export function answerTimeoutOf({ heartbeatTimeoutMs, answerGraceMs }: Plan): number | false {
  return heartbeatTimeoutMs === false ? false : heartbeatTimeoutMs + answerGraceMs
}

/** The respawns that count at that moment. */
export function countingRespawns({ plan, respawnedAt }: History, at: number): readonly number[] {
  return respawnedAt.filter((moment) => at - moment < plan.respawnIntervalMs)
}

function put(history: History, process: ProcessRecord): History {
  const { incarnation } = process
  const living = history.living.map((other) =>
    other.incarnation === incarnation ? process : other,
  )
  return { ...history, living }
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
