import { expect, test } from "vitest"
import {
  beginKeeping,
  type KeepingCommand,
  type KeepingEvent,
  keepingStep,
} from "../../src/platform/reaper-keeping.ts"

/** The commands of each event. */
function commandsOf(...events: readonly KeepingEvent[]): (readonly KeepingCommand[])[] {
  let state = beginKeeping()
  return events.map((event) => {
    const step = keepingStep(state, event)
    ;({ state } = step)
    return step.commands
  })
}

const added = (pid: number): KeepingEvent => ({ type: "worker-added", pid })
const died = (at: number): KeepingEvent => ({ type: "reaper-died", at })
const turn: KeepingEvent = { type: "next-turn-began" }
const released: KeepingEvent = { type: "released" }

test("a reaper is started in the turn after the first worker", () => {
  expect(commandsOf(added(1), added(2), turn, turn)).toEqual([
    [{ type: "await-next-turn" }],
    [],
    [{ type: "start", workers: [1, 2] }],
    [],
  ])
})

test("a reaper is started with the fourth worker, and is told of the fifth", () => {
  expect(commandsOf(added(1), added(2), added(3), added(4), added(5), turn).slice(3)).toEqual([
    [{ type: "start", workers: [1, 2, 3, 4] }],
    [{ type: "tell", news: added(5) }],
    [],
  ])
})

test("a reaper that dies is started again at once, and then once a second", () => {
  const wait: KeepingEvent = { type: "wait-ended", at: 6_000 }
  const start = [{ type: "start", workers: [1] }]
  const events = [added(1), turn, died(5_000), died(5_300), wait, died(7_000)]
  expect(commandsOf(...events).slice(2)).toEqual([
    start,
    [{ type: "wait", waitMs: 700 }],
    start,
    start,
  ])
})

test("what a dead reaper is not told, the next one is given", () => {
  const removed: KeepingEvent = { type: "worker-removed", pid: 1 }
  const wait: KeepingEvent = { type: "wait-ended", at: 6_000 }
  const events = [added(1), turn, died(5_000), died(5_000), added(2), removed, wait]
  expect(commandsOf(...events).slice(4)).toEqual([[], [], [{ type: "start", workers: [2] }]])
})

test("a process id that is reused before its end was reported stays that of a worker", () => {
  const removed: KeepingEvent = { type: "worker-removed", pid: 1 }
  const events = [added(1), turn, added(1), removed, died(5_000)]
  expect(commandsOf(...events).at(-1)).toEqual([{ type: "start", workers: [1] }])
})

test("release() starts a reaper if none lives and workers are left, and lets it go", () => {
  expect(commandsOf(released)).toEqual([[{ type: "let-go" }]])
  expect(commandsOf(added(1), released, turn)).toEqual([
    [{ type: "await-next-turn" }],
    [{ type: "start", workers: [1] }, { type: "let-go" }],
    [],
  ])
  expect(commandsOf(added(1), turn, released, died(1), released).slice(2)).toEqual([
    [{ type: "let-go" }],
    [],
    [],
  ])
})

test("a reaper is told what workers have started, if it lives", () => {
  const noted: KeepingEvent = { type: "processes-noted", identities: ["20:5"] }
  expect(commandsOf(noted, added(1), noted, turn, noted)).toEqual([
    [],
    [{ type: "await-next-turn" }],
    [],
    [{ type: "start", workers: [1] }],
    [{ type: "tell", news: noted }],
  ])
})

test("a wait that ends after release() starts no reaper", () => {
  const wait: KeepingEvent = { type: "wait-ended", at: 6_000 }
  const events = [added(1), turn, died(5_000), died(5_000), released, wait]
  expect(commandsOf(...events).slice(4)).toEqual([
    [{ type: "start", workers: [1] }, { type: "let-go" }],
    [],
  ])
})

test("a reaper that dies in the first second is started again at once", () => {
  expect(commandsOf(added(1), turn, died(10)).at(-1)).toEqual([{ type: "start", workers: [1] }])
})
