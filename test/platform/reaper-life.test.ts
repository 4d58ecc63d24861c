import { expect, test } from "vitest"
import type { ReaperCommand } from "../../src/platform/reaper-command.ts"
import {
  beginReaper,
  type ReaperEvent,
  type ReaperPlan,
  type ReaperState,
  reaperStep,
} from "../../src/platform/reaper-life.ts"
import { type ReaperProcess, searchProcesses } from "../../src/platform/reaper-search.ts"

const plan: ReaperPlan = { signal: "TERM", timeoutMs: 3_000, graceMs: 500 }

/** The events after which a reaper of these workers is asked which of them live. */
const noted: readonly ReaperEvent[] = [
  { type: "input-ended" },
  { type: "found", identities: ["20:5"] },
]

function after(
  events: readonly ReaperEvent[],
  { workers = [1, 2], given = plan }: { workers?: readonly number[]; given?: ReaperPlan } = {},
): { readonly state: ReaperState; readonly commands: readonly ReaperCommand[] } {
  let state = beginReaper(workers, [])
  let commands: readonly ReaperCommand[] = []
  for (const event of events) ({ state, commands } = reaperStep(given, state, event))
  return { state, commands }
}

function checked(alive: readonly number[], elapsedMs: number): ReaperEvent {
  return { type: "workers-checked", alive, elapsedMs }
}

test("a reaper that reads does nothing", () => {
  const { state, commands } = after([
    { type: "worker-added", pid: 3 },
    { type: "worker-removed", pid: 1 },
    { type: "worker-removed", pid: 7 },
    { type: "processes-noted", identities: ["20:5", "21:5"] },
    { type: "processes-noted", identities: ["20:5"] },
  ])
  expect(commands).toEqual([])
  expect(state).toMatchObject({ phase: "reading", workers: [2, 3], known: ["20:5", "21:5"] })
})

test("once the primary is dead, workers are asked to stop before anything is looked for", () => {
  expect(after([{ type: "input-ended" }]).commands).toEqual([
    { type: "signal-workers", signal: "TERM", pids: [1, 2] },
    { type: "start-waiting" },
    { type: "find", of: "all", known: [] },
  ])
})

test("workers that would die of SIGTERM do not get it", () => {
  const { commands } = after([{ type: "input-ended" }], { given: { ...plan, signal: null } })
  expect(commands.map(({ type }) => type)).toEqual(["start-waiting", "find"])
})

test("a worker that was seen dead is forgotten", () => {
  const { commands } = after([...noted, checked([2], 0)])
  expect(commands).toEqual([{ type: "wait-a-moment" }, { type: "check-workers", pids: [2] }])
  expect(after([...noted, checked([2], 0), checked([1, 2], 100)]).state.workers).toEqual([2])
})

test("a moment counts as two seconds at most", () => {
  const { state } = after([...noted, checked([1], 0), checked([1], 3_600_000)])
  expect(state).toMatchObject({ phase: "waiting", waitedMs: 2_000 })
})

test("workers are suspended, and what they have started is killed before them", () => {
  const late = [...noted, checked([1], 0), checked([1], 2_000), checked([1], 1_000)]
  expect(after(late).commands).toEqual([
    { type: "signal-workers", signal: "STOP", pids: [1] },
    { type: "find", of: [1], known: [] },
  ])
  const found: ReaperEvent = { type: "found", identities: ["20:5"] }
  expect(after([...late, found]).commands).toEqual([
    { type: "signal-processes", signal: "STOP", identities: ["20:5"] },
    { type: "find", of: [1], known: [] },
  ])
  expect(after([...late, found, found]).commands).toEqual([
    { type: "signal-processes", signal: "KILL", identities: ["20:5"] },
    { type: "signal-workers", signal: "KILL", pids: [1] },
    { type: "find", of: "all", known: ["20:5"] },
  ])
})

test("what workers leave has its grace, and is killed then", () => {
  const left: readonly ReaperEvent[] = [
    ...noted,
    checked([], 0),
    { type: "found", identities: ["21:5"] },
  ]
  expect(after(left).commands).toEqual([
    { type: "signal-processes", signal: "TERM", identities: ["21:5"] },
    { type: "signal-processes", signal: "CONT", identities: ["21:5"] },
    { type: "start-waiting" },
    { type: "check-processes", identities: ["20:5", "21:5"] },
  ])
  const alive = (elapsedMs: number): ReaperEvent => {
    return { type: "processes-checked", alive: ["21:5"], elapsedMs }
  }
  expect(after([...left, alive(0), alive(499)]).commands[0]).toEqual({ type: "wait-a-moment" })
  expect(after([...left, alive(0), alive(499), alive(1)]).commands).toEqual([
    { type: "find", of: "all", known: ["20:5", "21:5"] },
  ])
})

test("a reaper whose workers have left nothing is done", () => {
  const { state, commands } = after([{ type: "input-ended" }, { type: "found", identities: [] }], {
    workers: [],
  })
  expect(commands).toEqual([{ type: "exit" }])
  expect(state.phase).toBe("done")
})

test("an event that answers no question is refused", () => {
  expect(() => after([checked([1], 0)])).toThrow(
    `reaper: "workers-checked" must not come while it is reading`,
  )
})

test("a search finds what workers have started, in the session of the primary and not before it", () => {
  const place = { primary: 1, session: 1, since: 100 }
  const process = (pid: number, parent: number, over: Partial<ReaperProcess> = {}) => {
    return { pid, parent, session: 1, startedAt: 100, isMarked: false, ...over }
  }
  const listed = [
    process(1, 0, { isMarked: true }),
    process(3, 2),
    process(2, 1, { isMarked: true }),
    process(4, 1, { isMarked: true, session: 4 }),
    process(5, 1, { isMarked: true, startedAt: 99 }),
    process(6, 1),
    process(7, 6),
  ]
  expect(searchProcesses(place, { of: "all", known: [] }, listed)).toEqual(["2:100", "3:100"])
  expect(searchProcesses(place, { of: [6], known: [] }, listed)).toEqual([])
  expect(searchProcesses(place, { of: [], known: ["6:100"] }, listed)).toEqual(["6:100", "7:100"])
  expect(searchProcesses({ ...place, session: null }, { of: "all", known: [] }, listed)).toEqual([])
})
