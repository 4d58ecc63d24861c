/**
 * The log of a pool: each event and command as its loop saw it, and what the workers did. What a transcript, a timeline
 * and the rules are made of.
 */
import type { Command } from "../core/command.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { State } from "../core/state.ts"
import type { WorkerAction } from "../worker/host.ts"

/** What happened at a pool, as its driver saw it, in order. */
export type LogEntry =
  /** The first entry. */
  | { readonly kind: "plan"; readonly at: number; readonly plan: Plan }
  /** The second entry of a log whose beginning is missing: how things stood at `at`, which its state calls `stateAt`. */
  | {
      readonly kind: "middle"
      readonly at: number
      readonly state: State
      readonly stateAt: number
    }
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "command"; readonly at: number; readonly command: Command }
  /** Within a worker, as it saw it. `at` is that process's own clock. */
  | {
      readonly kind: "worker"
      readonly at: number
      readonly worker: WorkerRef
      readonly action: WorkerAction
    }
