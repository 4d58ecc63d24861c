/**
 * The life of a reaper, as decisions on plain data: what it does with each line that it reads, and once its primary is dead.
 *
 * Nothing here signals, waits or looks. A shell script carries it out in its own words (node/reaper-script.ts), and a test
 * holds that script against these decisions: the same commands, in the same order.
 *
 * `find`, `check-workers` and `check-processes` are questions. A step asks at most one, as its last command. The next event
 * is the answer.
 *
 *     phase      what was asked                                             what follows
 *     reading    nothing: the primary lives, and writes lines               noting; searching if no worker is left
 *     noting     what the workers have started, while these still live      waiting
 *     waiting    which workers live                                         waiting; searching once all have ended;
 *                                                                           killing once their time is over
 *     killing    what those that are left have started, again and again     searching
 *     searching  what all workers have left                                 leaving; done if that is nothing
 *     leaving    which of it lives                                          leaving; clearing once it has ended or its
 *                                                                           time is over
 *     clearing   what is left, again and again                              done
 */
import type { Identity, ReaperCommand } from "./reaper-command.ts"
import {
  beginDestruction,
  continueDestruction,
  type Destruction,
  signalAll,
} from "./reaper-destruction.ts"

/** What a reaper is told for its whole life. */
export interface ReaperPlan {
  /** What asks workers to stop; null if they do not listen to it, and would die of it in the middle. */
  readonly signal: "TERM" | null
  /** So long workers have to end. */
  readonly timeoutMs: number
  /** So long what they leave has to end. */
  readonly graceMs: number
}

/** A reaper. */
export interface ReaperState {
  readonly phase:
    "reading" | "noting" | "waiting" | "killing" | "searching" | "leaving" | "clearing" | "done"
  /** The workers that were not seen dead. One is here twice if its process id was reused before its end was reported. */
  readonly workers: readonly number[]
  /** What workers have started, as far as it is known, each once. Some of it may have ended. */
  readonly known: readonly Identity[]
  /** How long the workers have been waited for, or what they have left. */
  readonly waitedMs: number
  /** What is being destroyed, while that is killing or clearing. */
  readonly destruction: Destruction | null
}

/** What happens to a reaper. */
export type ReaperEvent =
  /** The primary has started a worker. */
  | { readonly type: "worker-added"; readonly pid: number }
  /** The primary has seen a worker end. */
  | { readonly type: "worker-removed"; readonly pid: number }
  /** The primary has learned what workers have started. */
  | { readonly type: "processes-noted"; readonly identities: readonly Identity[] }
  /** The primary is dead, or has let go. */
  | { readonly type: "input-ended" }
  /** The answer to `find`. */
  | { readonly type: "found"; readonly identities: readonly Identity[] }
  /** The answer to `check-workers`. */
  | {
      readonly type: "workers-checked"
      readonly alive: readonly number[]
      /** The time that the latest moment has taken; 0 right after `start-waiting`. */
      readonly elapsedMs: number
    }
  /** The answer to `check-processes`. */
  | {
      readonly type: "processes-checked"
      readonly alive: readonly Identity[]
      /** As above. */
      readonly elapsedMs: number
    }

/** What an event led to. */
export interface ReaperStep {
  readonly state: ReaperState
  /** What is to be done, in this order. */
  readonly commands: readonly ReaperCommand[]
}

/** A moment counts as no more than this: while a machine is suspended, the time of its workers does not run out. */
const longestMomentMs = 2_000

const lines: readonly ReaperEvent["type"][] = [
  "worker-added",
  "worker-removed",
  "processes-noted",
  "input-ended",
]

/** What may happen in each phase. */
const possible: { readonly [Phase in ReaperState["phase"]]: readonly ReaperEvent["type"][] } = {
  reading: lines,
  noting: ["found"],
  waiting: ["workers-checked"],
  killing: ["found"],
  searching: ["found"],
  leaving: ["processes-checked"],
  clearing: ["found"],
  done: [],
}

/** A reaper that has just been started. */
export function beginReaper(workers: readonly number[], known: readonly Identity[]): ReaperState {
  return {
    phase: "reading",
    workers,
    known: together(known, []),
    waitedMs: 0,
    destruction: null,
  }
}

/**
 * Takes in one event. Never writes to its arguments.
 *
 * @throws {Error} if the event does not answer what was asked.
 */
export function reaperStep(plan: ReaperPlan, state: ReaperState, event: ReaperEvent): ReaperStep {
  const { phase, workers, known } = state
  if (!possible[phase].includes(event.type)) {
    throw new Error(`reaper: "${event.type}" must not come while it is ${phase}`)
  }
  switch (event.type) {
    case "worker-added":
      return { state: { ...state, workers: [...workers, event.pid] }, commands: [] }
    case "worker-removed":
      return { state: { ...state, workers: withoutFirst(workers, event.pid) }, commands: [] }
    case "processes-noted":
      return { state: { ...state, known: together(known, event.identities) }, commands: [] }
    case "input-ended":
      return primaryDied(plan, state)
    case "workers-checked":
      return workersChecked(plan, state, event.alive, event.elapsedMs)
    case "processes-checked":
      return processesChecked(plan, state, event.alive, event.elapsedMs)
    case "found":
      return found(state, event.identities)
  }
}

