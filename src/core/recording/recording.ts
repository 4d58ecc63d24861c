/**
 * The form of a recording: a JSON value a line. First a header, then the plan, the state before the first event that is
 * kept, and the events. It has no commands, because the core gives the same ones again.
 */
import type { Event } from "../event.ts"
import type { Plan } from "../plan/plan.ts"
import type { State } from "../state.ts"

/** Raised when a recording would be replayed differently: when `step` decides differently, or the state has another form. */
export const coreVersion = 3

export const recordingFormat = "kamisama-recording"
export const recordingVersion = 1

/** What a pool went through. */
export interface Recording {
  readonly plan: Plan
  /** How many events came before those that were kept. */
  readonly leftOut: number
  /** The state before the first event that was kept. */
  readonly before: State
  readonly events: readonly Event[]
  /** When the first one that was kept was reported, by the wall clock: "2026-11-23T16:25:05.123Z". */
  readonly from: string
}

export function writeRecording(recording: Recording): string {
  const { plan, leftOut, before, events, from } = recording
  const header = {
    format: recordingFormat,
    version: recordingVersion,
    core: coreVersion,
    leftOut,
    events: events.length,
    from,
  }
  const lines = [header, plan, before, ...events].map((line) => JSON.stringify(line, finite))
  return `${lines.join("\n")}\n`
}

/** JSON has no Infinity. No text in a plan may be "Infinity", so this is a number. */
const infinity = "Infinity"

/** Writes a number that may be Infinity. */
export function finite(_name: string, value: unknown): unknown {
  return value === Infinity ? infinity : value
}

/** Reads a line in which a number may be Infinity. */
export function infinite(_name: string, value: unknown): unknown {
  return value === infinity ? Infinity : value
}
