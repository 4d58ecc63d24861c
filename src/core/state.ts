/**
 * The state of a pool, as plain data.
 *
 * The pool is `starting` until forking may begin, then `running`. Its first stop makes it `stopping`: at once, or after a
 * delay (`delayedStop`) in which it runs on. In the end it is `done`, and stays so.
 *
 * A slot is a numbered place for a worker, with one entry per number:
 *
 * - `occupied`: a process lives in it, or is believed to, because its exit has not been reported. `desired` says what
 *   follows that exit: `respawn` (the respawn policy decides, and a respawn counts toward the limit), `restore` (the slot
 *   was given up and taken back while its process was stopping: it is filled again, and that fork does not count) or
 *   `remove` (the slot is no longer wanted).
 * - `waiting`: wanted and empty. A fork is due at `forkAt`.
 * - `finished`: wanted, and empty for good by the respawn policy. It only counts toward the target.
 *
 * A number without an entry is free. While the pool runs, as many slots are wanted as `target` says.
 *
 * A process has a role. The `current` one is in its slot's entry. At most one in each slot is a `replacement`: it starts
 * beside the current one. The plan says how many slots a reload replaces at once; otherwise it is one. Once a replacement is
 * ready, it is on probation until `acceptAt`, and means nothing to its slot before. A `retired` process has been replaced, or
 * was a replacement that is no longer wanted: only its exit is awaited. A `spare` has no slot until it fills one; its number
 * is 0.
 *
 * A process is `booting` until its script says hello, then `starting`, then `ready`. A spare is `loaded` from its hello until
 * it fills a slot. Besides, a process may have been asked to stop (`stop` is set). Or it was `killed`: then only its exit
 * matters. One that is to stop while it boots is killed at once.
 *
 * What becomes of a process and of a slot ("·": it stays as it is; empty: that cannot happen). The first columns are events
 * about that very process; scale, stop and wake-up concern all of them. A slot that stays occupied at an exit was filled
 * again within the step, or its replacement took over.
 *
 *     process   hello              ready  other report  signal  exit  scale         stop          wake-up
 *     booting   loaded / starting                       ·       gone  · / killed    · / killed    · / killed
 *     loaded                                            ·       gone  · / starting  · / stopping  · / starting / stopping
 *     starting                     ready  ·             ·       gone  · / stopping  · / stopping  · / stopping / killed
 *     ready                               ·             ·       gone  · / stopping  · / stopping  · / stopping / killed
 *     stopping                            ·             ·       gone  ·             ·             · / killed
 *     killed    ·                         ·             ·       gone  ·             ·             ·
 *
 *     slot      exit                                    failed fork         scale       stop        wake-up
 *     respawn   · / remove / waiting / finished / free  · / waiting / free  · / remove  · / remove  · / remove
 *     restore   respawn / remove / waiting / free       waiting             · / remove  · / remove  · / remove
 *     remove    free                                    free                restore     ·           ·
 *     waiting                                                               · / free    · / free    respawn / remove / · / free
 *     finished                                                              · / free    · / free    · / free
 *     free                                                                  respawn
 *
 * Nothing here counts for statistics: respawns per slot, ages and texts live outside the core. Equal situations are
 * therefore equal states, which is why a search through all of them ends.
 */
import type { Plan } from "./plan/plan.ts"

/** A pool. */
export interface State {
  /** How far it has come: see above. */
  readonly phase: "starting" | "running" | "stopping" | "done"
  /** How many slots are wanted. */
  readonly target: number
  /** One entry per number, in ascending order. */
  readonly slots: readonly Slot[]
  /** The processes that are to take over the slots of others, the earliest first. */
  readonly replacements: readonly Replacement[]
  /** Processes without a slot, the oldest first: they have loaded the program, or are about to, and wait to fill one. */
  readonly spares: readonly Spare[]
  /** How many spares have ended by themselves since one filled a slot, and until when the next one waits; null if none has. */
  readonly spareBackoff: { readonly attempt: number; readonly until: number } | null
  /** Whether the latest reload was aborted: what would be loaded now has failed. */
  readonly isProgramRejected: boolean
  /** When the next spare is forked; null if none is missing, or the pool is not quiet. */
  readonly spareForkAt: number | null
  /** Processes whose exit means nothing to their slot, in the order in which they retired. */
  readonly retired: readonly Retired[]
  /** The number that the next fork gets. */
  readonly nextIncarnation: number
  /** When the respawns that may still count were made, the earliest first. */
  readonly respawnedAt: readonly number[]
  /** Set while every worker is being replaced by one that loads the new code. */
  readonly reload: Reload | null
  /** The primary that is to take over from this one; null if there is none. */
  readonly successor: Successor | null
  /** Failures that may have one cause and are not reported yet. If they stay too few, the next failure clears them. */
  readonly incident: Incident | null
  /** Set from the request to stop until the pool is stopping, if the plan has a delay. The pool serves on, and nothing can be asked of it. */
  readonly delayedStop: DelayedStop | null
  /** Set while stopping. */
  readonly stop: Stop | null
  /** Whether an exit that the respawn policy made final was a failure. */
  readonly hasFailedFinal: boolean
  /**
   * The wanted slots whose first worker has failed. Null if that does not matter: a worker has been ready, the pool retries,
   * or it no longer runs.
   */
  readonly failedStarts: readonly number[] | null
}

