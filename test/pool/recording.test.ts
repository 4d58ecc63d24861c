/** `pool.recording()`: a pool can be replayed. */
import { describe, expect, test } from "vitest"
import { coreVersion, describe as describeRecording, replay } from "../../src/core/index.ts"
import type { Event } from "../../src/core/event.ts"
import { planFrom } from "../../src/core/plan/plan.ts"
import { run } from "../../src/core/run.ts"
import { initialState } from "../../src/core/state.ts"
import { step } from "../../src/core/step.ts"
import type { Clock } from "../../src/platform/platform.ts"
import { Recorder } from "../../src/pool/recorder.ts"
import { inertSupervisor } from "../../src/pool/inert.ts"
import { kamisama, type Supervisor } from "../../src/index.ts"
import { type FakePlatform, fakePlatform } from "../../src/fake.ts"

/** A small pool to which many things happen. */
async function live(): Promise<{ readonly os: FakePlatform; readonly pool: Supervisor }> {
  const os = fakePlatform({
    workers: ({ id, nth }) =>
      nth === 2 && id === 1 ? { forkError: "EAGAIN" } : { stop: id === 2 ? "ignore" : {} },
  })
  const pool = kamisama({
    workers: 2,
    run: () => undefined,
    startTimeout: 5_000,
    respawnLimit: Infinity,
    signals: { SIGHUP: "reload" },
    platform: os,
    log: "silent",
  })
  await os.advance(1_000)
  os.crash(1, { code: 3 })
  await os.advance(1_000)
  os.signal("SIGTTIN")
  await os.advance(1_000)
  os.signal("SIGHUP")
  await os.advance(20_000)
  os.signalWorker(1, "SIGINT")
  void pool.scale(2)
  await os.advance(1_000)
  os.signal("SIGTERM")
  await os.advance(20_000)
  return { os, pool }
}

/** The replayed events and commands, in the form of a log. */
function logOf(recording: string): readonly unknown[] {
  return replay(recording).steps.flatMap(({ event, commands }) => [
    event,
    ...commands.map((command) => ({ at: event.at, command })),
  ])
}

function observedBy(os: FakePlatform): readonly unknown[] {
  return os.log.flatMap((entry): unknown[] => {
    if (entry.kind === "event") return [entry.event]
    return entry.kind === "command" ? [{ at: entry.at, command: entry.command }] : []
  })
}

describe("pool.recording()", () => {
  test("contains every event, even after the pool is done", async () => {
    const { os, pool } = await live()
    expect(pool.state).toBe("done")
    expect(logOf(pool.recording())).toEqual(observedBy(os))
  })

  test("contains the events so far, including the one that a listener is called for", async () => {
    const os = fakePlatform()
    const pool = kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
    expect(logOf(pool.recording())).toEqual([])
    const recordings: string[] = []
    pool.on("ready", () => recordings.push(pool.recording()))
    await os.advance(1_000)
    expect(recordings.map((recording) => logOf(recording).at(-1))).toEqual([
      { type: "worker-became-ready", worker: { slot: 1, incarnation: 1 }, at: 113 },
    ])
  })

  test("can be followed: what is told later leads to the same state, with fewer heartbeats", () => {
    const plan = planFrom({ workers: 2, heartbeatTimeout: 5_000 }, { cores: () => 2, seed: 0 })
    const recorder = new Recorder(plan, { now: () => 0, epochNow: () => 0 } as Clock)
    const told: Event[] = []
    let state = initialState(plan)
    let stop = (): void => undefined
    const take = (event: Event): void => {
      recorder.take(event, state)
      const next = step(plan, state, event)
      recorder.stepped(next, state)
      state = next.state
    }
    const [first, second] = [
      { slot: 1, incarnation: 1 },
      { slot: 2, incarnation: 2 },
    ]
    take({ type: "started", at: 0 })
    for (const worker of [first, second]) {
      take({ type: "worker-said-hello", worker, at: 1 })
      take({ type: "worker-became-ready", worker, at: 2 })
    }
    take({ type: "worker-sent-heartbeat", worker: first, agoMs: 0, at: 5 })
    const before = state
    stop = recorder.follow((event) => told.push(event))
    for (let at = 10; at < 1_000; at += 10) {
      take({ type: "worker-sent-heartbeat", worker: at % 20 === 0 ? first : second, agoMs: 0, at })
    }
    expect(told).toEqual([])
    take({ type: "scale-requested", target: 1, at: 1_000 })
    expect(told.map(({ type, at }) => [type, at])).toEqual([
      ["worker-sent-heartbeat", 980],
      ["worker-sent-heartbeat", 990],
      ["scale-requested", 1_000],
    ])
    expect([...run(plan, before, told)].at(-1)?.state).toEqual(state)
    stop()
    take({ type: "scale-requested", target: 2, at: 1_001 })
    expect(told).toHaveLength(3)
  })

  test("has the wall-clock time of its first event", async () => {
    const os = fakePlatform()
    await os.advance(Date.UTC(2026, 10, 23))
    const pool = kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
    await os.advance(90_000)
    expect(replay(pool.recording()).from).toBe("2026-11-23T00:00:00.000Z")
  })

  test("keeps the latest 10 000 events", async () => {
    const os = fakePlatform()
    const pool = kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
    await os.advance(1_000)
    const before = os.log.filter(({ kind }) => kind === "event").length
    let lines = 0
    for (let count = before + 1; count <= 12_000; count += 1) {
      void pool.scale((count % 2) + 1)
      const { steps, leftOut } =
        count % 250 === 1 ? replay(pool.recording()) : { steps: [], leftOut: 0 }
      if (steps.length === 0) continue
      expect([steps.length, leftOut]).toEqual([
        Math.min(count, 10_000),
        Math.max(0, count - 10_000),
      ])
      lines += steps.length
    }
    expect(lines).toBeGreaterThan(100_000)
    const log = logOf(pool.recording())
    expect(log).toEqual(observedBy(os).slice(-log.length))
  })

  test("throws in a worker", () => {
    const message =
      "pool.recording: works only in the primary, this is a worker. Guard the call with if (pool.isPrimary)."
    const os = fakePlatform()
    const process = { ...os.process, worker: 1 }
    expect(() => inertSupervisor({ ...os, process }).recording()).toThrow(message)
  })
})

/**
 * Recordings of an earlier core are refused, so that they are not replayed wrongly. If these files change, a recording or
 * its replay has changed: then increase `coreVersion`, unless it was never released.
 */
test("the recordings of this core version stay the same", async () => {
  const { pool } = await live()
  const file = `../core/recordings/core-${coreVersion}`
  const recording = pool.recording()
  await expect(recording).toMatchFileSnapshot(`${file}.jsonl`)
  await expect(describeRecording(recording)).toMatchFileSnapshot(`${file}.txt`)
})
