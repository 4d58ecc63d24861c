/**
 * The fields of each event, and the form of their values: for everything that reads events from outside, such as a
 * recording or a message of a worker.
 */
import type { Fact, SelfReport } from "./event.ts"

/** What a value must be. */
export interface FieldRule {
  readonly rule: string
  fits(value: unknown): boolean
}

export const text: FieldRule = { rule: "a string", fits: (value) => typeof value === "string" }
export const count: FieldRule = {
  rule: "an integer, 0 or more",
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const positive: FieldRule = {
  rule: "a positive integer",
  fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
}
const textOrNull: FieldRule = {
  rule: "a string or null",
  fits: (value) => value === null || typeof value === "string",
}
const integerOrNull: FieldRule = {
  rule: "an integer or null",
  fits: (value) => value === null || Number.isSafeInteger(value),
}
const worker: FieldRule = {
  rule: "the slot and the incarnation of a worker",
  fits(value) {
    if (typeof value !== "object" || value === null) return false
    const { slot, incarnation }: { slot?: unknown; incarnation?: unknown } = value
    return positive.fits(slot) && positive.fits(incarnation)
  },
}

/** The fields of a kind of messages by their type, besides `type` itself and the names in `Without`. */
export type Fields<Message extends { readonly type: string }, Without extends string = never> = {
  readonly [Type in Message["type"]]: {
    readonly [
      Name in Exclude<keyof Extract<Message, { readonly type: Type }>, "type" | Without>
    ]: FieldRule
  }
}

/** What a worker's report about itself carries besides `worker`. */
export const selfReportFields: Fields<SelfReport, "worker"> = {
  "worker-said-hello": {},
  "worker-became-ready": {},
  "worker-sent-heartbeat": {},
  "worker-measured": { memoryBytes: count },
  "worker-asked-for-replacement": {},
  "worker-asked-for-leadership": {},
  "worker-was-signaled": { signal: text },
}

const otherFields: Fields<Exclude<Fact, SelfReport>> = {
  started: {},
  "start-failed": {},
  "worker-exited": { worker, code: integerOrNull, signal: textOrNull },
  "fork-failed": { worker, error: text },
  "signal-received": { signal: text },
  "stop-requested": { signal: text },
  "scale-requested": { target: positive },
  "reload-requested": {},
  "deadline-reached": {},
}

/** The fields of an event besides `type` and `at`; undefined if there is no such event. */
export function fieldsOf(type: unknown): { readonly [name: string]: FieldRule } | undefined {
  if (isTypeIn(selfReportFields, type)) return { worker, ...selfReportFields[type] }
  return isTypeIn(otherFields, type) ? otherFields[type] : undefined
}

/** Whether a table has this type. */
export function isTypeIn<Table extends object>(table: Table, type: unknown): type is keyof Table {
  return typeof type === "string" && Object.hasOwn(table, type)
}
