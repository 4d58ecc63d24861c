/**
 * Checks of the numbers that searches and simulations take.
 */
import { shown } from "../../core/plan/checks.ts"

/** @throws {RangeError} where it is none. */
export function checkCount(name: string, value: number, what = "simulate"): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new RangeError(
    `Cannot ${what} as "${name}" must be a positive integer: current value is ${shown(value)}`,
  )
}

/** @throws {RangeError} where it is none: another one would let nothing happen at all, and nothing would fail. */
export function checkSeed(value: number): void {
  // What is counted up from it must be whole numbers, too.
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 52) return
  throw new RangeError(
    `Cannot simulate as "seed" must be an integer: current value is ${shown(value)}`,
  )
}
