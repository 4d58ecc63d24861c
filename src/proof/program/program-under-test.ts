/**
 * What a simulation is told of a program: the pool that it has started, what else may happen to it, and what must hold of
 * it. Decides how that is read.
 */
import { check, checkNames, isRecord, shown } from "../../core/plan/checks.ts"
import type { Supervisor } from "../../pool/handle.ts"
import type { FakePlatform } from "../../platform/fake/handle.ts"

/**
 * Starts a program anew on a simulated operating system: all that it works with is made in here, too.
 *
 * `outside` makes a function one of the world around the program: what the workers call of a broker or a database. The
 * timers that it sets are not those of the worker that has called it, and go on when that is dead.
 */
export type SimulatedProgram = (os: FakePlatform, outside: Outside) => Supervisor | ProgramUnderTest

/** Makes a function one of the world around the program. */
export type Outside = <Given extends readonly unknown[], Result>(
  code: (...given: Given) => Result,
) => (...given: Given) => Result

/** A program at work, and what is known of it. None of the functions may return a promise but `actions` and `heal`. */
export interface ProgramUnderTest {
  /** What `kamisama()` has returned. */
  readonly pool: Supervisor
  /**
   * What else may happen, by name, at any time: a job arrives, a database goes away. It fails where it throws or
   * rejects. Default: nothing.
   */
  readonly actions?: { readonly [name: string]: () => unknown } | undefined
  /** Called when nothing is to go wrong any more: lets the database come back. Default: nothing is to be done. */
  readonly recover?: (() => unknown) | undefined
  /** Asked after each step of a history; wrong where it throws, or answers false. Default: nothing. */
  readonly always?: (() => unknown) | undefined
  /** Whether all is well in your own terms, and may be stopped: the queue is empty. Default: yes. */
  readonly isWell?: (() => boolean) | undefined
  /** Asked when the program and all of its workers have ended; wrong where it throws, or answers false. Default: nothing. */
  readonly atEnd?: (() => unknown) | undefined
}

const functions = ["recover", "always", "isWell", "atEnd"]

/**
 * Reads what a program has returned.
 *
 * @throws {TypeError} where that tells of no pool, or of something else by an unknown name: what was to hold would never
 *   be asked.
 */
export function readProgram(given: unknown): ProgramUnderTest {
  if (isObject(given)) {
    if (isPool(given)) return { pool: given }
    if (isPool(given["pool"])) {
      checkProgram(given)
      return given as { readonly pool: Supervisor }
    }
  }
  throw new TypeError(
    `Cannot simulate as the program must return what kamisama() has returned, or an object with that as "pool": current value is ${shown(given)}`,
  )
}

function checkProgram(given: { readonly [name: string]: unknown }): void {
  checkNames("", { ...given }, ["pool", "actions", ...functions], "simulate")
  for (const name of functions) checkFunction(name, given[name])
  const { actions = {} } = given
  check(isRecord(actions), TypeError, "actions", "an object with functions", actions, "simulate")
  for (const [name, action] of Object.entries(actions)) checkFunction(`actions.${name}`, action)
}

function checkFunction(name: string, value: unknown): void {
  const isOne = value === undefined || typeof value === "function"
  check(isOne, TypeError, name, "a function", value, "simulate")
}

function isPool(value: unknown): value is Supervisor {
  return isObject(value) && typeof value["stop"] === "function" && "isPrimary" in value
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null
}
