import { expect, test } from "vitest"
import { type Event, initialState, replay } from "../../../src/core/index.ts"
import { kamisama } from "../../../src/index.ts"
import { drawTimeline, fakePlatform, logOfRecording } from "../../../src/fake.ts"
import { checkLog } from "../../../src/proof/rules/check-log.ts"
import { timelineOf } from "../../../src/proof/timeline/timeline.ts"
import { Recorder } from "../../../src/pool/recorder.ts"
import { RandomPool, randomPlan } from "../../core/random-pool.ts"

const clock = { now: () => 0, epochNow: () => 0, wakeAt: () => () => undefined }

function live(pool: RandomPool, recorder: Recorder, event: Event): void {
  const before = pool.state
  recorder.take(event, before)
  const commands = pool.take(event)
  recorder.stepped({ state: pool.state, commands }, before)
}

test("logOfRecording() gives the log that was observed, without what the workers did", async () => {
  const os = fakePlatform()
  const pool = kamisama({ workers: 2, run: () => undefined, platform: os, log: "silent" })
  await os.advance(1_000)
  os.crash(1)
  await os.advance(1_000)
  os.signal("SIGTERM")
  await os.advance(1_000)
  const log = logOfRecording(pool.recording())
  expect(log).toEqual(os.log.filter(({ kind }) => kind !== "worker"))
  expect(checkLog(log)).toEqual([])
  expect(drawTimeline(log)).toBe(drawTimeline(os.log))
})

test("logOfRecording() counts times from the first event", async () => {
  const os = fakePlatform()
  await os.advance(86_400_000)
  const pool = kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
  await os.advance(1_000)
  const [plan, first, command, hello] = logOfRecording(pool.recording())
  expect(plan).toMatchObject({ kind: "plan", at: 0 })
  expect(first).toEqual({ kind: "event", event: { type: "started", at: 0 } })
  expect(command).toMatchObject({ kind: "command", at: 0 })
  expect(hello).toMatchObject({ event: { type: "worker-said-hello", at: 11 } })
})

test("the log of a recording of a random pool breaks no rule", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed)
    const recorder = new Recorder(pool.plan, clock)
    for (let count = 0; count < 250; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      live(pool, recorder, event)
    }
    const isComplete = pool.state.phase === "done"
    const log = logOfRecording(recorder.write(pool.state))
    expect(checkLog(log, { isComplete }), `seed ${seed}`).toEqual([])
  }
})

test("a log without its beginning is drawn like the end of the whole log", () => {
  let columnsSeen = 0
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed)
    const recorder = new Recorder(pool.plan, clock, { mostEvents: 25, stretchLength: 5 })
    for (let count = 0; count < 250; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      live(pool, recorder, event)
    }
    const log = logOfRecording(recorder.write(pool.state))
    if (log[1]?.kind !== "middle") continue
    const { stateAt } = log[1]
    const { columns } = timelineOf(log)
    const all = timelineOf(pool.log).columns
    const whole = all.slice(all.length - columns.length)
    const late = columns.map((column) => ({ ...column, at: column.at + stateAt }))
    expect(late, `seed ${seed}`).toEqual(whole)
    columnsSeen += columns.length
  }
  expect(columnsSeen).toBeGreaterThan(1_000)
})

test("a log that begins during a probation shows that the replacement gets the slot", async () => {
  const os = fakePlatform()
  const pool = kamisama({
    workers: 1,
    run: () => undefined,
    reload: { minReadyTime: 400 },
    platform: os,
    log: "silent",
  })
  await os.advance(1_000)
  void pool.reload()
  await os.advance(1_000)
  os.crash(1)
  await os.advance(50)
  os.crash(1)
  await os.advance(1_000)
  const { plan, steps } = replay(pool.recording())
  const endOfTrial = steps.findIndex(({ event }) => event.type === "deadline-reached")
  const mostEvents = steps.length - endOfTrial
  const recorder = new Recorder(plan, clock, { mostEvents, stretchLength: 1 })
  let state = initialState(plan)
  for (const { event, ...step } of steps) {
    recorder.take(event, state)
    recorder.stepped(step, state)
    state = step.state
  }
  const log = logOfRecording(recorder.write(state))
  expect(log[1]).toMatchObject({ kind: "middle", state: { replacements: [{ slot: 1 }] } })
  const { columns } = timelineOf(log)
  const whole = timelineOf(os.log).columns.slice(-columns.length)
  expect(columns.map(({ fact, doings }) => [fact, doings])).toEqual(
    whole.map(({ fact, doings }) => [fact, doings]),
  )
  expect(columns.flatMap(({ doings }) => doings)).toContain("waiting")
})

test("checkLog() refuses a log without its beginning", () => {
  const pool = new RandomPool(randomPlan(1), 1)
  const recorder = new Recorder(pool.plan, clock, { mostEvents: 1, stretchLength: 1 })
  for (let count = 0; count < 3; count += 1) {
    const event = pool.nextEvent()
    if (event === undefined) throw new Error("a pool of that seed lives longer")
    live(pool, recorder, event)
  }
  const log = logOfRecording(recorder.write(pool.state))
  expect(() => checkLog(log)).toThrow(
    "checkLog: the log must be complete from its beginning, this one begins in the middle",
  )
})

test("logOfRecording() refuses what replay() refuses", () => {
  expect(() => logOfRecording("hello")).toThrow("replay: line 1 must be")
})
