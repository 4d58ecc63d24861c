/**
 * Everything a reaper does, in the imperative. `find`, `check-workers` and `check-processes` ask for an event.
 */

/** A process id and when its process has started, as `pid:start`: the same for no other process. */
export type Identity = string

/** What a reaper does. */
export type ReaperCommand =
  /** Whoever has the process id gets it. */
  | {
      readonly type: "signal-workers"
      readonly signal: "TERM" | "STOP" | "KILL"
      readonly pids: readonly number[]
    }
  /** Those that have ended do not get it. */
  | {
      readonly type: "signal-processes"
      readonly signal: "TERM" | "CONT" | "STOP" | "KILL"
      readonly identities: readonly Identity[]
    }
  /** The first moment begins now. Each further one begins when the one before is over. */
  | { readonly type: "start-waiting" }
  | { readonly type: "wait-a-moment" }
  | { readonly type: "check-workers"; readonly pids: readonly number[] }
  | { readonly type: "check-processes"; readonly identities: readonly Identity[] }
  | ({ readonly type: "find" } & ReaperSearch)
  | { readonly type: "exit" }

/** What is looked for, with all that is below it. */
export interface ReaperSearch {
  /** What these workers have started, and they themselves; or what any worker has. */
  readonly of: readonly number[] | "all"
  /** Whatever was known before. */
  readonly known: readonly Identity[]
}
