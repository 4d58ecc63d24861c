/**
 * The forms that options take: numbers, choices, functions, objects of options. Each knows its rule and what to say about
 * a value that breaks it.
 */
import { check, checkOptions, type Fields, type Form, isRecord, type Naming } from "./checks.ts"
import { type Aliases, didYouMean } from "./suggestion.ts"

/** The longest duration that a timer takes. */
export const longestMs: number = 2 ** 31 - 1

/** A whole number in a range. */
export function integer(least: number, most: number, rule: string, unit?: Form["unit"]): Form {
  return number(
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
    rule,
    unit,
  )
}

/** A number that passes a test. */
export function number(fits: (value: number) => boolean, rule: string, unit?: Form["unit"]): Form {
  return {
    rule,
    ...(unit && { unit }),
    hasType: (value) => typeof value === "number",
    fits: (value) => fits(Number(value)),
    advise: (value) => adviceOnText(value, unit),
  }
}

export const positive: Form = integer(1, Infinity, "a positive integer")

/** A whole number without an upper bound. */
export function integerOrInfinity(least: number): Form {
  const rule = `an integer, ${least} or more, or Infinity`
  return number(
    (value) => value >= least && (value === Infinity || Number.isSafeInteger(value)),
    rule,
  )
}

export const duration: Form = durationFrom(1)

/** A duration that may be as short as `least`. */
export function durationFrom(least: number): Form {
  const rule = `a whole number of milliseconds from ${least} to ${longestMs}`
  return integer(least, longestMs, rule, "ms")
}

export const bytes: Form = integer(1, Infinity, "a whole number of bytes, 1 or more", "bytes")

/** A span of simulated time, which may have fractions. */
export const span: Form = number(
  (value) => value >= 0 && value < Infinity,
  "a number of milliseconds, 0 or more",
  "ms",
)

/** What draws are made from. What is counted up from it must be whole numbers, too. */
export const seed: Form = number(
  (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 52,
  "an integer",
)

export const boolean: Form = {
  rule: "true or false",
  hasType: (value) => typeof value === "boolean",
  fits: () => true,
  advise: (value) =>
    value === "true" || value === "false" ? `Write ${value} without quotes.` : undefined,
}

export const func: Form = {
  rule: "a function",
  hasType: (value) => typeof value === "function",
  fits: () => true,
}

/** A value that is checked elsewhere. */
export const anything: Form = { rule: "anything", hasType: () => true, fits: () => true }

/** A text, and what it says. */
export function text(rule: string): Form {
  return { rule, hasType: (value) => typeof value === "string", fits: () => true }
}

/** One of some texts. */
export function oneOf(names: readonly string[], aliases: Aliases = {}): Form {
  return {
    rule: listed(names),
    hasType: (value) => typeof value === "string",
    fits: (value) => names.some((name) => name === value),
    advise: (value) => didYouMean(value, names, aliases),
  }
}

/** Texts as a rule names them: `"a", "b" or "c"`. */
function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`)
  const last = quoted.pop()
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")} or ${last}`
}

/** An option that `false` turns off. */
export function orFalse(form: Form, rule: string = `false or ${form.rule}`): Form {
  const isFalse = (value: unknown): boolean => value === false
  const isOff = (value: unknown): boolean => offs.includes(value)
  const advise = (value: unknown) => (isOff(value) ? "Use false to turn it off." : undefined)
  const off = { rule: "false", hasType: isFalse, fits: isFalse, advise }
  return { ...form, ...either(rule, off, form) }
}

/** What people write to turn an option off. */
const offs: readonly unknown[] = [0, Infinity, null, "false", "off"]

/** What fits one form or another. */
export function either(rule: string, ...forms: readonly Form[]): Form {
  const ofType = (value: unknown): Form | undefined => forms.find((form) => form.hasType(value))
  return {
    rule,
    hasType: (value) => ofType(value) !== undefined,
    fits: (value) => ofType(value)?.fits(value) === true,
    inside: (caller, name, value) => ofType(value)?.inside?.(caller, name, value),
    advise: (value) =>
      forms.map((form) => form.advise?.(value)).find((advice) => advice !== undefined),
  }
}

/** An object of options. */
export function record(fields: Fields, example: string, naming: Naming = {}): Form {
  return {
    rule: `an object such as ${example}`,
    fields,
    hasType: isRecord,
    fits: () => true,
    inside: (caller, name, value) =>
      checkOptions(caller, value, fields, { ...naming, prefix: `${name}.` }),
    advise(value) {
      const meant = Object.keys(fields).find((name) => accepts(fields[name], value))
      return meant === undefined ? undefined : `Did you mean { ${meant}: ${String(value)} }?`
    },
  }
}

/** A list of at least one element, each of one form. */
export function listOf(form: Form, rule: string): Form {
  return {
    rule,
    hasType: Array.isArray,
    fits: (value) => Array.isArray(value) && value.length > 0,
    inside(caller, name, value) {
      for (const [index, element] of (value as readonly unknown[]).entries()) {
        check(caller, `${name}[${index}]`, form, element)
      }
    },
  }
}

function accepts(form: Form | undefined, value: unknown): boolean {
  return form !== undefined && form.hasType(value) && form.fits(value)
}

/** Quantities as people write them, by their unit. The first letter of a name tells its factor, but for milliseconds. */
const quantities = {
  ms: {
    names: /^(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)$/,
    factors: { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  },
  bytes: {
    names: /^(b|bytes?|[kmg](i?b)?)$/,
    factors: { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 },
  },
}

/** What to do about a text in the place of a number. */
function adviceOnText(value: unknown, unit: Form["unit"]): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined
  if (Number.isFinite(Number(value))) return "Convert it with Number()."
  const amount = unit && quantityOf(value, unit)
  const [, figure, name] = quantity.exec(value.trim()) ?? []
  return amount === undefined ? undefined : `Write ${grouped(amount)} for ${figure} ${name}.`
}

const quantity = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i

/** The number of milliseconds or bytes that a text such as "5s" or "512M" stands for; undefined if it stands for none. */
export function quantityOf(text: string, unit: "ms" | "bytes"): number | undefined {
  const [, figure, name = ""] = quantity.exec(text.trim()) ?? []
  if (!quantities[unit].names.test(name.toLowerCase())) return undefined
  const factors: { readonly [letter: string]: number } = quantities[unit].factors
  const isMs = /^m(s|illi)/i.test(name) && unit === "ms"
  return Math.round(Number(figure) * (isMs ? 1 : (factors[name.charAt(0).toLowerCase()] ?? 1)))
}

/** A figure as it can be copied into a program: 10_000. */
export function grouped(amount: number): string {
  return String(amount).replaceAll(/\B(?=(\d{3})+$)/g, "_")
}
