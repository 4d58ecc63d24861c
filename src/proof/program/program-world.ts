/**
 * The world of one history of a user's program: a fresh simulated operating system with the program on it, and what of
 * the faults is on its way. Decides nothing.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Supervisor } from "../../pool/handle.ts"
import { fakeSystem, type FakeSystem } from "../../platform/fake/system.ts"
import type { OwnedGlobals } from "./owned-globals.ts"
import { type ProgramUnderTest, readProgram, type SimulatedProgram } from "./program-under-test.ts"

export interface ProgramWorld {
  readonly system: FakeSystem
  readonly plan: Plan
  readonly pool: Supervisor
  readonly test: ProgramUnderTest
  /** Faults that wait for a fork. */
  readonly pending: { failures: number; slowBoots: number }
  /** Workers that have ended, or that something beside their own code may keep from it, by their incarnations. */
  readonly exempt: Set<number>
  /** For how long the machine was suspended, in all. */
  suspendedMs: number
  /** When the primary died without having finished; null while it has not. */
  primaryKilledAt: number | null
  /** What the user's own code found wrong, or made wrong. */
  failure: Failure | undefined
  /** The workers that the end of the primary's time to wait has killed after its own death, by their incarnations. */
  readonly overdue: number[]
}

interface Failure {
  /** The entry of the story that tells of it. */
  readonly index: number
  readonly text: string
  readonly cause?: unknown
}

/**
 * Starts a program.
 *
 * @throws {TypeError} where it returns no pool, or one on another platform. @throws whatever the program throws.
 */
export function openWorld(
  program: SimulatedProgram,
  globals: OwnedGlobals | undefined,
): ProgramWorld {
  globals?.reset()
  const pending = { failures: 0, slowBoots: 0 }
  const exempt = new Set<number>()
  const overdue: number[] = []
  const system = fakeSystem(globals === undefined ? {} : { clock: globals.clock }, {
    ...(globals && { within: globals.within }),
    forking({ incarnation }) {
      if (pending.failures > 0) {
        pending.failures -= 1
        return { forkError: "EAGAIN" }
      }
      if (pending.slowBoots === 0) return {}
      pending.slowBoots -= 1
      exempt.add(incarnation)
      return { bootMs: slowBootMs(world.plan) }
    },
    died({ worker: { incarnation } }, signal) {
      if (signal !== "SIGKILL") exempt.add(incarnation)
      else if (system.isPrimaryGone && !exempt.has(incarnation)) overdue.push(incarnation)
    },
  })
  const test = readProgram(program(system.os, globals?.outside ?? ((code) => code)))
  const { plan } = system
  if (plan === undefined) {
    throw new TypeError(
      "Cannot simulate as the program must run where it is told to: kamisama({ ..., platform: os })",
    )
  }
  const world: ProgramWorld = {
    system,
    plan,
    pool: test.pool,
    test,
    pending,
    exempt,
    suspendedMs: 0,
    primaryKilledAt: null,
    failure: undefined,
    overdue,
  }
  return world
}

/** Longer than a worker may take to start, where there is such a limit. */
function slowBootMs({ startTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? 3_000 : startTimeoutMs + 10
}

/** Whether the primary has ended as it ought to. */
export function isFinished({ pool }: ProgramWorld): boolean {
  return pool.state === "done"
}

/** Whether nothing can happen any more. */
export function isOver(world: ProgramWorld): boolean {
  return world.system.processes.size === 0 && (world.primaryKilledAt !== null || isFinished(world))
}
