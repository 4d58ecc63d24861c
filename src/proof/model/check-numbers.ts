/**
 * Checks of the numbers that searches and simulations take.
 */
import { shown } from "../../core/plan/checks.ts"

/** @throws {RangeError} if it is no positive integer. */
export function checkCount(name: string, value: number, what = "simulate"): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new RangeError(
    `Cannot ${what} as "${name}" must be a positive integer: current value is ${shown(value)}`,
  )
}

/** @throws {RangeError} if it is no integer: with such a seed nothing would happen, and nothing would fail. */
export function checkSeed(value: number): void {
  // The seeds that follow it must be whole numbers, too.
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 52) return
  throw new RangeError(
    `Cannot simulate as "seed" must be an integer: current value is ${shown(value)}`,
  )
}
