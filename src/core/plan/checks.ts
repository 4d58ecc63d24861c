/**
 * Checks values against forms and makes the errors, so that all of them read alike: the function that was called, what is
 * wrong, the rule, the value given, and advice if there is any. The forms themselves are in forms.ts.
 */
import { aliased, type Aliases, suggestion } from "./suggestion.ts"

/** What a value must be. */
export interface Form {
  /** The rule, as it follows "must be" in an error: "a positive integer". */
  readonly rule: string
  /** Whether the value has the right type. If not, the error is a TypeError, otherwise a RangeError. */
  hasType(value: unknown): boolean
  /** Whether a value of the right type obeys the rule. */
  fits(value: unknown): boolean
  /** What to do about a value that does not fit, as a sentence. */
  advise?(value: unknown): string | undefined
  /** Checks what is inside of a value that fits. */
  inside?(caller: string, name: string, value: unknown): void
  /** The unit, if the value is a quantity. */
  readonly unit?: "ms" | "bytes"
  /** The members, if the value is an object of them. */
  readonly fields?: Fields
}

/** One option: its form, and what it is if it is left out. */
export interface Field extends Form {
  /** The value. */
  readonly default?: unknown
  /** What the default is, in words, if it is not one value. */
  readonly otherwise?: string
  /** Whether it must be given. */
  readonly isRequired?: boolean
}

/** Options by name. */
export interface Fields {
  readonly [name: string]: Field
}

type ErrorKind = typeof TypeError | typeof RangeError

/**
 * The error about a value.
 *
 * @param caller the function that the user has called.
 * @param rule a clause: `"workers" must be a positive integer`.
 * @param advice a sentence.
 */
export function wrong(
  Kind: ErrorKind,
  caller: string,
  rule: string,
  value: unknown,
  advice?: string,
): Error {
  return new Kind(withAdvice(`${caller}: ${rule}, got ${shown(value)}`, advice))
}

/** A clause and the sentence that follows it, if there is one. */
export function withAdvice(clause: string, advice: string | undefined): string {
  return advice === undefined ? clause : `${clause}. ${advice}`
}

/**
 * Checks one value.
 *
 * @throws {TypeError} if it has the wrong type. @throws {RangeError} if it breaks the rule.
 */
export function check(caller: string, name: string, form: Form, value: unknown): void {
  const { rule } = form
  const hasType = form.hasType(value)
  if (hasType && form.fits(value)) return form.inside?.(caller, name, value)
  const Kind = hasType ? RangeError : TypeError
  throw wrong(Kind, caller, `"${name}" must be ${rule}`, value, form.advise?.(value))
}

/**
 * Checks an object of options: its names, and each option that is given.
 *
 * @param noun what a member is called in an error.
 * @param prefix what stands before each name in an error.
 * @throws {TypeError} if it is no object, or if an option is unknown or has the wrong type.
 * @throws {RangeError} if an option breaks its rule.
 */
export function checkOptions(
  caller: string,
  options: unknown,
  fields: Fields,
  { noun = "option", prefix = "", aliases = {}, elsewhere = {} }: Naming = {},
): void {
  if (!isRecord(options)) throw wrong(TypeError, caller, `the ${noun}s must be an object`, options)
  checkNames(caller, options, fields, { noun, prefix, aliases, elsewhere })
  for (const [name, field] of Object.entries(fields)) {
    const value = options[name]
    if (value !== undefined || field.isRequired) check(caller, prefix + name, field, value)
  }
}

/** The error that a check throws; undefined if it throws none. */
export function errorOf(checks: () => void): Error | undefined {
  try {
    checks()
    return undefined
  } catch (error) {
    return error as Error
  }
}

/**
 * Runs checks on behalf of the function that the user has called. An error then begins where the user has called it:
 * runtimes print the source line of the first frame.
 */
export function onBehalfOf<Result>(called: Called, checks: () => Result): Result {
  try {
    return checks()
  } catch (error) {
    const capturing: object & Capturing = Error
    if (error instanceof Error) capturing.captureStackTrace?.(error, called)
    throw error
  }
}

type Called = (...given: never[]) => unknown

/** Not every runtime has it. */
interface Capturing {
  readonly captureStackTrace?: (error: Error, above: Called) => void
}

/** How options are named in an error. */
export interface Naming {
  readonly noun?: string
  readonly prefix?: string
  readonly aliases?: Aliases
  /** What to do, as a sentence, about a name that stands for no option at all. */
  readonly elsewhere?: { readonly [name: string]: string }
}

function checkNames(
  caller: string,
  options: { readonly [name: string]: unknown },
  fields: Fields,
  { noun, prefix, aliases, elsewhere }: Required<Naming>,
): void {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(fields, name))
  if (unknown.length === 0) return
  const meant = unknown.map((name) => {
    const isElsewhere = Object.hasOwn(elsewhere, name)
    const known = isElsewhere ? undefined : knownName(name, options[name], fields, aliases)
    return { name: `"${prefix}${name}"`, known: known && `"${prefix}${known}"` }
  })
  const hints = meant.filter(({ known }) => known !== undefined)
  const names = meant.map(({ name }) => name).join(", ")
  const single = unknown.length === 1
  const hint = single
    ? `Did you mean ${hints[0]?.known}?`
    : `Here ${hints.map(({ name, known }) => `${name} is ${known}`).join(", ")}.`
  const notes = unknown
    .filter((name) => Object.hasOwn(elsewhere, name))
    .map((name) => elsewhere[name])
  const advice = [...(hints.length === 0 ? [] : [hint]), ...new Set(notes)].join(" ")
  const text = `${caller}: unknown ${noun}${single ? "" : "s"} ${names}`
  throw new TypeError(withAdvice(text, advice === "" ? undefined : advice))
}

/** What was probably meant by an unknown name: its alias, unless another name is near and the value does not fit that. */
function knownName(
  name: string,
  value: unknown,
  fields: Fields,
  aliases: Aliases,
): string | undefined {
  const alias = aliased(name, aliases)
  if (alias !== undefined && fields[alias]?.hasType(value)) return alias
  return suggestion(name, Object.keys(fields)) ?? alias
}

/** Whether it is an object with names and values. @internal */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The most letters of a text that an error shows. */
const mostLetters = 80

/** A value as it is shown in an error: short, and with its type visible. */
export function shown(value: unknown): string {
  if (typeof value === "string") return shortened(JSON.stringify(value))
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "function") return `the function ${value.name}`.trim()
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === "object" && value !== null) return withArticle(kindOf(value))
  return String(value)
}

function shortened(text: string): string {
  return text.length > mostLetters ? `${text.slice(0, mostLetters)}…` : text
}

function kindOf(value: object): string {
  const { constructor }: { readonly constructor?: unknown } = value
  const name = typeof constructor === "function" ? constructor.name : ""
  return name === "" || name === "Object" ? "object" : name
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`
}
