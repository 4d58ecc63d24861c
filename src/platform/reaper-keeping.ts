/**
 * How a primary keeps its reaper, as decisions on plain data: when it starts one, what it tells it, and when it starts the
 * next one.
 *
 *     phase     its reaper                                   what follows
 *     none      is not needed: there was no worker yet       soon, kept, released
 *     soon      is to be started in the next turn            kept, released
 *     kept      lives, as far as is known                    dead, released
 *     dead      is to be started again in a moment           kept, released
 *     released  ends what is left, and is told nothing more
 */
import { type ReaperEvent, withoutFirst } from "./reaper-life.ts"

/** A primary with its reaper. */
export interface KeepingState {
  readonly phase: "none" | "soon" | "kept" | "dead" | "released"
  /** The workers whose end was not reported. One is here twice if its process id was reused before that. */
  readonly workers: readonly number[]
  /** When a reaper was last started again; null if none was. */
  readonly restartedAt: number | null
}

/** What a primary tells its reaper. */
export type ReaperNews = Extract<
  ReaperEvent,
  { readonly type: "worker-added" | "worker-removed" | "processes-noted" }
>

/** What happens to a primary, as far as its reaper is concerned. */
export type KeepingEvent =
  | ReaperNews
  /** The turn after `await-next-turn` has begun. */
  | { readonly type: "next-turn-began" }
  /** The reaper has died, or could not be started. */
  | { readonly type: "reaper-died"; readonly at: number }
  /** The time of `wait` is over. */
  | { readonly type: "wait-ended"; readonly at: number }
  /** The reaper is to end what is left. */
  | { readonly type: "released" }

/** What a primary does. */
export type KeepingCommand =
  /** Workers are given at the start: the primary may be killed before it can tell anything. */
  | { readonly type: "start"; readonly workers: readonly number[] }
  | { readonly type: "tell"; readonly news: ReaperNews }
  | { readonly type: "await-next-turn" }
  | { readonly type: "wait"; readonly waitMs: number }
  /** For the reaper, that is the death of the primary. */
  | { readonly type: "let-go" }

/** What an event led to. */
export interface KeepingStep {
  readonly state: KeepingState
  /** In this order. */
  readonly commands: readonly KeepingCommand[]
}

/** A reaper that dies is started again at once, but not sooner than this after the restart before. */
export const restartMs = 1_000

/** It is started after so many workers, or in the next turn if there are fewer: they take longer to boot. */
const firstWorkers = 4

/** A primary before its first worker. */
export function beginKeeping(): KeepingState {
  return { phase: "none", workers: [], restartedAt: null }
}

/** Takes in one event. Never writes to its arguments. */
export function keepingStep(state: KeepingState, event: KeepingEvent): KeepingStep {
  const { phase, workers } = state
  switch (event.type) {
    case "worker-added": {
      const added = { ...state, workers: [...workers, event.pid] }
      return phase === "none" || phase === "soon" ? startSoon(added) : tell(added, event)
    }
    case "worker-removed": {
      return tell({ ...state, workers: withoutFirst(workers, event.pid) }, event)
    }
    case "processes-noted":
      return tell(state, event)
    case "next-turn-began":
      return phase === "soon" ? start(state) : { state, commands: [] }
    case "reaper-died":
      return phase === "kept" ? startAgain(state, event.at) : { state, commands: [] }
    case "wait-ended":
      return phase === "dead" ? startAgain(state, event.at) : { state, commands: [] }
    case "released":
      return release(state)
  }
}

/** What a reaper reads. */
export function lineOf(news: ReaperNews): string {
  switch (news.type) {
    case "worker-added":
      return `+ ${news.pid}\n`
    case "worker-removed":
      return `- ${news.pid}\n`
    case "processes-noted":
      return `= ${news.identities.join(" ")}\n`
  }
}

function startSoon(state: KeepingState): KeepingStep {
  if (state.workers.length >= firstWorkers) return start(state)
  if (state.phase === "soon") return { state, commands: [] }
  return { state: { ...state, phase: "soon" }, commands: [{ type: "await-next-turn" }] }
}

function start(state: KeepingState): KeepingStep {
  const { workers } = state
  return { state: { ...state, phase: "kept" }, commands: [{ type: "start", workers }] }
}

function startAgain(state: KeepingState, at: number): KeepingStep {
  const { restartedAt } = state
  const waitMs = restartedAt === null ? 0 : restartedAt + restartMs - at
  if (waitMs <= 0) return start({ ...state, restartedAt: at })
  return { state: { ...state, phase: "dead" }, commands: [{ type: "wait", waitMs }] }
}

/** One that is dead is told by its successor's start. */
function tell(state: KeepingState, news: ReaperNews): KeepingStep {
  return { state, commands: state.phase === "kept" ? [{ type: "tell", news }] : [] }
}

function release(state: KeepingState): KeepingStep {
  const { phase, workers } = state
  if (phase === "released") return { state, commands: [] }
  // It has just died, or was not started yet, and the workers that are left need one.
  const isMissing = phase !== "kept" && workers.length > 0
  return {
    state: { ...state, phase: "released" },
    commands: [...(isMissing ? [{ type: "start", workers } as const] : []), { type: "let-go" }],
  }
}
