/**
 * A log as a table: a row for each slot, and one for spares if there are any, a column for each event or note, and in each cell what the slot was doing then. What that is
 * comes from the state of the core, which is computed again from the events.
 */
import { describeCommand, describeFact, isRoutine } from "../../core/describe.ts"
import type { Command } from "../../core/command.ts"
import type { Event } from "../../core/event.ts"
import { initialState, processesOf, type State, type Worker } from "../../core/state.ts"
import { step } from "../../core/step.ts"
import type { Note, TranscriptEntry } from "../../platform/fake/transcript.ts"

/** What a slot is doing. Of several processes in one slot, and of several spares, the youngest counts. */
export type Doing =
  | "nothing"
  | "booting"
  | "loaded"
  | "starting"
  | "ready"
  | "stopping"
  | "killed"
  | "waiting"
  | "finished"

/** One event or note, and what the slots do after it. */
export interface Column {
  /** When it happened, in ms. */
  readonly at: number
  /** The event or note in words. */
  readonly fact: string
  /** The commands that it led to, in words, with their reasons. */
  readonly commands: readonly string[]
  /** What is being done in each row. */
  readonly doings: readonly Doing[]
  /** Whether the violation shows here. */
  readonly isMarked: boolean
  /** Whether there is more to say about it than its cells show. */
  readonly isReportable: boolean
}

export interface Timeline {
  /** The names of the rows: the slots, slot 1 first, and then the spares. */
  readonly rows: readonly string[]
  readonly columns: readonly Column[]
}

/**
 * Makes a timeline of a log that begins with its plan. Wake-ups at which nothing was due are left out.
 *
 * @param mark the index of the entry with the violation; the length of the log means its end. Default: none.
 */
export function timelineOf(log: readonly TranscriptEntry[], mark?: number): Timeline {
  const [first] = log
  if (first?.kind !== "plan") throw new Error("[BUG] a log without its plan was let through")
  // The end shows at the last entry.
  const marked = mark === log.length ? log.length - 1 : mark
  const { plan } = first
  let state = initialState(plan)
  // By how much the moments of the state are ahead of those of the log, if its beginning is missing.
  let aheadMs = 0
  const columns: Column[] = []
  let open: { event: Event; given: Command[]; isMarked: boolean } | undefined
  // A violation before the first event shows at that event.
  let isMarkDue = false
  // The commands of an event belong to it, even if a note comes between them.
  let notes: { readonly note: Note; readonly isMarked: boolean }[] = []

  function close(): void {
    if (open !== undefined) closeEvent(open)
    open = undefined
    for (const { note, isMarked } of notes) {
      const { at, text } = note
      const doings = doingsOf(state)
      const fact = `! ${text}`
      columns.push({ at, fact, commands: [], doings, isMarked, isReportable: true })
    }
    notes = []
  }

  function closeEvent({ event, given, isMarked }: NonNullable<typeof open>): void {
    if (isRoutine(event) && given.length === 0 && !isMarked) return
    const { at } = event
    // That a worker runs after its hello is routine, unless it is the violation.
    const commands = given
      .filter((command) => isMarked || command.type !== "run-worker")
      .map(describeCommand)
    const doings = doingsOf(state)
    const isReportable = commands.length > 0 || isMarked
    columns.push({ at, fact: describeFact(event), commands, doings, isMarked, isReportable })
  }

  for (const [index, entry] of log.entries()) {
    if (entry.kind === "note") {
      notes.push({ note: entry, isMarked: index === marked })
      continue
    }
    if (entry.kind === "event") {
      close()
      const { event } = entry
      open = { event, given: [], isMarked: isMarkDue }
      isMarkDue = false
      const isKnown = !("worker" in event) || event.worker.incarnation < state.nextIncarnation
      if (isKnown) state = step(plan, state, { ...event, at: event.at + aheadMs }).state
    }
    if (entry.kind === "command") open?.given.push(entry.command)
    if (index === marked) {
      if (open === undefined) isMarkDue = true
      else open.isMarked = true
    }
    if (entry.kind === "middle") {
      state = entry.state
      aheadMs = entry.stateAt - entry.at
    }
  }
  close()
  const slots = Math.max(0, ...columns.map(({ doings }) => doings.length - 1))
  const hasSpares = columns.some(({ doings: [spare] }) => spare !== "nothing")
  const rows = Array.from({ length: slots }, (_, index) => `worker ${index + 1}`)
  return {
    rows: hasSpares ? [...rows, "spare"] : rows,
    columns: columns.map((column) => {
      const [spare = "nothing", ...doings] = column.doings
      const ofSlots = rows.map((_, index) => doings[index] ?? "nothing")
      return { ...column, doings: hasSpares ? [...ofSlots, spare] : doings }
    }),
  }
}

/** What each slot is doing, the spares first, as slot 0. */
function doingsOf(state: State): Doing[] {
  const doings: Doing[] = ["nothing"]
  for (const slot of state.slots) if (slot.state !== "occupied") doings[slot.id] = slot.state
  for (const { slot, worker } of processesOf(state)) doings[slot] = doingOf(worker)
  return Array.from(doings, (doing) => doing ?? "nothing")
}

/** What a process is doing. */
export function doingOf({ killed, stop, phase }: Worker): Worker["phase"] | "stopping" | "killed" {
  if (killed) return "killed"
  return stop === null ? phase : "stopping"
}
