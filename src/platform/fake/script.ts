/**
 * What a simulated worker does, as plain data: how long it takes to boot and to become ready, when it dies, how it reacts to a stop
 * request. Scripts are checked in checks.ts and carried out in scripted-program.ts.
 */
import { checkScript } from "./checks.ts"

/** The behavior of one worker process. Durations are in ms of the simulated clock. */
export interface WorkerScript {
  /** From the fork until it says hello. `false`: never. Default: 10. */
  readonly boot?: number | false | undefined
  /** From being told to run until it is ready. `false`: never. Default: 10. */
  readonly ready?: number | false | undefined
  /** When it dies by itself. Default: never. */
  readonly dies?: WorkerDeath | undefined
  /**
   * How it reacts to a stop request, or to losing its primary; "ignore": it does not. Default: `{ after: 10, code: 0 }`,
   * which exits after 10 ms.
   */
  readonly stop?:
    | "ignore"
    | { readonly after?: number | undefined; readonly code?: number | undefined }
    | undefined
  /**
   * When its channel to the primary breaks while both live. The worker takes that as a stop request, and the primary learns
   * only of its exit. Default: never.
   */
  readonly channelCloses?: WorkerMoment | undefined
  /**
   * When it hangs: its event loop is blocked forever, it sends no heartbeat, and only SIGKILL ends it. Default: never.
   */
  readonly hangs?: WorkerMoment | undefined
  /** How much memory it uses, in bytes: when it is told to run, and how much more each second. Default: none. */
  readonly memory?:
    { readonly atFirst?: number | undefined; readonly perSecond?: number | undefined } | undefined
  /** How many requests it serves in a second, from when it is told to run. Default: none. */
  readonly requestsPerSecond?: number | undefined
  /** When its code asks for a replacement. Default: never. */
  readonly recycles?: WorkerMoment | undefined
  /** Why it cannot be forked: an error code, such as "EAGAIN". Default: it can. */
  readonly forkError?: string | undefined
  /**
   * From its death until the primary learns of it, also if it was killed. A kill in between hits a dead process and does
   * nothing. Default: 1.
   */
  readonly exitReportedAfter?: number | undefined
}

/** What a script counts from: the fork, being told to run, or becoming ready. */
export type Moment = "fork" | "run" | "ready"

/** A moment in the life of a simulated worker. */
export interface WorkerMoment {
  /** How long after the moment of `since`, in ms. */
  readonly after: number
  /** "fork", "run" (it was told to) or "ready". Default: "ready". */
  readonly since?: Moment | undefined
}

/** How a simulated worker dies by itself. */
export interface WorkerDeath extends WorkerMoment {
  /** The exit code, if it is not a signal. Default: 1. */
  readonly code?: number | undefined
  /** The signal that ends it. Default: none. */
  readonly signal?: string | undefined
}

/** Which process a script is for. */
export interface ScriptedWorker {
  /** The number of the slot; 0 for a spare, whose slot is not known at its fork. */
  readonly id: number
  /** The serial number of the fork. */
  readonly incarnation: number
  /** Which process of its slot it is, or which spare: 1 for the first. */
  readonly nth: number
}

/**
 * The scripts of all workers: one for every process, a list in the order of the forks (the last one is for all that follow),
 * or a function.
 */
export type WorkerScripts =
  WorkerScript | readonly WorkerScript[] | ((worker: ScriptedWorker) => WorkerScript)

/** A script with its defaults filled in. */
export interface FullScript {
  readonly boot: number | false
  readonly ready: number | false
  readonly dies: (WorkerDeath & { readonly since: Moment }) | undefined
  readonly stop: "ignore" | { readonly after: number; readonly code: number }
  readonly channelCloses: { readonly after: number; readonly since: Moment } | undefined
  readonly hangs: { readonly after: number; readonly since: Moment } | undefined
  readonly memory: { readonly atFirst: number; readonly perSecond: number }
  readonly requestsPerSecond: number
  readonly recycles: { readonly after: number; readonly since: Moment } | undefined
  readonly forkError: string | undefined
  readonly exitReportedAfter: number
}

/** Which script each process gets. Scripts that are given as data are checked at once. */
export function scriptsFrom(scripts: WorkerScripts): (worker: ScriptedWorker) => FullScript {
  if (typeof scripts === "function") return (worker) => fill(scripts(worker))
  const list = (isList(scripts) ? scripts : [scripts]).map(fill)
  if (list.length === 0) {
    throw new RangeError(
      `fakePlatform: "workers" must have at least one script, got an empty array`,
    )
  }
  return ({ incarnation }) => list[Math.min(incarnation, list.length) - 1] as FullScript
}

function fill(script: WorkerScript): FullScript {
  checkScript(script)
  const { boot = 10, ready = 10, dies, stop = {}, channelCloses, hangs, forkError } = script
  const { memory = {}, recycles } = script
  return {
    boot,
    ready,
    dies: dies && { ...dies, since: dies.since ?? "ready" },
    stop: stop === "ignore" ? stop : { after: stop.after ?? 10, code: stop.code ?? 0 },
    channelCloses: channelCloses && { ...channelCloses, since: channelCloses.since ?? "ready" },
    hangs: hangs && { ...hangs, since: hangs.since ?? "ready" },
    memory: { atFirst: memory.atFirst ?? 0, perSecond: memory.perSecond ?? 0 },
    requestsPerSecond: script.requestsPerSecond ?? 0,
    recycles: recycles && { ...recycles, since: recycles.since ?? "ready" },
    forkError,
    exitReportedAfter: script.exitReportedAfter ?? 1,
  }
}

function isList(
  scripts: WorkerScript | readonly WorkerScript[],
): scripts is readonly WorkerScript[] {
  return Array.isArray(scripts)
}
