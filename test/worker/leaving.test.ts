import { expect, test } from "vitest"
import { type Leaving, type LeavingEvent, stepLeaving } from "../../src/worker/leaving.ts"

const flushed: LeavingEvent = { type: "flushed", isConnected: true }
const alone: LeavingEvent = { type: "flushed", isConnected: false }
const answered: LeavingEvent = { type: "answered" }
const closed: LeavingEvent = { type: "closed" }
const overdue: LeavingEvent = { type: "overdue" }

/** All commands after these events. */
function commands(events: readonly LeavingEvent[]): string[] {
  let leaving: Leaving = "flushing"
  return events.flatMap((event) => {
    const next = stepLeaving(leaving, event)
    leaving = next.leaving
    return next.commands
  })
}

test("a worker that leaves lets its output go first, then listens no longer, and waits for the last word", () => {
  expect(commands([flushed])).toEqual(["stop-listening", "ask"])
  expect(commands([flushed, answered])).toEqual(["stop-listening", "ask", "end"])
})

test("a worker without a primary ends once its output has gone, and not before", () => {
  expect(commands([closed])).toEqual([])
  expect(commands([closed, alone])).toEqual(["end"])
  expect(commands([flushed, closed])).toEqual(["stop-listening", "ask", "end"])
})

test("its time limits both", () => {
  expect(commands([overdue])).toEqual(["end"])
  expect(commands([flushed, overdue])).toEqual(["stop-listening", "ask", "end"])
})

test("it ends once", () => {
  expect(commands([overdue, flushed, answered, closed, overdue])).toEqual(["end"])
})
