/**
 * What a search must have seen besides that nothing is wrong: that things happen at all. At most 31, since they are bits.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { SystemBounds } from "./system-bounds.ts"

interface Goal {
  readonly name: string
  /** Whether it can be reached at all. */
  readonly isPossible: (plan: Plan, bounds: SystemBounds) => boolean
}

function always(name: string): Goal {
  return { name, isPossible: () => true }
}

/** Commands of the core by their types, and what follows from them. */
const goals: readonly Goal[] = [
  always("fork-worker"),
  always("run-worker"),
  always("stop-worker"),
  always("kill-worker"),
  always("finish"),
  always("the primary exits with 0"),
  always("ports are released: announce-stop"),
  { name: "ports are released: announce-give-up", isPossible: givesUp },
  { name: "the primary exits with 1", isPossible: givesUp },
  { name: "clients are sent elsewhere", isPossible: ({ stopDelayMs }) => stopDelayMs > 0 },
  { name: "a leader", isPossible: (_plan, { program }) => program.elects },
  {
    name: "a connection is turned back",
    isPossible: (_plan, { connections, interleaves }) => connections === "handed" && interleaves,
  },
  {
    name: "a stop: direct-signal",
    isPossible: (_plan, { signalsWorkers }) => signalsWorkers,
  },
  {
    name: "a worker that does not listen for a while",
    isPossible: (_plan, { program }) => program.returnsNothing,
  },
  {
    name: "a worker that says that it is ready",
    isPossible: (_plan, { program }) => program.returnsNothing,
  },
  {
    name: "a worker that has nothing to do",
    isPossible: ({ respawn }, { program }) =>
      program.returnsNothing && (respawn !== "always" || program.failsIfIdle),
  },
  {
    name: "an error that is heard of a dead process",
    isPossible: ({ respawn }, { program, interleaves }) =>
      program.fails && program.crashes && interleaves && respawn !== "never",
  },
  {
    name: "a stop: recycle",
    isPossible: ({ maxRequests, maxMemoryBytes }) =>
      maxRequests !== false || maxMemoryBytes !== false,
  },
]

/** Whether the pool may give up. */
function givesUp({ respawnLimit, respawn }: Plan, { program }: SystemBounds): boolean {
  return respawnLimit === 1 && respawn !== "never" && program.crashes
}

/** The goals that can be reached. */
export function goalsOf(plan: Plan, bounds: SystemBounds): readonly string[] {
  return goals.filter(({ isPossible }) => isPossible(plan, bounds)).map(({ name }) => name)
}
