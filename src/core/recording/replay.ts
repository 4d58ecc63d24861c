/**
 * Replays a recording: the core takes in the same events again.
 */
import type { Event } from "../event.ts"
import type { Plan } from "../plan/plan.ts"
import { readRecording, refuse } from "./read-recording.ts"
import type { Recording } from "./recording.ts"
import { type ReplayedStep, run } from "../run.ts"
import type { State } from "../state.ts"

export type { ReplayedStep } from "../run.ts"

/** What a pool went through, step by step. */
export interface Replayed {
  /** What the pool was asked to do. */
  readonly plan: Plan
  /** How many events came before those that were kept. */
  readonly leftOut: number
  /** The state before the first event that was kept: the initial one if no event was left out. */
  readonly before: State
  /** When the first event that was kept was reported, by the wall clock: "2026-11-23T16:25:05.123Z". */
  readonly from: string
  /** The events that were kept, in order. */
  readonly steps: readonly ReplayedStep[]
}

/**
 * Replays a recording: the core takes in the same events and gives the same commands.
 *
 * @param recording what `pool.recording()` returned.
 * @throws {TypeError} if it is not a whole recording, if one of its events is impossible, or if it was made by a version
 *   whose core decides differently.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs"
 * import { replay } from "kamisama/core"
 *
 * const { steps } = replay(readFileSync("incident.jsonl", "utf8"))
 * for (const { event, commands, state } of steps) {
 *   if (commands.some(({ type }) => type === "announce-give-up")) console.log(event, state.respawnedAt)
 * }
 * ```
 */
export function replay(recording: string): Replayed {
  const told = readRecording(recording)
  const { plan, leftOut, before, from } = told
  return { plan, leftOut, before, from, steps: [...stepsOf(told)] }
}

/**
 * The steps of a recording, one by one.
 *
 * @throws {TypeError} if an event is about a worker that was not forked before.
 */
export function* stepsOf({ plan, before, events }: Recording): Generator<ReplayedStep, void> {
  let { nextIncarnation } = before
  function* checked(): Generator<Event> {
    for (const [index, event] of events.entries()) {
      checkForked(event, nextIncarnation, `line ${index + 4}`)
      yield event
    }
  }
  for (const step of run(plan, before, checked())) {
    ;({ nextIncarnation } = step.state)
    yield step
  }
}

function checkForked(event: Event, nextIncarnation: number, line: string): void {
  if (!("worker" in event) || event.worker.incarnation < nextIncarnation) return
  const { slot, incarnation } = event.worker
  refuse(
    `${line} must be about a worker that was forked before`,
    `worker ${slot} (#${incarnation})`,
  )
}
