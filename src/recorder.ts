/**
 * What is remembered of a pool so that it can be gone through again: the latest events, and how things stood before the
 * first of them.
 *
 * Decides how much that is. States are never written to, so one is kept every so often, as it is: to forget the oldest
 * events costs nothing, and only who asks for a recording pays for the few steps from there to its first event. Of answers
 * in a row the latest of each worker is enough: an idle pool would remember nothing else.
 */
import type { Event } from "./core/event.ts"
import type { Plan } from "./core/plan.ts"
import { writeRecording } from "./core/recording.ts"
import type { State } from "./core/state.ts"
import { step } from "./core/step.ts"
import type { Clock } from "./platform/platform.ts"

/** Events in a row, the state that the first one met, and what moment their clock called 0, by that of the wall. */
interface Stretch {
  readonly before: State
  readonly zeroAt: number
  readonly events: Event[]
}

/** How many events a recording has at most, and after how many a state is kept. */
const usual = { mostEvents: 10_000, stretchLength: 500 }

export class Recorder {
  readonly #plan: Plan
  readonly #clock: Clock
  readonly #limits: typeof usual
  readonly #stretches: Stretch[] = []
  #forgotten = 0

  /** @param clock that of the platform, by which the events are stamped. */
  constructor(plan: Plan, clock: Clock, limits: typeof usual = usual) {
    this.#plan = plan
    this.#clock = clock
    this.#limits = limits
  }

  /** Takes note of an event, and of the state that it meets. */
  take(event: Event, before: State): void {
    const { mostEvents, stretchLength } = this.#limits
    const stretches = this.#stretches
    const latest = stretches.at(-1)
    if (latest !== undefined && before.phase === "running") forgetAnswer(latest.events, event)
    if (latest !== undefined && latest.events.length < stretchLength) {
      latest.events.push(event)
      return
    }
    stretches.push({ before, zeroAt: this.#clock.epochNow() - event.at, events: [event] })
    if (stretches.length * stretchLength > mostEvents + stretchLength) {
      stretches.shift()
      this.#forgotten += stretchLength
    }
  }

  /** All of it as text. @param now how things stand, in case nothing has happened yet. */
  write(now: State): string {
    const [oldest] = this.#stretches
    const remembered = this.#stretches.flatMap(({ events }) => events)
    const kept = remembered.slice(-this.#limits.mostEvents)
    const excess = remembered.slice(0, remembered.length - kept.length)
    let before = oldest?.before ?? now
    for (const event of excess) before = step(this.#plan, before, event).state
    const [first] = kept
    const from =
      oldest === undefined || first === undefined
        ? this.#clock.epochNow()
        : oldest.zeroAt + first.at
    return writeRecording({
      plan: this.#plan,
      leftOut: this.#forgotten + excess.length,
      before,
      events: kept,
      from: new Date(from).toISOString(),
    })
  }
}

/** Takes an answer of that worker away to which another one was added, with but answers in between. */
function forgetAnswer(events: Event[], latest: Event): void {
  if (latest.type !== "worker-answered") return
  const { incarnation } = latest.worker
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index]
    if (event?.type !== "worker-answered") return
    if (event.worker.incarnation === incarnation) return void events.splice(index, 1)
  }
}
