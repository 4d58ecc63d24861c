/**
 * What a simulation gets from a program: the pool that it has started, what else may happen to it, and what must hold.
 */
import { check, checkOptions, type Fields, isRecord, wrong } from "../../core/plan/checks.ts"
import { anything, func } from "../../core/plan/forms.ts"
import type { Supervisor } from "../../pool/handle.ts"
import type { FakePlatform } from "../../platform/fake/handle.ts"

/**
 * Starts a program on a simulated operating system, for each run again. Everything that the program works with is made in
 * here, too.
 *
 * Wrap the functions of a fake broker or database in `outside()`: the timers that they set outlive the worker that called
 * them.
 */
export type SimulatedProgram = (os: FakePlatform, outside: Outside) => Supervisor | ProgramUnderTest

/** Makes a function whose timers outlive the worker that calls it. */
export type Outside = <Given extends readonly unknown[], Result>(
  code: (...given: Given) => Result,
) => (...given: Given) => Result

/** A running program, and what must hold of it. Only `actions` and `recover` may return promises. */
export interface ProgramUnderTest {
  /** What `kamisama()` returned. */
  readonly pool: Supervisor
  /**
   * What else may happen at any time, by name: a job arrives, a database goes away. A run fails if one throws or rejects.
   * Default: nothing.
   */
  readonly actions?: { readonly [name: string]: () => unknown } | undefined
  /** Called when all faults end: lets the database come back. Default: nothing. */
  readonly recover?: (() => unknown) | undefined
  /** An invariant, called after each step of a run, which fails if this throws or returns false. Default: none. */
  readonly always?: (() => unknown) | undefined
  /** Whether the program has recovered, in your own terms: the queue is empty. Default: yes. */
  readonly isWell?: (() => boolean) | undefined
  /** Called when the pool and all workers have ended. The run fails if this throws or returns false. Default: nothing. */
  readonly atEnd?: (() => unknown) | undefined
}

const fields: Fields = {
  pool: anything,
  actions: {
    rule: "an object of functions",
    hasType: isRecord,
    fits: () => true,
    inside(caller, name, actions) {
      for (const [action, value] of Object.entries(actions as object)) {
        check(caller, `${name}.${action}`, func, value)
      }
    },
  },
  recover: func,
  always: func,
  isWell: func,
  atEnd: func,
}

/**
 * Reads what a program returned.
 *
 * @throws {TypeError} if that is no pool, or has an unknown name: what must hold would never be checked.
 */
export function readProgram(given: unknown): ProgramUnderTest {
  if (isObject(given)) {
    if (isPool(given)) return { pool: given }
    if (isPool(given["pool"])) {
      checkOptions("simulateProgram", given, fields)
      return given as { readonly pool: Supervisor }
    }
  }
  const advice = given instanceof Promise ? "The function must not be async." : undefined
  const rule = `the program must return what kamisama() returned, or an object with that as "pool"`
  throw wrong(TypeError, "simulateProgram", rule, given, advice)
}

function isPool(value: unknown): value is Supervisor {
  return isObject(value) && typeof value["stop"] === "function" && "isPrimary" in value
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null
}
