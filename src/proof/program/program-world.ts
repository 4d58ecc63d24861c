/**
 * The world of one run of a program: a fresh simulated operating system with the program on it, and the faults that wait for
 * their moment.
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
  /** Workers that have exited, or that a fault may keep from it, by their incarnations. */
  readonly exempt: Set<number>
  /** How long the machine was suspended in total, in ms. */
  suspendedMs: number
  /** When the primary was killed; null if it was not. */
  primaryKilledAt: number | null
  /** What the user's own code has found, or what it has thrown. */
  failure: Failure | undefined
  /** Workers that had to be killed after the death of the primary, by their incarnations. */
  readonly overdue: number[]
}

interface Failure {
  /** The entry of the transcript at which it shows. */
  readonly index: number
  readonly text: string
  readonly cause?: unknown
}

/**
 * Starts a program.
 *
 * @throws {TypeError} if it returns no pool, or one on another platform. Also throws what the program throws.
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
      "simulateProgram: kamisama() was called without `platform: os`, so it would start real workers. Write kamisama({ ..., platform: os }).",
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

/** Longer than a worker may take to start, if there is such a limit. */
function slowBootMs({ startTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? 3_000 : startTimeoutMs + 10
}

/** Whether the primary has finished. */
export function isFinished({ pool }: ProgramWorld): boolean {
  return pool.state === "done"
}

/** Whether nothing is left that could happen. */
export function isOver(world: ProgramWorld): boolean {
  return world.system.processes.size === 0 && (world.primaryKilledAt !== null || isFinished(world))
}
