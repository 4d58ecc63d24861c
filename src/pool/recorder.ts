/**
 * What is remembered of a pool so that it can be gone through again: the latest events, and how things stood before the
 * first of them.
 *
 * Decides how much that is. States are never written to, so one is kept every so often, as it is: to forget the oldest
 * events costs nothing, and only who asks for a recording pays for the few steps from there to its first event. What
 * workers say again and again without any consequence is not kept: an idle pool would remember nothing else.
 */
import type { Event } from "../core/event.ts"
import type { Plan } from "../core/plan/plan.ts"
import { writeRecording } from "../core/recording/recording.ts"
import type { State } from "../core/state.ts"
import { type Step, step } from "../core/step.ts"
import type { Clock } from "../platform/platform.ts"

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
  /** From which event of the latest stretch on there are but answers without consequence. */
  #answersFrom = 0

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
    if (latest !== undefined && latest.events.length < stretchLength) {
      latest.events.push(event)
      return
    }
    this.#answersFrom = 0
    stretches.push({ before, zeroAt: this.#clock.epochNow() - event.at, events: [event] })
    // The oldest goes as soon as those after it, without the one that has just begun, are enough.
    if ((stretches.length - 2) * stretchLength >= mostEvents) {
      stretches.shift()
      this.#forgotten += stretchLength
    }
  }

  /**
   * Takes note of what the latest event has led to. Of answers in a row that led to nothing the latest of each worker is
   * enough, and a measurement that has changed nothing is as good as none.
   */
  stepped({ state, commands }: Step, before: State): void {
    const events = this.#stretches.at(-1)?.events ?? []
    const latest = events.at(-1)
    if (latest?.type === "worker-measured" && state === before && commands.length === 0) {
      events.pop()
    } else if (latest?.type === "worker-sent-heartbeat" && commands.length === 0) {
      this.#forgetAnswer(events, latest.worker.incarnation)
    } else {
      this.#answersFrom = events.length
    }
  }

  /** Takes the answer of that worker away that the latest one has made superfluous. */
  #forgetAnswer(events: Event[], incarnation: number): void {
    for (let index = events.length - 2; index >= this.#answersFrom; index -= 1) {
      const event = events[index]
      if (event?.type !== "worker-sent-heartbeat" || event.worker.incarnation !== incarnation)
        continue
      return void events.splice(index, 1)
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
