/**
 * The flight recorder of a pool: the latest events, and the state before them.
 *
 * States are immutable, so keeping one every so often costs nothing. The oldest events are dropped in stretches, and only
 * writing a recording pays for the few steps from a kept state to the first event. Heartbeats and memory reports without a
 * consequence are not kept, because an idle pool would record nothing else.
 */
import type { Event } from "../core/event.ts"
import type { Plan } from "../core/plan/plan.ts"
import { writeRecording } from "../core/recording/recording.ts"
import { run } from "../core/run.ts"
import type { State } from "../core/state.ts"
import type { Step } from "../core/step.ts"
import type { Clock } from "../platform/platform.ts"

/** Consecutive events, the state before the first one, and the wall-clock time at which their clock was 0. */
interface Stretch {
  readonly before: State
  readonly zeroAt: number
  readonly events: Event[]
}

/** The largest number of events in a recording, and the number of events after which a state is kept. */
const usual = { mostEvents: 10_000, stretchLength: 500 }

export class Recorder {
  readonly #plan: Plan
  readonly #clock: Clock
  readonly #limits: typeof usual
  readonly #stretches: Stretch[] = []
  readonly #followers = new Set<(event: Event, isHeartbeat: boolean) => void>()
  #forgotten = 0
  /** The index in the latest stretch from which there are only heartbeats without a consequence. */
  #heartbeatsFrom = 0

  /** @param clock the clock of the platform, which stamps the events. */
  constructor(plan: Plan, clock: Clock, limits: typeof usual = usual) {
    this.#plan = plan
    this.#clock = clock
    this.#limits = limits
  }

  /** Records an event, and the state before it. */
  take(event: Event, before: State): void {
    const { mostEvents, stretchLength } = this.#limits
    const stretches = this.#stretches
    const latest = stretches.at(-1)
    if (latest !== undefined && latest.events.length < stretchLength) {
      latest.events.push(event)
      return
    }
    this.#heartbeatsFrom = 0
    stretches.push({ before, zeroAt: this.#clock.epochNow() - event.at, events: [event] })
    // The oldest stretch is dropped once those after it are enough, without the one that has just begun.
    if ((stretches.length - 2) * stretchLength >= mostEvents) {
      stretches.shift()
      this.#forgotten += stretchLength
    }
  }

  /**
   * Takes in what followed from the latest event. Of consecutive heartbeats without a consequence, the latest of each worker
   * is enough. A memory report that changed nothing is dropped.
   */
  stepped({ state, commands }: Step, before: State): void {
    const events = this.#stretches.at(-1)?.events ?? []
    const latest = events.at(-1)
    if (latest === undefined) return
    if (latest.type === "worker-measured" && state === before && commands.length === 0) {
      events.pop()
      return
    }
    const isHeartbeat = latest.type === "worker-sent-heartbeat" && commands.length === 0
    if (isHeartbeat) this.#dropHeartbeat(events, latest.worker.incarnation)
    else this.#heartbeatsFrom = events.length
    for (const take of this.#followers) take(latest, isHeartbeat)
  }

  /** Calls back with each event that is recorded from now on. Heartbeats come before the next other event. @returns ends it. */
  follow(listener: (event: Event) => void): () => void {
    const heartbeats = new Map<number, Event>()
    function take(event: Event, isHeartbeat: boolean): void {
      if (isHeartbeat && "worker" in event) {
        const { incarnation } = event.worker
        heartbeats.delete(incarnation)
        heartbeats.set(incarnation, event)
        return
      }
      for (const heartbeat of heartbeats.values()) listener(heartbeat)
      heartbeats.clear()
      listener(event)
    }
    this.#followers.add(take)
    return () => void this.#followers.delete(take)
  }

  /** Drops the heartbeat of that worker before the latest one. */
  #dropHeartbeat(events: Event[], incarnation: number): void {
    for (let index = events.length - 2; index >= this.#heartbeatsFrom; index -= 1) {
      const event = events[index]
      if (event?.type !== "worker-sent-heartbeat" || event.worker.incarnation !== incarnation)
        continue
      return void events.splice(index, 1)
    }
  }

  /** The recording as text. @param now the current state, in case nothing has happened yet. */
  write(now: State): string {
    const [oldest] = this.#stretches
    const remembered = this.#stretches.flatMap(({ events }) => events)
    const kept = remembered.slice(-this.#limits.mostEvents)
    const excess = remembered.slice(0, remembered.length - kept.length)
    let before = oldest?.before ?? now
    for (const { state } of run(this.#plan, before, excess)) before = state
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