/** A reload in progress. */
export interface Reload {
  /** Workers with a smaller incarnation run the old code and are to be replaced. */
  readonly firstNewIncarnation: number
  /** Whether another reload was requested meanwhile. It follows this one. */
  readonly isQueued: boolean
}

/** A primary that is to take over. */
export interface Successor {
  /** Its workers start; it was asked to stop; or it was killed, so that only its exit matters. */
  readonly phase: "starting" | "stopping" | "killed"
  /** When it is asked to stop, or killed, unless it is ready, or has ended; null once it was killed. */
  readonly dueAt: number | null
}

/** Failures within a moment, and what they have in common. */
export interface Incident {
  /** When the first worker failed. */
  readonly firstAt: number
  /** When the latest worker failed. */
  readonly latestAt: number
  /** When it is reported, if there are enough failures by then. */
  readonly reportAt: number
  /** The slots of the failed workers, in order of failure, each once. */
  readonly slots: readonly number[]
  /** The largest number of wanted slots when one of them failed. */
  readonly of: number
  /** The exit code of all; null if they differ or have none. */
  readonly code: number | null
  /** The signal that ended all; null if they differ or there was none. */
  readonly signal: string | null
  /** Whether all had to be killed: they were unresponsive, or did not stop in time. */
  readonly killed: boolean
  /** How long they had been ready. */
  readonly uptime: Uptime
}

/**
 * How long the failed workers had been ready: the shortest and the longest; `"not-ready"` if none was, `"mixed"` if only
 * some were.
 */
export type Uptime = { readonly leastMs: number; readonly mostMs: number } | "not-ready" | "mixed"

/** A stop that has been asked for and has not begun. */
export interface DelayedStop {
  /** The signal that the workers will get. */
  readonly signal: string
  /** When it begins. */
  readonly beginAt: number
}

/** The stop of a pool. */
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
  /** What follows the exit of its process: see above. */
  readonly desired: "respawn" | "restore" | "remove"
  /** How many respawns the slot has had since it was last stable. */
  readonly attempt: number
  /** Its next fork waits until then: a signal to the whole group may still be on its way to the primary, and stop the pool. */
  readonly forkNotBefore: number | null
  /** Its current process. */
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
  /** Whether the fork will be a respawn, which counts toward the limit. */
  readonly counted: boolean
}

/** A slot that stays empty. */
export interface FinishedSlot {
  /** It is empty for good. */
  readonly state: "finished"
  /** Its number. */
  readonly id: number
}

/** The process that is to take over a slot. */
export interface Replacement {
  /** The number of that slot. */
  readonly slot: number
  /** The process. */
  readonly worker: Worker
  /** When its probation ends; null until it is ready. */
  readonly acceptAt: number | null
}

/** A process without a slot. */
export interface Spare {
  /** The process. */
  readonly worker: Worker
}

/** A process that its slot no longer depends on. */
export interface Retired {
  /** The number of the slot it was in, or was to take over. */
  readonly slot: number
  /** The process. */
  readonly worker: Worker
}

/** A process. */
export interface Worker {
  /** Its serial number. */
  readonly incarnation: number
  /** How far it has come: see above. */
  readonly phase: "booting" | "loaded" | "starting" | "ready"
  /**
   * When it is killed unless it reports: before it is ready, unless it becomes ready by then; afterwards, unless a heartbeat
   * comes by then. Null if it has no such limit.
   */
  readonly timeoutAt: number | null
  /** Null until it is ready. */
  readonly readyAt: number | null
  /** Whether it was measured and took no more memory than it may. */
  readonly hasFitted: boolean
  /** Why it is to be recycled, and from when on; null if nothing has scheduled that. */
  readonly recycling: Recycling | null
  /** Whether it has asked to be the leader, and is. */
  readonly leader: "no" | "asked" | "granted"
  /** A stop signal has reached it, and one to the whole group may still reach the primary: only then it does not count. */
  readonly signaled: HeldSignal | null
  /** Set once it is due to stop, and never changed afterwards. */
  readonly stop: WorkerStop | null
  /** Whether SIGKILL was ordered. */
  readonly killed: boolean
}

/** Why a worker is to be recycled, and from when on. */
export type Recycling =
  | { readonly cause: "age" | "request"; readonly at: number }
  | { readonly cause: "memory"; readonly at: number; readonly memoryBytes: number }
  | { readonly cause: "max-requests"; readonly at: number; readonly requests: number }