function primaryDied({ signal }: ReaperPlan, state: ReaperState): ReaperStep {
  const { workers } = state
  if (workers.length === 0) return search(state, [])
  return {
    state: { ...state, phase: "noting", waitedMs: 0 },
    commands: [
      ...(signal === null ? [] : [{ type: "signal-workers", signal, pids: workers } as const]),
      { type: "start-waiting" },
      // Once a worker has ended, its children are those of pid 1.
      findAll([]),
    ],
  }
}

/** Forgets workers that have ended: their process ids may be reused. */
function workersChecked(
  { timeoutMs }: ReaperPlan,
  state: ReaperState,
  alive: readonly number[],
  elapsedMs: number,
): ReaperStep {
  const waitedMs = waitedFor(state, elapsedMs)
  const workers = state.workers.filter((pid) => alive.includes(pid))
  const checked = { ...state, workers, waitedMs }
  if (workers.length === 0) return search(checked, [])
  if (waitedMs < timeoutMs) {
    return {
      state: checked,
      commands: [{ type: "wait-a-moment" }, { type: "check-workers", pids: workers }],
    }
  }
  return {
    state: { ...checked, phase: "killing", destruction: beginDestruction() },
    commands: [
      // Suspended, they start nothing while that is looked for.
      { type: "signal-workers", signal: "STOP", pids: workers },
      findBelow(workers),
    ],
  }
}

function processesChecked(
  { graceMs }: ReaperPlan,
  state: ReaperState,
  alive: readonly Identity[],
  elapsedMs: number,
): ReaperStep {
  const { known } = state
  const waitedMs = waitedFor(state, elapsedMs)
  if (alive.length > 0 && waitedMs < graceMs) {
    return {
      state: { ...state, waitedMs },
      commands: [{ type: "wait-a-moment" }, { type: "check-processes", identities: known }],
    }
  }
  return {
    state: { ...state, phase: "clearing", waitedMs, destruction: beginDestruction() },
    commands: [findAll(known)],
  }
}

function found(state: ReaperState, identities: readonly Identity[]): ReaperStep {
  const { workers, known, destruction } = state
  if (destruction !== null) return destroy(state, destruction, identities)
  const noted = { ...state, known: together(known, identities) }
  if (state.phase === "noting") {
    return {
      state: { ...noted, phase: "waiting" },
      commands: [{ type: "check-workers", pids: workers }],
    }
  }
  if (identities.length === 0) return { state: { ...state, phase: "done" }, commands: [exit] }
  return {
    state: { ...noted, phase: "leaving", waitedMs: 0 },
    commands: [
      ...signalAll("TERM", identities),
      // One that is suspended would not notice.
      ...signalAll("CONT", identities),
      { type: "start-waiting" },
      { type: "check-processes", identities: noted.known },
    ],
  }
}

function destroy(
  state: ReaperState,
  destruction: Destruction,
  identities: readonly Identity[],
): ReaperStep {
  const { phase, workers, known } = state
  const next = continueDestruction(destruction, identities)
  const destroying = { ...state, destruction: next.destruction }
  if (next.destruction !== null) {
    const again = phase === "killing" ? findBelow(workers) : findAll(known)
    return { state: destroying, commands: [...next.commands, again] }
  }
  if (phase === "clearing") {
    return { state: { ...destroying, phase: "done" }, commands: [...next.commands, exit] }
  }
  return search({ ...destroying, workers: [] }, [
    ...next.commands,
    { type: "signal-workers", signal: "KILL", pids: workers },
  ])
}

/** Looks for what all workers have left, once none of them is left. */
function search(state: ReaperState, before: readonly ReaperCommand[]): ReaperStep {
  return {
    state: { ...state, phase: "searching" },
    commands: [...before, findAll(state.known)],
  }
}

const exit: ReaperCommand = { type: "exit" }

function findBelow(workers: readonly number[]): ReaperCommand {
  return { type: "find", of: workers, known: [] }
}

function findAll(known: readonly Identity[]): ReaperCommand {
  return { type: "find", of: "all", known }
}

function waitedFor({ waitedMs }: ReaperState, elapsedMs: number): number {
  return waitedMs + Math.min(elapsedMs, longestMomentMs)
}

function together(some: readonly Identity[], others: readonly Identity[]): readonly Identity[] {
  return [...new Set([...some, ...others])]
}

/** Without one of them that has this process id. */
export function withoutFirst(pids: readonly number[], pid: number): readonly number[] {
  const at = pids.indexOf(pid)
  return at < 0 ? pids : pids.toSpliced(at, 1)
}
