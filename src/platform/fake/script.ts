/**
 * What a simulated worker does, as plain data: how long it takes to boot and to become ready, when it dies, how it takes
 * a request to stop. Checks what it is given and fills in the defaults; when each thing happens is decided in
 * scripted-process.ts.
 */

/** The behaviour of one worker process. Durations in ms of the fake clock. */
export interface WorkerScript {
  /** From the fork until it says hello. `false`: never. Default: 10. */
  readonly boot?: number | false | undefined
  /** From being told to run until it is ready. `false`: never. Default: 10. */
  readonly ready?: number | false | undefined
  /** When it dies by itself. Default: never. */
  readonly dies?: WorkerDeath | undefined
  /** How it takes a request to stop; "ignore": not at all. Default: `{ after: 10, code: 0 }`. */
  readonly stop?:
    | "ignore"
    | { readonly after?: number | undefined; readonly code?: number | undefined }
    | undefined
  /** It cannot be forked: what the operating system says, such as "EAGAIN". Default: it can. */
  readonly forkError?: string | undefined
  /** From its death until the primary learns of it, and a kill has its effect. Default: 1. */
  readonly exitReportedAfter?: number | undefined
}

/** How a simulated worker dies by itself. */
export interface WorkerDeath {
  /** How long after the moment of `since`, in ms. */
  readonly after: number
  /** "fork", "run" (it was told to) or "ready". Default: "ready". */
  readonly since?: "fork" | "run" | "ready" | undefined
  /** The exit code, if it is not a signal. Default: 1. */
  readonly code?: number | undefined
  /** The signal that ends it. Default: none. */
  readonly signal?: string | undefined
}

/** Which process a script is for. */
export interface ScriptedWorker {
  /** The number of the slot. */
  readonly id: number
  /** The serial number of the fork. */
  readonly incarnation: number
  /** Which process of its slot it is: 1 for the first. */
  readonly nth: number
}

/**
 * The scripts of all workers: one for every process, one for each in the order of their forks (the last one for all that
 * follow), or a function.
 */
export type WorkerScripts =
  WorkerScript | readonly WorkerScript[] | ((worker: ScriptedWorker) => WorkerScript)

/** A script with its defaults filled in. */
export interface FullScript {
  readonly boot: number | false
  readonly ready: number | false
  readonly dies: (WorkerDeath & { readonly since: "fork" | "run" | "ready" }) | undefined
  readonly stop: "ignore" | { readonly after: number; readonly code: number }
  readonly forkError: string | undefined
  readonly exitReportedAfter: number
}

/** The script for one process, checked. */
export function scriptFor(scripts: WorkerScripts, worker: ScriptedWorker): FullScript {
  if (typeof scripts === "function") return fill(scripts(worker))
  if (!isList(scripts)) return fill(scripts)
  return fill(scripts[Math.min(worker.incarnation, scripts.length) - 1] ?? {})
}

function fill(script: WorkerScript): FullScript {
  const { boot = 10, ready = 10, dies, stop = {}, forkError, exitReportedAfter = 1 } = script
  if (boot !== false) checkMs("boot", boot)
  if (ready !== false) checkMs("ready", ready)
  checkMs("exitReportedAfter", exitReportedAfter)
  if (dies !== undefined) checkMs("dies.after", dies.after)
  const after = stop === "ignore" ? 0 : (stop.after ?? 10)
  checkMs("stop.after", after)
  return {
    boot,
    ready,
    dies: dies && { ...dies, since: dies.since ?? "ready" },
    stop: stop === "ignore" ? stop : { after, code: stop.code ?? 0 },
    forkError,
    exitReportedAfter,
  }
}

function checkMs(name: string, value: unknown): void {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return
  throw new RangeError(
    `Cannot simulate a worker as "${name}" must be a number of milliseconds, 0 or more: current value is ${String(value)}`,
  )
}

function isList(
  scripts: WorkerScript | readonly WorkerScript[],
): scripts is readonly WorkerScript[] {
  return Array.isArray(scripts)
}
