/**
 * The form of a rule of the system: when it looks, and what it then finds wrong, in words.
 */
import type { Command } from "../../../core/command.ts"
import type { Plan } from "../../../core/plan/plan.ts"
import type { SystemBounds } from "../system-bounds.ts"
import type { Process, SystemWorld } from "../system-world.ts"
import type { Seen } from "./seen.ts"

/** What a rule may look at besides. */
export interface Scene extends SystemWorld {
  readonly plan: Plan
  readonly bounds: SystemBounds
}

export interface SystemRule {
  /** A short name, with which a violation begins. */
  readonly name: string
  /** What is promised. */
  readonly title: string
  /** Looks at what a process does, or what becomes of it. Its record does not know of it yet. */
  readonly see?: (seen: Seen, process: Process, scene: Scene) => string | undefined
  /** Looks at a fork that the core has commanded. */
  readonly seeFork?: (command: Command, scene: Scene) => string | undefined
  /** Looks at a kill that the core has commanded. */
  readonly seeKill?: (command: Command, process: Process, scene: Scene) => string | undefined
  /** Looks at the end of the primary. */
  readonly seeEnd?: (scene: Scene) => string | undefined
  /** Looks at the reaper once it was told something. */
  readonly seeReaper?: (scene: Scene) => string | undefined
  /**
   * Looks at each process once a moment has passed.
   *
   * @param goesOn whether something is expected of the process, so that it does not wait for a time to be over.
   */
  readonly seePassing?: (
    process: Process,
    scene: Scene,
    goesOn: (process: Process) => boolean,
  ) => string | undefined
}
