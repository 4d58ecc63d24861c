import { isDeepStrictEqual } from "node:util"
import { describe, expect, test } from "vitest"
import {
  coreVersion,
  describe as describeRecording,
  type Command,
  type Event,
  type Fact,
  initialState,
  type Plan,
  replay,
  type State,
  step,
} from "../../../src/core/index.ts"
import type { Clock } from "../../../src/platform/platform.ts"
import { Recorder } from "../../../src/pool/recorder.ts"
import { planOf, PoolInSteps } from "../pool-in-steps.ts"
import { randomOf, RandomPool, randomPlan } from "../random-pool.ts"

const epoch = Date.UTC(2026, 10, 23, 16, 25, 5, 123)

/** A clock that shows the time of the latest event. Its 0 is the epoch of these tests. */
function clockOf(latest: { at: number }): Clock {
  return { now: () => latest.at, epochNow: () => epoch + latest.at, wakeAt: () => () => undefined }
}

const worker = { slot: 1, incarnation: 1 }

const events: readonly Event[] = [
  { type: "started", at: 1_000.25 },
  { type: "worker-said-hello", worker, at: 1_060.5 },
  { type: "worker-became-ready", worker, at: 1_100 },
  { type: "deadline-reached", at: 1_500 },
  { type: "worker-exited", worker, code: 1, signal: null, at: 2_000 },
  { type: "fork-failed", worker: { slot: 1, incarnation: 2 }, error: "EAGAIN", at: 2_001 },
  { type: "stop-requested", signal: "Infinity", at: 2_100 },
]

/** Steps a pool through events and records them. */
function record(
  plan: Plan,
  given: readonly Event[],
  limits?: { mostEvents: number; stretchLength: number },
): string {
  const now = { at: 0 }
  const recorder = new Recorder(plan, clockOf(now), limits)
  let state = initialState(plan)
  for (const event of given) {
    now.at = event.at
    recorder.take(event, state)
    const next = step(plan, state, event)
    recorder.stepped(next, state)
    state = next.state
  }
  now.at += 3_600_000
  return recorder.write(state)
}

const plan = planOf({ workers: 1, respawnLimit: Infinity })
const recording = record(plan, events)

/** The recording with one line replaced. */
function withLine(number: number, change: string | ((line: string) => string)): string {
  const lines = recording.split("\n")
  const line = lines[number - 1] ?? ""
  lines[number - 1] = typeof change === "string" ? change : change(line)
  return lines.join("\n")
}

