/**
 * Reads a recording back. Refuses what is no recording or only part of one, what another version has written, and events
 * that no loop can have reported.
 *
 * The plan and the state are only checked for missing fields: the version says which form they have.
 */
import { type Event, fieldsOf } from "../event.ts"
import { count, type FieldRule } from "../field-rules.ts"
import { wrong } from "../plan/checks.ts"
import { type Plan, planFrom } from "../plan/plan.ts"
import {
  coreVersion,
  infinite,
  type Recording,
  recordingFormat,
  recordingVersion,
} from "./recording.ts"
import { initialState, type State } from "../state.ts"

type Values = { readonly [name: string]: unknown }

const moment: FieldRule = {
  rule: "a number of milliseconds",
  fits: (value) => typeof value === "number" && Math.abs(value) <= 4e15,
}
const wallTime: FieldRule = {
  rule: 'a moment such as "2026-11-23T16:25:05.123Z"',
  fits: (value) => typeof value === "string" && /^[\d+-]+T[\d:.]+Z$/.test(value),
}

/** @throws {TypeError} which says what is wrong, and in which line. */
export function readRecording(recording: string): Recording {
  if (typeof recording !== "string") refuse("the recording must be a string", recording)
  const lines = recording.trim().split("\n")
  const { leftOut, events: length, from } = readHeader(lines[0] ?? "")
  if (lines.length - 3 !== length) {
    refuse(
      `the recording must have the ${length} events that its header announces`,
      lines.length - 3,
    )
  }
  const plan = readPlan(lines[1] ?? "")
  const before = readState(lines[2] ?? "", plan)
  let latestAt = -Infinity
  const told = lines.slice(3).map((line, index) => {
    const event = readEvent(line, index + 4, latestAt)
    latestAt = event.at
    return event
  })
  return { plan, leftOut, before, events: told, from }
}

function readHeader(line: string): { leftOut: number; events: number; from: string } {
  const rule = `line 1 must be {"format":"${recordingFormat}",…}`
  const header = read(line, rule)
  const { format, version, core, leftOut, events, from } = header
  if (format !== recordingFormat) refuse(rule, line)
  checkVersion("version", recordingVersion, version)
  checkVersion("core", coreVersion, core)
  check(header, { leftOut: count, events: count, from: wallTime }, 1)
  return { leftOut: Number(leftOut), events: Number(events), from: String(from) }
}

function checkVersion(name: string, known: number, given: unknown): void {
  if (given === known) return
  const isOther = Number.isSafeInteger(given)
  const why = isOther ? "the recording was made by another version of kamisama: " : ""
  refuse(`${why}"${name}" in line 1 must be ${known}`, given)
}

function readPlan(line: string): Plan {
  const rule = "line 2 must be the plan"
  const plan = read(line, rule, infinite)
  const known = planFrom({}, { cores: () => 1, seed: 0 })
  checkNames(plan, known, rule)
  return plan as unknown as Plan
}

function readState(line: string, plan: Plan): State {
  const rule = "line 3 must be the state before the first event"
  const state = read(line, rule)
  checkNames(state, initialState(plan), rule)
  return state as unknown as State
}

/**
 * Reads an event.
 *
 * @param number that of its line. @param latestAt the moment of the event before it.
 * @throws {TypeError} which says what is wrong.
 */
export function readEvent(line: string, number: number, latestAt: number): Event {
  const rule = `line ${number} must be an event`
  const event = read(line, rule)
  const { type, at } = event
  const fields = fieldsOf(type)
  if (fields === undefined) return refuse(`${rule} of a known type`, type)
  check(event, { at: moment, ...fields }, number)
  if (Number(at) < latestAt) refuse(`"at" in line ${number} must not be before ${latestAt}`, at)
  return event as unknown as Event
}

function read(line: string, rule: string, reviver?: typeof infinite): Values {
  try {
    const value: unknown = JSON.parse(line, reviver)
    if (isObject(value)) return value
  } catch {
    // Reported like anything else that is not an object.
  }
  return refuse(rule, line)
}

function check(values: Values, forms: { readonly [name: string]: FieldRule }, line: number): void {
  for (const [name, { rule, fits }] of Object.entries(forms)) {
    if (!fits(values[name])) refuse(`"${name}" in line ${line} must be ${rule}`, values[name])
  }
}

function checkNames(values: Values, known: object, rule: string): void {
  for (const name of Object.keys(known)) {
    if (!Object.hasOwn(values, name))
      refuse(`${rule}, with "${name}"`, Object.keys(values).join(", "))
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** @throws {TypeError} always. */
export function refuse(rule: string, value: unknown): never {
  throw wrong(TypeError, "replay", rule, value)
}
