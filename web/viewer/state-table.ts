/**
 * The state of a pool as rows of text, and which of them an event has changed. Pure.
 */
import { describeDue } from "../../src/core/describe.ts"
import { nextDue } from "../../src/core/deadline.ts"
import { countingRespawns } from "../../src/core/respawn-window.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import { placesOf, type State, type Worker } from "../../src/core/state.ts"
import { momentText } from "../timeline/ruler.ts"

/** A row: what it is about, and what is so. */
export interface StateRow {
  readonly name: string
  readonly cells: readonly string[]
  /** Whether it differs from the row of that name before. */
  readonly hasChanged: boolean
}

/** The headings of the cells of workers. */
export const workerHeadings = ["worker", "process", "does", "until"] as const

/** The pool. */
export function poolRows(plan: Plan, state: State, before: State, at: number): readonly StateRow[] {
  const facts = (one: State): readonly (readonly [string, string])[] => [
    ["pool", one.phase],
    ["wanted", `${one.target} workers`],
    [
      "restarts that count",
      `${countingRespawns(plan, one.respawnedAt, at).length} of ${plan.respawnLimit}`,
    ],
    [
      "reload",
      one.reload === null
        ? "none"
        : one.reload.isQueued
          ? "running, one more asked for"
          : "running",
    ],
    ["stop asked for", one.delayedStop === null ? "no" : "yes, serving on"],
  ]
  const old = new Map(facts(before))
  const due = nextDue(state)
  return [
    ...facts(state).map(([name, text]) => ({
      name,
      cells: [text],
      hasChanged: old.get(name) !== text,
    })),
    {
      name: "next",
      cells: [
        due === null ? "nothing is due" : `${describeDue(due)}, in ${momentText(due.at - at)}`,
      ],
      hasChanged: false,
    },
  ]
}

/** The workers and the spares. */
export function workerRows(state: State, before: State, at: number): readonly StateRow[] {
  const old = new Map(rowsOf(before, at).map((row) => [row.name + row.cells[0], row.cells[1]]))
  return rowsOf(state, at).map((row) => ({
    ...row,
    hasChanged: old.get(row.name + row.cells[0]) !== row.cells[1],
  }))
}

function rowsOf(state: State, at: number): readonly Omit<StateRow, "hasChanged">[] {
  const ofSlots = placesOf(state).map(({ slot, state: entry, worker }) => ({
    name: `worker ${slot}`,
    cells:
      worker === null
        ? ["–", entry, untilOf(dueOfSlot(state, slot), at)]
        : [`#${worker.incarnation}`, doesOf(worker), untilOf(limitOf(worker), at)],
  }))
  const spares = state.spares.map(({ worker }) => ({
    name: "spare",
    cells: [`#${worker.incarnation}`, doesOf(worker), untilOf(limitOf(worker), at)],
  }))
  return [...ofSlots, ...spares]
}

function doesOf({ phase, stop, killed, leader }: Worker): string {
  const does = killed ? "killed" : stop === null ? phase : `stopping (${stop.cause})`
  return leader === "granted" ? `${does}, leader` : does
}

/** When something is done about it. */
function limitOf({ timeoutAt, stop, killed, signaled }: Worker): number | null {
  if (killed) return null
  return stop?.killAt ?? signaled?.stopAt ?? timeoutAt
}

function dueOfSlot({ slots }: State, id: number): number | null {
  const slot = slots.find((one) => one.id === id)
  return slot?.state === "waiting" ? slot.forkAt : null
}

function untilOf(dueAt: number | null, at: number): string {
  return dueAt === null || dueAt === Infinity ? "" : `in ${momentText(dueAt - at)}`
}
