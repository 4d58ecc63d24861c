/**
 * A recording that is looked at: its steps, its chart, and what stands out. Pure.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import { stepsOf } from "../../src/core/recording/replay.ts"
import { readRecording } from "../../src/core/recording/read-recording.ts"
import { type Recording, writeRecording } from "../../src/core/recording/recording.ts"
import { type ReplayedStep, run } from "../../src/core/run.ts"
import type { State } from "../../src/core/state.ts"
import { type Chart, ChartMaker } from "../timeline/chart.ts"
import { whyOf } from "./why.ts"

/** What has happened in a pool, replayed. */
export interface Past {
  readonly plan: Plan
  readonly before: State
  readonly steps: readonly ReplayedStep[]
  readonly chart: Chart
}

/** A recording with all that follows from it. */
export interface Incident extends Past {
  readonly recording: Recording
}

/** Something that one would want to look at first. */
export interface Highlight {
  readonly kind:
    "gave up" | "incident" | "restarts" | "reload" | "upgrade" | "kills" | "stop" | "death"
  /** The number of the event, from 0 on. */
  readonly index: number
  readonly text: string
}

/**
 * Replays a recording, and gives way every now and then.
 *
 * @param isTime whether it is time to give way.
 * @throws {TypeError} which says what is wrong with it, and in which line.
 */
export function* openIncident(
  text: string,
  isTime: () => boolean,
): Generator<number, Incident, void> {
  const recording = readRecording(text)
  const { plan, before, events } = recording
  const maker = new ChartMaker(before, events[0]?.at ?? 0)
  const steps: ReplayedStep[] = []
  for (const step of stepsOf(recording)) {
    steps.push(step)
    maker.take(step)
    if (isTime()) yield steps.length / events.length
  }
  return { recording, plan, before, steps, chart: maker.chart }
}

/** A part of a recording, as a recording. */
export function cutOf({ recording, steps }: Incident, from: number, to: number): string {
  const { plan, before, events, leftOut, from: since } = recording
  const first = events[0]?.at ?? 0
  const laterMs = (events[from]?.at ?? first) - first
  return writeRecording({
    plan,
    leftOut: leftOut + from,
    before: from === 0 ? before : (steps[from - 1]?.state ?? before),
    events: events.slice(from, to),
    from: new Date(Date.parse(since) + laterMs).toISOString(),
  })
}

/** So many restarts within this time are a storm. */
const [stormOf, stormMs] = [5, 10_000]

/** What stands out, in its order. */
export function highlightsOf({ steps }: Pick<Incident, "steps">): readonly Highlight[] {
  const highlights: Highlight[] = []
  const kills: number[] = []
  const killed = new Set<number>()
  let restarts: { readonly index: number; readonly at: number }[] = []
  const endStorm = (): void => {
    const [first] = restarts
    const last = restarts.at(-1)
    if (first !== undefined && last !== undefined && restarts.length >= stormOf) {
      const seconds = Math.round((last.at - first.at) / 100) / 10
      const text = `${restarts.length} restarts within ${seconds} s`
      highlights.push({ kind: "restarts", index: first.index, text })
    }
    restarts = []
  }
  for (const [index, { event, commands }] of steps.entries()) {
    if (event.type === "worker-exited" && event.signal !== null) {
      const { slot, incarnation } = event.worker
      const who = slot === 0 ? "a spare" : `worker ${slot}`
      const text = `${who} was ended by ${event.signal}, not by the pool`
      if (!killed.has(incarnation)) highlights.push({ kind: "death", index, text })
    }
    for (const command of commands) {
      const add = (kind: Highlight["kind"], text: string): void => {
        highlights.push({ kind, index, text })
      }
      switch (command.type) {
        case "fork-worker":
          if (command.reason.rule !== "respawn") break
          if (event.at - (restarts.at(-1)?.at ?? event.at) > stormMs) endStorm()
          restarts.push({ index, at: event.at })
          break
        case "announce-give-up":
          add("gave up", "the pool gives up")
          break
        case "announce-incident": {
          const [first = index] = whyOf(steps, index, command).events
          const { slots, of } = command.reason
          highlights.push({
            kind: "incident",
            index: first,
            text: `the first of ${slots.length} failures at once, of ${of} workers`,
          })
          break
        }
        case "announce-reload":
          add("reload", `reload ${command.phase}`)
          break
        case "announce-upgrade":
          add("upgrade", `upgrade ${command.phase}`)
          break
        case "announce-stop":
          add("stop", "the pool stops")
          break
        case "kill-worker":
          kills.push(index)
          killed.add(command.worker.incarnation)
          break
        default:
      }
    }
  }
  endStorm()
  const [firstKill] = kills
  if (firstKill !== undefined) {
    const text =
      kills.length === 1 ? "a worker had to be killed" : `${kills.length} workers had to be killed`
    highlights.push({ kind: "kills", index: firstKill, text })
  }
  return highlights.toSorted((one, other) => one.index - other.index)
}

/** Where the orders of other options part from those that were given. */
export interface Parting {
  /** The number of the event, from 0 on; -1 if they never part. */
  readonly index: number
  readonly was: readonly ReplayedStep["commands"][number][]
  readonly wouldBe: readonly ReplayedStep["commands"][number][]
}

/** Replays the same events under another plan, until the orders part. From there on the world would have answered otherwise. */
export function partingOf({ before, steps, recording }: Incident, plan: Plan): Parting {
  let index = 0
  for (const { commands } of run(plan, before, recording.events)) {
    const was = steps[index]?.commands ?? []
    if (JSON.stringify(was.map(withoutFigures)) !== JSON.stringify(commands.map(withoutFigures))) {
      return { index, was, wouldBe: commands }
    }
    index += 1
  }
  return { index: -1, was: [], wouldBe: [] }
}

/** An order is the same if only the figures of its reason differ. */
function withoutFigures({ reason, ...order }: ReplayedStep["commands"][number]): unknown {
  return { ...order, rule: reason.rule }
}
