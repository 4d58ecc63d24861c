/**
 * The entries of a pool's log: each event and command as the supervision loop saw it, and the actions of the workers.
 * Transcripts, timelines and the rules are made from it.
 */
import type { Command } from "../core/command.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { State } from "../core/state.ts"
import type { WorkerAction } from "../worker/host.ts"

/** What happened in a pool, in the order in which its loop saw it. */
export type LogEntry =
  /** The first entry. */
  | { readonly kind: "plan"; readonly at: number; readonly plan: Plan }
  /** The second entry of a log without its beginning: the state at `at`. The state's own times call it `stateAt`. */
  | {
      readonly kind: "middle"
      readonly at: number
      readonly state: State
      readonly stateAt: number
    }
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "command"; readonly at: number; readonly command: Command }
  /** An action within a worker. `at` is by the clock of that process. */
  | {
      readonly kind: "worker"
      readonly at: number
      readonly worker: WorkerRef
      readonly action: WorkerAction
    }