describe("replay()", () => {
  test("returns the plan, and what each event led to", () => {
    const { plan: replayed, before, leftOut, from, steps } = replay(recording)
    expect(replayed).toStrictEqual(plan)
    expect(replayed.respawnLimit).toBe(Infinity)
    expect(before).toStrictEqual(initialState(plan))
    expect({ leftOut, from }).toEqual({ leftOut: 0, from: "2026-11-23T16:25:06.123Z" })
    let state = before
    expect(steps).toHaveLength(events.length)
    for (const [index, event] of events.entries()) {
      const next = step(plan, state, event)
      expect(steps[index]).toStrictEqual({ event, ...next })
      state = next.state
    }
    expect(steps.at(-1)?.state.phase).toBe("done")
  })

  test("accepts a recording without events", () => {
    const { before, steps, from } = replay(record(plan, []))
    expect({ before, steps, from }).toEqual({
      before: initialState(plan),
      steps: [],
      from: "2026-11-23T17:25:05.123Z",
    })
  })

  test("accepts a recording whose line ends were changed on the way", () => {
    expect(replay(recording.replaceAll("\n", "\r\n"))).toStrictEqual(replay(recording))
  })

  test.each([
    ["nothing", "", 'line 1 must be {"format":"kamisama-recording",…}, got ""'],
    ["what is no text", undefined, "the recording must be a string, got undefined"],
    ["garbage", "hello\nworld", 'line 1 must be {"format":"kamisama-recording",…}, got "'],
    ["another JSON", '{"format":"har"}', 'line 1 must be {"format":"kamisama-recording",…}, got "'],
    [
      "another version of the form",
      withLine(1, (line) => line.replace('"version":1', '"version":2')),
      'the recording was made by another version of kamisama: "version" in line 1 must be 1, got 2',
    ],
    [
      "another version of the core",
      withLine(1, (line) => line.replace(`"core":${coreVersion}`, `"core":${coreVersion + 1}`)),
      `the recording was made by another version of kamisama: "core" in line 1 must be ${coreVersion}, got ${coreVersion + 1}`,
    ],
    [
      "a header that counts wrongly",
      withLine(1, (line) => line.replace('"leftOut":0', '"leftOut":-1')),
      '"leftOut" in line 1 must be an integer, 0 or more, got -1',
    ],
    [
      "a header without its moment",
      withLine(1, (line) => line.replace(/"from":"[^"]+"/, '"from":"yesterday"')),
      '"from" in line 1 must be a moment such as "2026-11-23T16:25:05.123Z", got "yest',
    ],
    [
      "one that ends between two lines",
      recording.split("\n").slice(0, 8).join("\n"),
      "the recording must have the 7 events that its header announces, got 5",
    ],
    ["one that ends within a line", recording.slice(0, -8), "line 10 must be an event, got"],
    [
      "one with lines added",
      `${recording}{"type":"started","at":9000}`,
      "the recording must have the 7 events that its header announces, got 8",
    ],
    ["one with no plan", withLine(2, "[]"), 'line 2 must be the plan, got "[]"'],
    [
      "one with a part of a plan",
      withLine(2, '{"workers":1}'),
      'line 2 must be the plan, with "timeoutMs", got "workers"',
    ],
    [
      "one with no state",
      withLine(3, "null"),
      'line 3 must be the state before the first event, got "null"',
    ],
    [
      "one with a part of a state",
      withLine(3, '{"phase":"running"}'),
      'line 3 must be the state before the first event, with "target", got "phase"',
    ],
    [
      "an event that there is not",
      withLine(5, '{"type":"toString","at":1060.5}'),
      'line 5 must be an event of a known type, got "toString"',
    ],
    [
      "an event of nobody",
      withLine(5, '{"type":"worker-said-hello","at":1060.5}'),
      '"worker" in line 5 must be the slot and the incarnation of a worker, got undefined',
    ],
    [
      "an event that does not say all",
      withLine(8, (line) => line.replace('"code":1', '"code":"one"')),
      '"code" in line 8 must be an integer or null, got "one"',
    ],
    [
      "an event of a slot below 0",
      withLine(5, (line) => line.replace('"slot":1', '"slot":-1')),
      '"worker" in line 5 must be the slot and the incarnation of a worker, got an object',
    ],
    [
      "an event of half a worker",
      withLine(5, (line) => line.replace('"incarnation":1', '"incarnation":1.5')),
      '"worker" in line 5 must be the slot and the incarnation of a worker, got an object',
    ],
    [
      "an event of the type of a number",
      withLine(5, '{"type":5,"at":1060.5}'),
      "line 5 must be an event of a known type, got 5",
    ],
    [
      "an exit by a signal that is none",
      withLine(8, (line) => line.replace('"signal":null', '"signal":9')),
      '"signal" in line 8 must be a string or null, got 9',
    ],
    [
      "a stop by a signal that is none",
      withLine(10, (line) => line.replace('"signal":"Infinity"', '"signal":null')),
      '"signal" in line 10 must be a string, got null',
    ],
    [
      "an event beyond all time",
      withLine(10, (line) => line.replace("2100", "4000000000000001")),
      '"at" in line 10 must be a number of milliseconds, got 4000000000000001',
    ],
    [
      "a header with more before its moment",
      withLine(1, (line) => line.replace(/"from":"/, '"from":"x')),
      '"from" in line 1 must be a moment such as "2026-11-23T16:25:05.123Z", got "x2026',
    ],
    [
      "a header with more after its moment",
      withLine(1, (line) => line.replace('Z"', 'Zx"')),
      '"from" in line 1 must be a moment such as "2026-11-23T16:25:05.123Z", got "2026',
    ],
    ["a line that is long", "x".repeat(100), `got "${"x".repeat(79)}…`],
    ["a line that is not", "x".repeat(78), `got "${"x".repeat(78)}"`],
    [
      "one with parts of a state",
      withLine(3, '{"phase":"running","slots":[]}'),
      'line 3 must be the state before the first event, with "target", got "phase, slots"',
    ],
    [
      "an event at no time",
      withLine(5, (line) => line.replace("1060.5", "null")),
      '"at" in line 5 must be a number of milliseconds, got null',
    ],
    [
      "an event before the one before it",
      withLine(5, (line) => line.replace("1060.5", "1000")),
      '"at" in line 5 must not be before 1000.25, got 1000',
    ],
    [
      "an event of a worker that was never forked",
      withLine(5, (line) => line.replace('"incarnation":1', '"incarnation":2')),
      'line 5 must be about a worker that was forked before, got "worker 1 (#2)"',
    ],
  ])("refuses %s", (_what, given, message) => {
    expect(() => replay(given as string)).toThrow(TypeError)
    expect(() => replay(given as string)).toThrow(/^replay: /)
    expect(() => replay(given as string)).toThrow(message)
  })

  test("accepts an exit by a signal, events at the same moment, and a moment far away", () => {
    const killed = withLine(8, (line) =>
      line.replace('"code":1,"signal":null', '"code":null,"signal":"SIGKILL"'),
    )
    expect(replay(killed).steps[4]?.event).toMatchObject({ code: null, signal: "SIGKILL" })
    const atOnce = withLine(5, (line) => line.replace("1060.5", "1000.25"))
    expect(replay(atOnce).steps[1]?.event.at).toBe(1_000.25)
    const late = withLine(10, (line) => line.replace("2100", "4000000000000000"))
    expect(replay(late).steps.at(-1)?.event.at).toBe(4e15)
  })

  test("refuses a recording that is cut off, wherever it is cut", () => {
    for (let length = 0; length < recording.length - 1; length += 1) {
      expect(() => replay(recording.slice(0, length)), `${length}`).toThrow(/^replay: /)
    }
    expect(replay(recording.slice(0, -1)).steps).toHaveLength(events.length)
  })
})

describe("describe()", () => {
  test("returns the transcript of a recording, with times from the first event on", () => {
    expect(describeRecording(recording)).toBe(
      `\
7 events from 2026-11-23T16:25:06.123Z on
before: starting, 1 worker desired
      0 ms  started
            → fork worker 1 (#1): the first worker
     60 ms  worker 1 (#1) said hello
            → run worker 1 (#1): it said hello
    100 ms  worker 1 (#1) became ready
  1_000 ms  worker 1 (#1) exited with code 1
            → fork worker 1 (#2): restart without a limit
  1_001 ms  fork of worker 1 (#2) failed: EAGAIN
  1_100 ms  stop with Infinity was requested
            → announce stop: the pool stops on Infinity
            → finish with code 0: every worker has stopped
`,
    )
  })

  test("shows the state before the first event if the beginning is missing", () => {
    const limits = { mostEvents: 2, stretchLength: 2 }
    expect(describeRecording(record(plan, events.slice(0, 6), limits))).toBe(
      `\
2 events from 2026-11-23T16:25:07.123Z on, after 4 others left out
before: running, 1 worker desired: worker 1 (#1) is ready
      0 ms  worker 1 (#1) exited with code 1
            → fork worker 1 (#2): restart without a limit
      1 ms  fork of worker 1 (#2) failed: EAGAIN
`,
    )
  })

  test("describes a recording of no event, and of one event", () => {
    expect(describeRecording(record(plan, []))).toBe(
      "0 events from 2026-11-23T17:25:05.123Z on\nbefore: starting, 1 worker desired\n",
    )
    expect(describeRecording(record(plan, events.slice(0, 1)))).toMatch(/^1 event from /)
  })

  test("refuses what replay() refuses", () => {
    expect(() => describeRecording("hello")).toThrow("replay: line 1 must be")
  })
})

interface Seen {
  readonly event: Event
  readonly commands: readonly Command[]
  readonly state: State
}

/** A random pool whose workers send heartbeats now and then, as real ones do. */
class HeartbeatingPool {
  readonly seen: Seen[] = []
  readonly #pool: RandomPool
  readonly #recorder: Recorder
  readonly #random: () => number

  constructor(seed: number, limits: { mostEvents: number; stretchLength: number }) {
    const heartbeatTimeoutMs = seed % 4 === 0 ? false : 60
    const plan: Plan = { ...randomPlan(seed), heartbeatTimeoutMs }
    this.#pool = new RandomPool(plan, seed, seed % 3 === 0 ? 450 : 0)
    this.#recorder = new Recorder(plan, clockOf({ at: 0 }), limits)
    this.#random = randomOf(seed)
  }

  get plan(): Plan {
    return this.#pool.plan
  }

  /** @returns whether there was an event. */
  live(): boolean {
    const event = this.#pool.nextEvent()
    if (event === undefined) return false
    this.#take(event)
    while (this.#random() < 0.6) {
      const [slot] = this.#pool.state.slots.filter(() => this.#random() < 0.5)
      if (slot?.state !== "occupied" || slot.worker.phase !== "ready") continue
      const worker = { slot: slot.id, incarnation: slot.worker.incarnation }
      this.#take({ type: "worker-sent-heartbeat", worker, agoMs: 0, at: event.at })
    }
    return true
  }

  replay(): ReturnType<typeof replay> {
    return replay(this.#recorder.write(this.#pool.state))
  }

  #take(event: Event): void {
    const before = this.#pool.state
    this.#recorder.take(event, before)
    const commands = this.#pool.take(event)
    const { state } = this.#pool
    this.#recorder.stepped({ state, commands }, before)
    this.seen.push({ event, commands, state })
  }
}

/** Compares a replay with the end of what was seen. @returns the violations, and how many reports were not kept. */
function compare(
  seen: readonly Seen[],
  steps: readonly Seen[],
): { violation: string[]; notKept: number } {
  const violation: string[] = []
  let notKept = 0
  let index = seen.length - 1
  for (const step of steps.toReversed()) {
    while (index >= 0 && !isSame(seen[index], step)) {
      const { event, commands } = seen[index] as Seen
      const isRepeated = event.type === "worker-sent-heartbeat" || event.type === "worker-measured"
      if (!isRepeated || commands.length > 0) violation.push(`${index} is missing`)
      notKept += 1
      index -= 1
    }
    if (index < 0) violation.push(`${step.event.type} at ${step.event.at} was never seen`)
    index -= 1
  }
  return { violation, notKept }
}

/** Of a worker's heartbeats only the latest is kept, so the states at heartbeats may differ. */
function isSame(one: Seen | undefined, other: Seen): boolean {
  return (
    isDeepStrictEqual(one?.event, other.event) &&
    isDeepStrictEqual(one?.commands, other.commands) &&
    (other.event.type === "worker-sent-heartbeat" || isDeepStrictEqual(one?.state, other.state))
  )
}

describe("a recording of a random pool is replayed as it happened", () => {
  test.each([
    { seeds: 400, mostEvents: 10_000, stretchLength: 500 },
    { seeds: 400, mostEvents: 40, stretchLength: 10 },
    { seeds: 200, mostEvents: 7, stretchLength: 3 },
    { seeds: 100, mostEvents: 1, stretchLength: 1 },
  ])("with $mostEvents events kept, and a state every $stretchLength", ({ seeds, ...limits }) => {
    let [cut, replayed, heartbeats, kills] = [0, 0, 0, 0]
    for (let seed = 1; seed <= seeds; seed += 1) {
      const pool = new HeartbeatingPool(seed, limits)
      for (let count = 1; count <= 250; count += 1) {
        const isOver = !pool.live()
        if (count % 50 > 0 && !isOver) continue
        const { plan: recorded, steps, leftOut } = pool.replay()
        const { violation, notKept: dropped } = compare(pool.seen, steps)
        expect(violation, `seed ${seed}, event ${count}`).toEqual([])
        expect(isDeepStrictEqual(recorded, pool.plan)).toBe(true)
        expect(steps.length).toBeLessThanOrEqual(limits.mostEvents)
        if (leftOut > 0) expect(steps).toHaveLength(limits.mostEvents)
        else expect(steps.length + dropped).toBe(pool.seen.length)
        cut += leftOut
        heartbeats += dropped
        replayed += steps.length
        kills += steps.filter(({ commands }) => commands.some(isForMissedHeartbeat)).length
        if (isOver) break
      }
    }
    expect(replayed).toBeGreaterThanOrEqual(seeds)
    expect(cut > 0).toBe(limits.mostEvents < 250)
    if (limits.mostEvents > 10) expect(heartbeats).toBeGreaterThan(100)
    if (limits.mostEvents > 10) expect(kills).toBeGreaterThan(10)
  })
})

function isForMissedHeartbeat({ reason }: Command): boolean {
  return reason.rule === "heartbeat-timeout"
}

test("a heartbeat is kept if it made the pool finish after the time for exits was over", () => {
  const plan = planOf({ workers: 1, timeout: 100 })
  const given: readonly Event[] = [
    { type: "started", at: 0 },
    { type: "worker-said-hello", worker, at: 10 },
    { type: "worker-became-ready", worker, at: 20 },
    { type: "stop-requested", signal: "SIGTERM", at: 30 },
    { type: "deadline-reached", at: 130 },
    { type: "worker-sent-heartbeat", worker, agoMs: 0, at: 6_000 },
    { type: "worker-sent-heartbeat", worker, agoMs: 0, at: 7_000 },
  ]
  const { steps } = replay(record(plan, given))
  expect(steps.map(({ event }) => event)).toEqual(given)
  expect(steps.at(-2)?.commands).toMatchObject([{ type: "finish", code: 1 }])
})

test("the repeated reports of an idle pool do not push out earlier events", () => {
  const pool = new PoolInSteps({ workers: 3, heartbeatTimeout: 300, recycle: { maxMemory: 9_000 } })
  const recorder = new Recorder(pool.plan, clockOf({ at: 0 }))
  const tell = (fact: Fact): void => {
    const before = pool.state
    recorder.take({ ...fact, at: pool.now }, before)
    const commands = pool.tell(fact)
    recorder.stepped({ state: pool.state, commands }, before)
  }
  tell({ type: "started" })
  const workers = [1, 2, 3].map((id) => pool.worker(id))
  for (const worker of workers) tell({ type: "worker-said-hello", worker })
  for (const worker of workers) tell({ type: "worker-became-ready", worker })
  for (let count = 0; count < 20_000; count += 1) {
    pool.now += 100
    for (const worker of workers) {
      tell({ type: "worker-sent-heartbeat", worker, agoMs: 0 })
      tell({ type: "worker-measured", worker, memoryBytes: 1_000 + count / 10 })
    }
  }
  const { steps, leftOut } = replay(recorder.write(pool.state))
  expect(leftOut).toBe(0)
  // The first measurement of each worker shows that it is below the limit.
  const fitted = workers.map((worker) => ({ type: "worker-measured", worker, memoryBytes: 1_000 }))
  const answered = workers.map((worker) => ({
    type: "worker-sent-heartbeat",
    agoMs: 0,
    worker,
    at: pool.now,
  }))
  const said = steps.slice(7).map(({ event }) => event)
  expect(said.filter(({ at }) => at > 100)).toEqual(answered)
  expect(said.filter(({ type }) => type === "worker-measured")).toMatchObject(fitted)
  expect(steps.at(-1)?.state).toEqual(pool.state)
})
