/**
 * Writes a state that is plain data, for models without a `write` of their own: states are the same if all of their data
 * is.
 */
import { wrong } from "../../core/plan/checks.ts"
import type { Encoder } from "./encoder.ts"

const kinds = ["null", "undefined", "false", "true", "integer", "number", "text", "array", "object"]

/** @throws {TypeError} if something in the state is no plain data: states that differ might look the same. */
export function writeData(value: unknown, encoder: Encoder): void {
  const write = (kind: string): void => encoder.write(kinds.indexOf(kind))
  if (value === null || value === undefined || typeof value === "boolean") {
    write(String(value))
  } else if (typeof value === "number") {
    const isSmall = (value | 0) === value
    write(isSmall ? "integer" : "number")
    if (isSmall) encoder.write(value)
    else encoder.writeText(String(value))
  } else if (typeof value === "string") {
    write("text")
    encoder.writeText(value)
  } else if (Array.isArray(value)) {
    write("array")
    encoder.write(value.length)
    for (const item of value as unknown[]) writeData(item, encoder)
  } else if (isPlainObject(value)) {
    const names = Object.keys(value).toSorted()
    write("object")
    encoder.write(names.length)
    for (const name of names) {
      encoder.writeText(name)
      writeData(value[name], encoder)
    }
  } else {
    const advice = `Give the model a "write".`
    throw wrong(TypeError, "model", "the state must be plain data", value, advice)
  }
}

function isPlainObject(value: unknown): value is { readonly [name: string]: unknown } {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
