/**
 * What the text of a flag or an environment variable stands for. Durations and sizes take units here: 5s, 500M.
 */
import type { Form } from "../core/plan/checks.ts"
import { quantityOf } from "../core/plan/forms.ts"
import type { Flag } from "./flags.ts"
import { UsageError } from "./usage-error.ts"

/** What the machine that runs the command offers. */
export interface Machine {
  /** The number of cores that the process may use. */
  readonly cores: () => number
}

const words: { readonly [text: string]: readonly unknown[] } = {
  off: [false],
  no: [false],
  false: [false],
  on: [true],
  yes: [true],
  true: [true],
  infinity: [Infinity],
  unlimited: [Infinity],
}

/**
 * The value of a flag.
 *
 * @param source where the text is from, as an error names it: "--timeout" or "KAMISAMA_TIMEOUT".
 * @throws {UsageError} if it stands for no value of the option.
 */
export function valueOf(flag: Flag, text: string, source: string, { cores }: Machine): unknown {
  const { form, kind, name } = flag
  if (name === "workers" && text.toLowerCase() === "max") return cores()
  switch (kind) {
    case "range":
      return rangeOf(form, text, source)
    case "address":
      return addressOf(text, source)
    case "signals":
      return signalOf(text, source)
    default: {
      const value = firstFitting(form, text)
      if (value === undefined) throw wrongValue(source, ruleOf(form), text)
      return value
    }
  }
}

/** The first of the things that the text may stand for and that the form takes; undefined if there is none. */
function firstFitting(form: Form, text: string): unknown {
  const { unit } = form
  const quantity = unit === undefined ? undefined : quantityOf(text, unit)
  const number = text.trim() === "" ? undefined : Number(text)
  const meanings = [...(words[text.toLowerCase()] ?? []), quantity, number, text]
  return meanings.find((value) => value !== undefined && form.hasType(value) && form.fits(value))
}

/** A range such as 100ms..30s. Either end may be left out. */
function rangeOf(form: Form, text: string, source: string): unknown {
  if (words[text.toLowerCase()]?.includes(false) === true) return false
  const { min, max } = form.fields ?? {}
  const ends = text.split("..")
  const [least = "", most = ""] = ends
  const values = {
    min: least === "" || min === undefined ? undefined : firstFitting(min, least),
    max: most === "" || max === undefined ? undefined : firstFitting(max, most),
  }
  const isWhole =
    (values.min !== undefined || least === "") && (values.max !== undefined || most === "")
  if (ends.length === 2 && isWhole && least + most !== "") return values
  throw wrongValue(source, "a range such as 100ms..30s, or off", text)
}

/** A port, or a host and a port. A host of IPv6 is in brackets. */
function addressOf(text: string, source: string): object | false {
  if (words[text.toLowerCase()]?.includes(false) === true) return false
  const [, inner, host = inner, port] =
    /^(?:(?:\[([^\]]+)\]|([^:]+)):)?(\d{1,5})$/.exec(text.trim()) ?? []
  if (port === undefined || Number(port) > 65_535) {
    throw wrongValue(source, "a port, or a host and a port such as 0.0.0.0:9090, or off", text)
  }
  return { port: Number(port), ...(host !== undefined && { host }) }
}

/** A signal and what it does, such as HUP=reload. */
function signalOf(text: string, source: string): { readonly [signal: string]: string | false } {
  const [, name, action] = /^(?:SIG)?([A-Z0-9]+)=([a-z-]+)$/i.exec(text.trim()) ?? []
  if (name === undefined || action === undefined) {
    throw wrongValue(source, "a signal and what it does, such as HUP=reload", text)
  }
  return { [`SIG${name.toUpperCase()}`]: action === "off" ? false : action }
}

function ruleOf({ unit, rule, hasType }: Form): string {
  const off = hasType(false) && unit !== undefined ? ", or off" : ""
  if (unit === "ms") return `a duration such as 500ms, 10s or 5min${off}`
  if (unit === "bytes") return `a size such as 512M or 2G${off}`
  return rule
}

function wrongValue(source: string, rule: string, text: string): UsageError {
  return new UsageError(`${source} must be ${rule}, got ${JSON.stringify(text)}`)
}
