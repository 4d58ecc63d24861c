/**
 * What a log tells so far, from its events and commands alone: which processes there are, what was commanded, when the pool began to
 * stop. The rules read it. It never looks at the state of the core, so it tells what ought to be, whatever the core believes. It is
 * updated in follow-event.ts and follow-command.ts.
 *
 * It is plain data that is never written to, so that a search can continue from it in many ways.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { ForkWindow } from "./fork-window.ts"
import type { ProcessRecord } from "./process-record.ts"
import type { SlotRecords } from "./wanted-slots.ts"

export interface History {
  readonly plan: Plan
  /** `stopping` from the first stop on, `done` from the command to finish. */
  readonly phase: "starting" | "running" | "stopping" | "done"
  /** How many slots were asked for. */
  readonly target: number
  /** The target that was announced last. */
  readonly announcedTarget: number
  /** What those slots, and the ones being given up, ought to be. Empty unless running. */
  readonly slots: SlotRecords
  /** The processes that live, as far as their primary knows, in the order of their forks. */
  readonly living: readonly ProcessRecord[]
  /** The largest number that a fork has had. */
  readonly latestIncarnation: number
  /** When the latest end of a process, or of a new primary, was reported. */
  readonly latestEndAt: number | null
  /** When a process or a new primary was last killed. */
  readonly latestKillAt: number | null
  /** When the respawns that still count were made. */
  readonly respawnedAt: readonly number[]
  /** The stop that was asked for and has not begun, and when it begins; null if there is none. */
  readonly delayedStop: { readonly signal: string; readonly beginAt: number } | null
  /** t₀: the first of stop signal, `stop()` and giving up. */
  readonly stoppedAt: number | null
  /** The signal of a stop that has begun and was not announced yet; null if there is none. */
  readonly unannouncedStop: string | null
  /** The same of a delay. */
  readonly unannouncedDelay: string | null
  readonly gaveUp: boolean
  /** The failures of a moment that are not reported yet. */
  readonly incident: IncidentRecord | null
  /** How many exits reported since t₀ were failures: not code 0, and not of a process that was stopped while it booted. */
  readonly failedSinceStop: number
  /** Whether an exit that its respawn policy made final was not 0. */
  readonly hasFailedFinal: boolean
  /** How many spares have ended by themselves since one filled a slot, and when the next may come; null if it need not wait. */
  readonly spareFailures: number
  readonly spareWait: ForkWindow | null
  /** Whether the latest reload was aborted, so that the program that is there has failed. */
  readonly isProgramRejected: boolean
  readonly startFailedAt: number | null
  /** The wanted slots whose first worker has failed; null once a worker was ready, or if the plan retries. */
  readonly failedStarts: readonly number[] | null
  /** The reload that runs. */
  readonly reload: ReloadRecord | null
  /** Whether a reload was requested that must begin now. */
  readonly isReloadDue: boolean
  /** Whether a worker has failed that shows that the new program is broken, or the pool is to stop, until the reload is aborted for it. */
  readonly mustReloadEnd: boolean
  readonly doneAt: number | null
  /** The primary that is to take over, as it ought to be. */
  readonly successor: SuccessorRecord | null
  /** What has happened to an upgrade and was not announced yet. */
  readonly unannouncedUpgrade: "started" | "finished" | "aborted" | null
}

/** A primary that is to take over: it must be started; its workers start; it must be asked to stop; it was; it was killed. */
export interface SuccessorRecord {
  readonly phase: "due" | "starting" | "unwanted" | "stopping" | "killed"
  /** When it is asked to stop, or killed; how long its exit is waited for once it was; Infinity if there is no such time. */
  readonly dueAt: number
}

/** A reload in progress. */
export interface ReloadRecord {
  /** Processes with a smaller number are to be replaced. */
  readonly firstNewIncarnation: number
  /** Whether another reload was requested meanwhile. */
  readonly isQueued: boolean
}

/** Failures of a moment. */
export interface IncidentRecord {
  readonly reportAt: number
  /** How many workers were wanted, at most, when one of them failed. */
  readonly of: number
  /** In their order. */
  readonly deaths: readonly Death[]
}

/** One failure. */
export interface Death {
  readonly at: number
  readonly slot: number
  readonly code: number | null
  readonly signal: string | null
  /** Whether it had to be killed. */
  readonly killed: boolean
  /** How long it had been ready, in ms; null if it never was. */
  readonly uptimeMs: number | null
}

/** Whether the pool is to stop, stops or is done: a request changes nothing any more. */
export function takesNoRequests({ phase, delayedStop }: History): boolean {
  return phase === "stopping" || phase === "done" || delayedStop !== null
}

/** Before anything has happened. */
export function historyOf(plan: Plan): History {
  return {
    plan,
    phase: "starting",
    target: plan.workers,
    announcedTarget: plan.workers,
    slots: [],
    living: [],
    latestIncarnation: 0,
    latestEndAt: null,
    latestKillAt: null,
    respawnedAt: [],
    delayedStop: null,
    stoppedAt: null,
    unannouncedStop: null,
    unannouncedDelay: null,
    gaveUp: false,
    incident: null,
    failedSinceStop: 0,
    hasFailedFinal: false,
    spareFailures: 0,
    spareWait: null,
    isProgramRejected: false,
    startFailedAt: null,
    failedStarts: plan.startFailure === "exit" ? [] : null,
    reload: null,
    isReloadDue: false,
    mustReloadEnd: false,
    doneAt: null,
    successor: null,
    unannouncedUpgrade: null,
  }
}

/** The process that lives under that number. */
export function processOf(history: History, incarnation: number): ProcessRecord | undefined {
  return history.living.find((process) => process.incarnation === incarnation)
}

/** How long after a heartbeat the next one must come, with the grace for one that was about to be sent. */
export function heartbeatLimitOf({ heartbeatTimeoutMs, heartbeatGraceMs }: Plan): number | false {
  return heartbeatTimeoutMs === false ? false : heartbeatTimeoutMs + heartbeatGraceMs
}

/** The respawns that count at that moment. */
export function countingRespawns({ plan, respawnedAt }: History, at: number): readonly number[] {
  return respawnedAt.filter((moment) => at - moment < plan.respawnIntervalMs)
}

/** The history with a process as it is now. The very same object if nothing has changed. */
export function putProcess(
  history: History,
  before: ProcessRecord,
  process: ProcessRecord,
): History {
  if (process === before) return history
  const living = history.living.map((other) => (other === before ? process : other))
  return { ...history, living }
}
