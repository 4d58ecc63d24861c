/**
 * What a log tells so far, from its facts and orders alone: which processes there are, what was ordered of them, when
 * the pool began to stop. The rules read it; it never looks at the state of the core, and so tells what ought to be,
 * whatever the core believes. What becomes of it stands in follow-event.ts and follow-order.ts. Decides nothing about right
 * and wrong.
 *
 * It is plain data that is never written to, so that a search can go on from it in many ways.
 */
import type { Event } from "../../../core/event.ts"
import type { Plan } from "../../../core/plan.ts"
import type { IncidentRecord } from "./dying-together.ts"
import type { ProcessRecord } from "./process-record.ts"
import type { ReloadRecord } from "./replacing.ts"
import type { SlotRecords } from "./wanted-slots.ts"

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
export interface Turn {
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

/** That of an event which asks for nothing. */
export const nothingAsked: Turn = {
  stale: null,
  asked: null,
  isScaleAnnounced: false,
  stopsOn: null,
  isWakeUp: false,
  hasReloadFailed: false,
}

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

/** How long after an answer there must be another one: what is blocked may have been about to give it. */
export function answerTimeoutOf({ heartbeatTimeoutMs, answerGraceMs }: Plan): number | false {
  return heartbeatTimeoutMs === false ? false : heartbeatTimeoutMs + answerGraceMs
}

/** The respawns that count at that moment. */
export function countingRespawns({ plan, respawnedAt }: History, at: number): readonly number[] {
  return respawnedAt.filter((moment) => at - moment < plan.respawnIntervalMs)
}

/** The same with that process as it is now. */
export function putProcess(history: History, process: ProcessRecord): History {
  const { incarnation } = process
  const living = history.living.map((other) =>
    other.incarnation === incarnation ? process : other,
  )
  return { ...history, living }
}
