/**
 * What a pool went through, as something to be drawn: lanes with spans of time in which a process does one thing, and events with
 * the orders that they led to. Pure. It is made step by step, so that it can grow while a pool lives.
 */
import type { Command } from "../../src/core/command.ts"
import { describeCommand, describeFact, isRoutine } from "../../src/core/describe.ts"
import type { ReplayedStep } from "../../src/core/run.ts"
import { processesOf, type State } from "../../src/core/state.ts"
import { doingOf } from "../../src/proof/timeline/timeline.ts"

/** What is done in a lane. */
export type Doing = PoolDoing | WorkerDoing

/** What the pool does. */
type PoolDoing =
  "starting" | "running" | "reloading" | "upgrading" | "delayed" | "stopping" | "done"

/** What a process does, or a slot without one. */
type WorkerDoing =
  "booting" | "loaded" | "starting" | "ready" | "stopping" | "killed" | "waiting" | "finished"

/** A span in which the same is done. */
export interface Span {
  /** The serial number of the process; 0 if it is none. */
  readonly incarnation: number
  readonly doing: Doing
  /** The event that began it, and the one that ended it; the number of events if it goes on. */
  readonly from: number
  to: number
  readonly fromAt: number
  /** Infinity if it goes on. */
  toAt: number
}

/** The pool, a slot, or the spares. */
export interface Row {
  /** The number of the slot; 0 for spares, and null for the pool. */
  readonly slot: number | null
  readonly name: string
  /** As many as there were processes at a time, each with its spans in the order in which they began. They do not overlap. */
  readonly lanes: Span[][]
}

/** An order of the pool. */
export interface Order {
  readonly type: Command["type"]
  /** The order with its reason, in words. */
  readonly text: string
  /** The number of the slot that it is about; null if it is about the pool. */
  readonly slot: number | null
  /** The lane of the process that it is about. */
  readonly lane: number
}

/** An event. */
export interface ChartEvent {
  readonly at: number
  readonly text: string
  readonly orders: readonly Order[]
  /** Whether it is of little interest: a heartbeat, or a deadline at which nothing was due. */
  readonly isRoutine: boolean
}

/** A chart in which nothing has happened. */
export const emptyChart: Chart = { events: [], rows: [], doings: new Set() }

/** What a pool went through. */
export interface Chart {
  readonly events: readonly ChartEvent[]
  /** The pool, the slots, and the spares if there were any. */
  readonly rows: readonly Row[]
  /** All that is done in it, for a legend. */
  readonly doings: ReadonlySet<Doing>
  /** Up to when nothing else has happened; undefined if it ends with the last event. */
  readonly untilAt?: number
}

/** Makes a chart, event by event. */
export class ChartMaker {
  readonly #events: ChartEvent[] = []
  readonly #rows = new Map<number | null, Row>()
  readonly #doings = new Set<Doing>()
  /** The spans that go on: that of the pool, of each process by its serial number, and of each empty slot, as a negative number. */
  readonly #open = new Map<
    number,
    { readonly span: Span; readonly row: Row; readonly lane: number }
  >()

  /** @param before the state before the first event. @param at when that is. */
  constructor(before: State, at: number) {
    this.#show(before, at)
  }

  /** The chart so far. It grows with each event. */
  get chart(): Chart {
    const rows = [...this.#rows.values()]
    return {
      events: this.#events,
      rows: rows.toSorted((one, other) => placeOf(one) - placeOf(other)),
      doings: this.#doings,
    }
  }

  /** Takes in what has happened, and what followed. */
  take({ event, commands, state }: ReplayedStep): void {
    const index = this.#events.length
    this.#show(state, event.at, index)
    this.#events.push({
      at: event.at,
      text: describeFact(event),
      orders: commands.map((command) => this.#orderOf(command)),
      isRoutine: isRoutine(event) && commands.length === 0,
    })
  }

  #orderOf(command: Command): Order {
    const { type } = command
    const about = "worker" in command ? command.worker : undefined
    return {
      type,
      text: describeCommand(command),
      slot: about?.slot ?? null,
      lane: about === undefined ? 0 : (this.#open.get(about.incarnation)?.lane ?? 0),
    }
  }

  #show(state: State, at: number, index = 0): void {
    const now = placesIn(state)
    for (const [key, { span, row }] of this.#open) {
      const place = now.get(key)
      if (place?.doing === span.doing && place.slot === row.slot) now.delete(key)
      // A process that does something else stays in its lane.
      else if (place?.slot !== row.slot) this.#close(key, at, index)
    }
    for (const [key, { slot, doing }] of now) {
      const lane = this.#open.get(key)?.lane
      this.#close(key, at, index)
      this.#begin(key, slot, lane, { doing, at, index })
    }
  }

  #begin(
    key: number,
    slot: number | null,
    kept: number | undefined,
    { doing, at, index }: { readonly doing: Doing; readonly at: number; readonly index: number },
  ): void {
    const row = this.#rows.get(slot) ?? { slot, name: nameOf(slot), lanes: [] }
    this.#rows.set(slot, row)
    const lane = kept ?? this.#freeLane(row)
    const spans = (row.lanes[lane] ??= [])
    if (slot !== null) this.#doings.add(doing)
    const incarnation = Math.max(0, key)
    const span = { incarnation, doing, from: index, to: Infinity, fromAt: at, toAt: Infinity }
    spans.push(span)
    this.#open.set(key, { span, row, lane })
  }

  #freeLane(row: Row): number {
    const taken = [...this.#open.values()].flatMap((open) => (open.row === row ? open.lane : []))
    let lane = 0
    while (taken.includes(lane)) lane += 1
    return lane
  }

  #close(key: number, at: number, index: number): void {
    const open = this.#open.get(key)
    if (open === undefined) return
    this.#open.delete(key)
    open.span.to = index
    open.span.toAt = at
  }
}

/** What is in which row: the pool, each process by its serial number, and each slot without one, as a negative number. */
function placesIn(
  state: State,
): Map<number, { readonly slot: number | null; readonly doing: Doing }> {
  const places = new Map<number, { readonly slot: number | null; readonly doing: Doing }>()
  places.set(poolKey, { slot: null, doing: poolDoing(state) })
  for (const { slot, worker } of processesOf(state)) {
    places.set(worker.incarnation, { slot, doing: doingOf(worker) })
  }
  for (const slot of state.slots) {
    if (slot.state !== "occupied") places.set(-slot.id, { slot: slot.id, doing: slot.state })
  }
  return places
}

/** Serial numbers of processes begin at 1. */
const poolKey = 0

function placeOf({ slot }: Row): number {
  if (slot === null) return -1
  return slot === 0 ? Infinity : slot
}

function nameOf(slot: number | null): string {
  if (slot === null) return "pool"
  return slot === 0 ? "spares" : `worker ${slot}`
}

function poolDoing({ phase, delayedStop, reload, successor }: State): PoolDoing {
  if (phase !== "running") return phase
  if (delayedStop !== null) return "delayed"
  if (successor !== null) return "upgrading"
  return reload === null ? "running" : "reloading"
}
