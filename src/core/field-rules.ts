/**
 * Rules for the fields of messages that come from outside, such as events in a recording and messages of a worker.
 */

/** What a value must be. */
export interface FieldRule {
  readonly rule: string
  fits(value: unknown): boolean
}

export const text: FieldRule = { rule: "a string", fits: (value) => typeof value === "string" }
export const bool: FieldRule = {
  rule: "true or false",
  fits: (value) => typeof value === "boolean",
}
export const count: FieldRule = {
  rule: "an integer, 0 or more",
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
export const amount: FieldRule = {
  rule: "a number, 0 or more",
  fits: (value) => typeof value === "number" && value >= 0 && value < Infinity,
}
export const span: FieldRule = { ...amount, rule: "a number of milliseconds, 0 or more" }
export const positive: FieldRule = {
  rule: "a positive integer",
  fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
}
export const textOrNull: FieldRule = {
  rule: "a string or null",
  fits: (value) => value === null || typeof value === "string",
}
export const integerOrNull: FieldRule = {
  rule: "an integer or null",
  fits: (value) => value === null || Number.isSafeInteger(value),
}

export const worker: FieldRule = {
  rule: "the slot and the incarnation of a worker",
  fits(value) {
    if (typeof value !== "object" || value === null) return false
    const { slot, incarnation }: { slot?: unknown; incarnation?: unknown } = value
    return count.fits(slot) && positive.fits(incarnation)
  },
}

/** The fields of messages by type, besides `type` itself and the names in `Without`. */
export type Fields<Message extends { readonly type: string }, Without extends string = never> = {
  readonly [Type in Message["type"]]: {
    readonly [
      Name in Exclude<keyof Extract<Message, { readonly type: Type }>, "type" | Without>
    ]: FieldRule
  }
}

/** Whether a table has this type. */
export function isTypeIn<Table extends object>(table: Table, type: unknown): type is keyof Table {
  return typeof type === "string" && Object.hasOwn(table, type)
}
