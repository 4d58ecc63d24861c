/**
 * What becomes of each process and each slot at each event, as the searches reach it: the tables that src/core/state.ts
 * opens with.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import type { Slot, State, Worker } from "../../src/core/state.ts"
import type { PoolMove } from "../../src/proof/pool/pool-world.ts"

/** How a process stands, in the end gone. */
const situations = ["booting", "loaded", "starting", "ready", "stopping", "killed", "gone"] as const

/** What a slot is. */
const slots = ["respawn", "restore", "remove", "waiting", "finished", "free"] as const

/** What may happen to a process, or a slot, or all of them. */
const events = [
  "hello",
  "ready",
  "other report",
  "signal",
  "exit",
  "failed fork",
  "scale",
  "stop",
  "wake-up",
] as const

type EventName = (typeof events)[number]

/** Notes what becomes of what. */
export class StateTables {
  readonly #processes = new Uint8Array(situations.length ** 2 * events.length)
  readonly #slots = new Uint8Array(slots.length ** 2 * events.length)

  /** Notes one move of a search. Called for every transition, so it makes no lists. */
  note(plan: Plan, before: State, move: PoolMove, after: State): void {
    const name = eventOf(plan, move)
    if (name === undefined || after.phase === "done") return
    const event = events.indexOf(name)
    const about = "worker" in move ? move.worker.incarnation : undefined
    for (const slot of before.slots) {
      const worker = slot.state === "occupied" ? slot.worker : undefined
      if (about !== undefined && worker?.incarnation !== about) continue
      if (worker !== undefined) this.#noteProcess(worker, event, after)
      const then = after.slots.find(({ id }) => id === slot.id)
      reach(this.#slots, slots.length, event, kindOf(slot), kindOf(then))
    }
    for (const { worker } of [...before.replacements, ...before.retired, ...before.spares]) {
      if (about === undefined || worker.incarnation === about) {
        this.#noteProcess(worker, event, after)
      }
    }
    if (about !== undefined || after.slots === before.slots) return
    for (const slot of after.slots) {
      const isNew = before.slots.every(({ id }) => id !== slot.id)
      if (isNew) reach(this.#slots, slots.length, event, kindOf(undefined), kindOf(slot))
    }
  }

  #noteProcess(worker: Worker, event: number, after: State): void {
    const { incarnation } = worker
    const then = workerOf(after, incarnation)
    const became = then === undefined ? situations.length - 1 : situationOf(then)
    reach(this.#processes, situations.length, event, situationOf(worker), became)
  }

  /** Both tables as text. */
  text(): string {
    const ofProcess = events.filter((event) => event !== "failed fork")
    const ofSlot = events.slice(events.indexOf("exit"))
    return [
      table("process", situations, ofProcess, this.#processes),
      table("slot", slots, ofSlot, this.#slots),
    ].join("\n\n")
  }
}

function reach(cells: Uint8Array, size: number, event: number, was: number, became: number): void {
  cells[(event * size + was) * size + became] = 1
}

function workerOf(
  { slots, replacements, retired, spares }: State,
  incarnation: number,
): Worker | undefined {
  for (const slot of slots) {
    if (slot.state === "occupied" && slot.worker.incarnation === incarnation) return slot.worker
  }
  return [...replacements, ...retired, ...spares].find(
    ({ worker }) => worker.incarnation === incarnation,
  )?.worker
}

function eventOf({ signals }: Plan, move: PoolMove): EventName | undefined {
  switch (move.type) {
    case "time-passed":
    case "no-op":
    case "started":
    case "start-failed":
    case "reload-requested":
    case "upgrade-requested":
    case "successor-exited":
    case "successor-failed":
      return undefined
    case "successor-became-ready":
      return "stop"
    case "worker-said-hello":
      return "hello"
    case "worker-became-ready":
      return "ready"
    case "worker-sent-heartbeat":
    case "worker-measured":
    case "worker-served-requests":
    case "worker-asked-for-replacement":
    case "worker-asked-for-leadership":
      return "other report"
    case "worker-was-signaled":
      return signals[move.signal] === "stop" ? "signal" : undefined
    case "worker-exited":
      return "exit"
    case "fork-failed":
      return "failed fork"
    case "stop-requested":
      return "stop"
    case "scale-requested":
      return "scale"
    case "signal-received": {
      const action = signals[move.signal]
      if (action === "stop") return "stop"
      return action === "scale-up" || action === "scale-down" ? "scale" : undefined
    }
    case "deadline-reached":
      return "wake-up"
  }
}

function situationOf({ phase, stop, killed }: Worker): number {
  if (killed) return situations.indexOf("killed")
  return situations.indexOf(stop === null ? phase : "stopping")
}

function kindOf(slot: Slot | undefined): number {
  if (slot === undefined) return slots.indexOf("free")
  return slots.indexOf(slot.state === "occupied" ? slot.desired : slot.state)
}

/** A row for each state and a column for each event that it meets. */
function table(
  name: string,
  states: readonly string[],
  columns: readonly EventName[],
  cells: Uint8Array,
): string {
  const rows = states.map((state, was) => [
    state,
    ...columns.map((column) => {
      const from = (events.indexOf(column) * states.length + was) * states.length
      return states
        .flatMap((other, became) =>
          cells[from + became] === 1 ? (became === was ? "·" : other) : [],
        )
        .join(" / ")
    }),
  ])
  const lines = [
    [name, ...columns],
    ...rows.filter((row) => row.slice(1).some((cell) => cell !== "")),
  ]
  const widths = [name, ...columns].map((_, at) =>
    Math.max(...lines.map((line) => line[at]?.length ?? 0)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