/** Why a process is asked to stop, as the `shutdown` of a worker is told. A spare is discarded: it has nothing to shut down. */
export type StopCause =
  "stop" | "give-up" | "scale-down" | "reload" | "recycle" | "direct-signal" | "discard"

/** A stop signal that one worker has reported, and that counts later. */
export interface HeldSignal {
  /** The signal. */
  readonly signal: string
  /** When the worker is stopped for it. */
  readonly stopAt: number
}

/** The stop of one worker. */
export interface WorkerStop {
  /** Why. */
  readonly cause: StopCause
  /** The signal that its `shutdown` gets. */
  readonly signal: string
  /** When it is killed. */
  readonly killAt: number
}

/** A process, and what it is to its slot. */
export interface Process {
  /** The number of the slot; 0 if it has none. */
  readonly slot: number
  /** Whether the slot depends on it, is to be taken over by it, or no longer depends on it; or that it has none. */
  readonly role: "current" | "replacement" | "retired" | "spare"
  /** The process itself. */
  readonly worker: Worker
}

/** The state before anything has happened. */
export function initialState(plan: Plan): State {
  return {
    phase: "starting",
    target: plan.workers,
    slots: [],
    replacements: [],
    spares: [],
    spareBackoff: null,
    spareForkAt: null,
    isProgramRejected: false,
    retired: [],
    nextIncarnation: 1,
    respawnedAt: [],
    reload: null,
    successor: null,
    incident: null,
    delayedStop: null,
    stop: null,
    hasFailedFinal: false,
    failedStarts: plan.startFailure === "exit" ? [] : null,
  }
}

/** Every process that lives, by the number of its slot; of several in one slot the oldest first. */
export function processesOf({ slots, replacements, retired, spares }: State): readonly Process[] {
  const processes: Process[] = []
  for (const { worker } of spares) processes.push({ slot: 0, role: "spare", worker })
  for (const slot of slots) if (slot.state === "occupied") processes.push(currentOf(slot))
  if (replacements.length === 0 && retired.length === 0) return processes
  for (const one of replacements) processes.push({ ...one, role: "replacement" })
  for (const one of retired) processes.push({ ...one, role: "retired" })
  return processes.sort(
    (one, other) => one.slot - other.slot || one.worker.incarnation - other.worker.incarnation,
  )
}

/** Whether the pool stops, or is about to: it was asked to, and may serve on for a while. */
export function isStopping({ phase, delayedStop }: State): boolean {
  return phase === "stopping" || delayedStop !== null
}

/** What a person sees of a slot: its entry, and beside it each other process in it. */
export interface Place {
  /** The number of the slot. */
  readonly slot: number
  /** Whether a process lives there, a fork is due, or neither. */
  readonly state: Slot["state"]
  /** The process that lives there; null if none does. */
  readonly worker: Worker | null
}

/** Every slot and every process in one, by number; of several processes in one slot the oldest first. */
export function placesOf(state: State): readonly Place[] {
  const processes = processesOf(state).flatMap(({ slot, role, worker }): Place[] =>
    role === "spare" ? [] : [{ slot, state: "occupied", worker }],
  )
  const empty = state.slots.flatMap(({ id, state }): Place[] =>
    state === "occupied" ? [] : [{ slot: id, state, worker: null }],
  )
  return [...processes, ...empty].sort((one, other) => one.slot - other.slot)
}

/** The process of an occupied slot. */
export function currentOf({ id, worker }: OccupiedSlot): Process {
  return { slot: id, role: "current", worker }
}

/** Whether the slot counts toward the target. */
export function isWanted(slot: Slot): boolean {
  return slot.state !== "occupied" || slot.desired !== "remove"
}

/** Whether the worker was told to run. */
export function hasBegun({ phase }: Worker): boolean {
  return phase === "starting" || phase === "ready"
}

/** Whether the worker is on its way out: due to stop, or killed. */
export function isLeaving(worker: Worker): boolean {
  return worker.stop !== null || worker.killed
}

/** Whether every wanted slot is ready or finished: the promise `ready` of the handle waits for this. */
export function isReady({ phase, slots }: State): boolean {
  return phase === "running" && slots.every((slot) => !isWanted(slot) || isSettledSlot(slot))
}

/** Whether, besides, every process of a slot that was given up has ended: the promise of `scale(n)` waits for this. */
export function isSettled(state: State): boolean {
  return isReady(state) && state.slots.every(isWanted)
}

/** Whether nothing more is expected of the slot: its worker is ready and stays, or it is finished. */
export function isSettledSlot(slot: Slot): boolean {
  if (slot.state !== "occupied") return slot.state === "finished"
  return slot.worker.phase === "ready" && !isLeaving(slot.worker)
}

/** How many replacements live, and retired processes are still on their way out. */
export function replacingCount({ replacements, retired }: State): number {
  return replacements.length + retired.length
}
