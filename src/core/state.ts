/**
 * The state of a pool, as plain data, and the words for it. Decides nothing.
 *
 * The pool is `starting` until forking may begin, then `running`, from its first stop `stopping`, and in the end
 * `done`, which nothing leaves.
 *
 * While it runs there are as many wanted slots as `target` says. A slot is in one of three states:
 *
 * - `occupied`: a process lives in it, or is believed to: its exit has not been reported. `onExit` says what that exit
 *   will mean: `respawn` (judged by the respawn policy and charged), `refill` (the slot was given up and taken back
 *   while its process was stopping: filled again, free of charge), or `leave` (the slot is not wanted and disappears).
 *   While a process replaces another one there are two entries for the slot: the newcomer is on trial, and its exit
 *   means that it has `failed`; once it has proved itself it is the slot's, and the exit of the one before means that
 *   it was `replaced`, and nothing else.
 * - `waiting`: wanted and empty; a fork is due at `forkAt`.
 * - `finished`: wanted and empty for good, by the respawn policy. It only counts towards the target.
 *
 * A slot that is not in the list is free.
 *
 * The process in an occupied slot is `booting` until its script says hello, then `starting`, then `ready`. Beside
 * that it may be due to stop (`stop` is set): it was asked if it has said hello, and will be asked at its hello
 * otherwise. It may have been `killed`, after which only its exit is of interest.
 *
 * Nothing here counts for the sake of counting: how often a slot was respawned, since when a worker is ready and the
 * texts of reasons live in the driver. So equal situations are equal states, which is what lets a search over all of
 * them end.
 */
import type { Plan } from "./plan/plan.ts"

/** A pool. */
export interface State {
  /** How far it has come: see above. */
  readonly phase: "starting" | "running" | "stopping" | "done"
  /** How many slots are wanted. */
  readonly target: number
  /** In the order of their numbers. */
  readonly slots: readonly Slot[]
  /** The number that the next fork gets. */
  readonly nextIncarnation: number
  /** When the respawns that may still count were made, the earliest first. */
  readonly respawnedAt: readonly number[]
  /** Set while workers are being replaced by ones that load the program anew. */
  readonly reload: Reload | null
  /** When the newcomer on trial has proved itself; null while it is not ready, and while there is none. */
  readonly acceptAt: number | null
  /** Deaths that may have one cause, and are not told of yet; those that stay too few are left until the next one. */
  readonly incident: Incident | null
  /** Set while stopping. */
  readonly stop: Stop | null
  /** Whether a worker that its respawn policy let finish had failed. */
  readonly hasFailedFinal: boolean
}

/** That the program is being loaded anew. */
export interface Reload {
  /** Incarnations with a smaller number are to be replaced. */
  readonly before: number
  /** Whether another reload was asked for meanwhile, which then follows. */
  readonly again: boolean
}

/** Deaths of a moment, and what they have in common. */
export interface Incident {
  /** When the first one died. */
  readonly firstAt: number
  /** When the latest one died. */
  readonly latestAt: number
  /** When it is told of, if they are enough by then. */
  readonly reportAt: number
  /** Whose workers died, in that order, each once. */
  readonly slots: readonly number[]
  /** How many were wanted, at most, when one of them died. */
  readonly of: number
  /** The exit code of all; null where they differ, or have none. */
  readonly code: number | null
  /** The signal that ended all; null where they differ, or there was none. */
  readonly signal: string | null
  /** Whether all had to be killed: they gave no sign of life, or did not stop in time. */
  readonly killed: boolean
  /** For how long they had been ready. */
  readonly uptime: Uptime
}

/** For how long workers had been ready that died: the shortest and the longest; that none, or not all, were at all. */
export type Uptime = { readonly leastMs: number; readonly mostMs: number } | "not-ready" | "mixed"

/** That the pool stops. */
export interface Stop {
  /** Whether it was asked to stop, or gives up. */
  readonly cause: "stop" | "give-up"
  /** How many exits since then were failures. */
  readonly failed: number
  /** When the pool is done even if exits of killed workers are still unreported. */
  readonly finishAt: number
}

/** A numbered place for a worker. */
export type Slot = OccupiedSlot | WaitingSlot | FinishedSlot

