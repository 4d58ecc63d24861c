/**
 * Whether what a user gives is what it must be, and how it is told where it is not: what cannot be done, the rule, and the
 * value that was given. Decides nothing of what the rules are.
 */
import { suggestion } from "./suggestion.ts"

/** The longest duration that a timer takes. */
export const longestMs: number = 2 ** 31 - 1

/**
 * Checks that an object has no names but the known ones.
 *
 * @throws {TypeError} naming the unknown one and what was probably meant.
 */
export function checkNames(
  prefix: string,
  given: { readonly [name: string]: unknown },
  known: readonly string[],
  what = "supervise",
): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = suggestion(name, known)
    const hint = meant === undefined ? "" : `; did you mean "${prefix}${meant}"?`
    throw new TypeError(`Cannot ${what} as "${prefix}${name}" is not an option${hint}`)
  }
}

/**
 * Checks one option.
 *
 * @throws an error that names the option, the rule and the value given, where the condition does not hold.
 */
export function check(
  condition: boolean,
  Kind: typeof TypeError | typeof RangeError,
  option: string,
  rule: string,
  value: unknown,
  what = "supervise",
): asserts condition {
  if (condition) return
  throw new Kind(`Cannot ${what} as "${option}" must be ${rule}: current value is ${shown(value)}`)
}

/** Checks that an option is a duration. @throws like `check`. */
export function checkDuration(
  option: string,
  value: unknown,
  orElse = "",
): asserts value is number {
  const rule = `a whole number of milliseconds from 1 to ${longestMs}${orElse}`
  checkInteger(option, value, 1, longestMs, rule)
}

/**
 * Checks that an option is a whole number in a range.
 *
 * @throws {TypeError} where it is no number. @throws {RangeError} where it is another one.
 */
export function checkInteger(
  option: string,
  value: unknown,
  least: number,
  most: number,
  rule: string,
): asserts value is number {
  check(typeof value === "number", TypeError, option, rule, value)
  const fits = Number.isSafeInteger(value) && value >= least && value <= most
  check(fits, RangeError, option, rule, value)
}

/** Whether it is an object with names and values. @internal */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** A value as it is shown in an error: short, and with its type to be seen. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "function") return `function ${value.name}`.trim()
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === "object" && value !== null) return "an object"
  return String(value)
}