/** A slot in which a process lives, or is believed to. */
export interface OccupiedSlot {
  /** A process lives in it. */
  readonly state: "occupied"
  /** Its number. */
  readonly id: number
  /** What the exit of its process will mean: see above. */
  readonly onExit: "respawn" | "restore" | "leave" | "failed" | "replaced"
  /** How many respawns the slot has had since it was last stable. */
  readonly attempt: number
  /** Its next fork comes no sooner: the echo of a signal may still be on its way to the primary. */
  readonly forkNotBefore: number | null
  /** The process. */
  readonly worker: Worker
}

/** A slot whose fork is due later. */
export interface WaitingSlot {
  /** A fork is due. */
  readonly state: "waiting"
  /** Its number. */
  readonly id: number
  /** How many respawns it has had since it was last stable. */
  readonly attempt: number
  /** When the fork is due. */
  readonly forkAt: number
  /** Whether the fork will be a respawn, which counts towards the limit. */
  readonly counted: boolean
}

/** A slot that stays empty. */
export interface FinishedSlot {
  /** It is empty for good. */
  readonly state: "finished"
  /** Its number. */
  readonly id: number
}

/** A process. */
export interface Worker {
  /** Its serial number. */
  readonly incarnation: number
  /** How far it has come: see above. */
  readonly phase: "booting" | "starting" | "ready"
  /**
   * When it is killed unless it gives a sign of life: becomes ready, and from then on answers. Null where nobody waits for
   * one.
   */
  readonly timeoutAt: number | null
  /** Null until it is ready. */
  readonly readyAt: number | null
  /** Whether it has been measured and took no more memory than it may. */
  readonly hasFitted: boolean
  /** That it is to be replaced by plan; null where it is not, or not yet. */
  readonly recycling: Recycling | null
  /** Whether it has asked to be the only one, and is. */
  readonly leader: "no" | "asked" | "granted"
  /** Set once it is due to stop, and then never changed. */
  readonly stop: WorkerStop | null
  /** Whether SIGKILL was ordered. */
  readonly killed: boolean
}

/** Why a worker is to be replaced by plan, and from when on. */
export type Recycling =
  | { readonly cause: "age" | "request"; readonly at: number }
  | { readonly cause: "memory"; readonly at: number; readonly memoryBytes: number }

/** Why a worker is asked to stop, as its `shutdown` is told. */
export type StopCause = "stop" | "give-up" | "scale-down" | "reload" | "recycle" | "direct-signal"

/** That a worker is due to stop. */
export interface WorkerStop {
  /** Why. */
  readonly cause: StopCause
  /** The signal that it is told. */
  readonly signal: string
  /** When it is killed. */
  readonly killAt: number
}

/** The state before anything has happened. */
export function initialState(plan: Plan): State {
  return {
    phase: "starting",
    target: plan.workers,
    slots: [],
    nextIncarnation: 1,
    respawnedAt: [],
    reload: null,
    acceptAt: null,
    incident: null,
    stop: null,
    hasFailedFinal: false,
  }
}

/** Whether the slot counts towards the target. */
export function isWanted(slot: Slot): boolean {
  return slot.state !== "occupied" || slot.onExit === "respawn" || slot.onExit === "restore"
}

/** Whether the slot disappears with its process. */
export function isGivenUp(slot: Slot): slot is OccupiedSlot {
  return slot.state === "occupied" && slot.onExit === "leave"
}

/** Whether the worker is on its way out: due to stop, or killed. */
export function isLeaving(worker: Worker): boolean {
  return worker.stop !== null || worker.killed
}

/** Whether every wanted slot is ready or finished: what `ready` of the handle waits for. */
export function isReady(state: State): boolean {
  return (
    state.phase === "running" &&
    state.slots.every(
      (slot) =>
        slot.state === "finished" ||
        (slot.state === "occupied" &&
          (!isWanted(slot) || (slot.worker.phase === "ready" && !isLeaving(slot.worker)))),
    )
  )
}

/** Whether, beyond that, no process is left of those that a smaller target gave up: what `scale(n)` waits for. */
export function isSettled(state: State): boolean {
  return isReady(state) && !state.slots.some(isGivenUp)
}
