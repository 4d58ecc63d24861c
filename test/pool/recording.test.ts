/** That a pool can be gone through again: `pool.recording()`. */
import { describe, expect, test } from "vitest"
import { coreVersion, describe as describeRecording, replay } from "../../src/core/index.ts"
import { inertSupervisor } from "../../src/pool/inert.ts"
import { kamisama, type Supervisor } from "../../src/index.ts"
import { type FakePlatform, fakePlatform } from "../../src/fake.ts"

/** All that a small pool may go through. */
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

/** What `replay` makes of it, in the words of a log. */
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
  test("has all that has happened, also when the pool is done", async () => {
    const { os, pool } = await live()
    expect(pool.state).toBe("done")
    expect(logOf(pool.recording())).toEqual(observedBy(os))
  })

  test("has what has happened so far, and the event that a listener is told of", async () => {
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

  test("says when it was by the wall clock", async () => {
    const os = fakePlatform()
    await os.advance(Date.UTC(2026, 10, 23))
    const pool = kamisama({ workers: 1, run: () => undefined, platform: os, log: "silent" })
    await os.advance(90_000)
    expect(replay(pool.recording()).from).toBe("2026-11-23T00:00:00.000Z")
  })

  test("keeps the latest 10 000 events, whatever came before", async () => {
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
    const message = "Cannot take a recording as only the primary can: this is a worker"
    expect(() => inertSupervisor().recording()).toThrow(message)
  })
})

/**
 * Recordings of an earlier core are refused and not replayed wrongly. Where these files change, what is recorded or what
 * comes of it has changed: then `coreVersion` has to grow, unless no release has had it.
 */
test("the version of the core grows with what it does", async () => {
  const { pool } = await live()
  const file = `../core/recordings/core-${coreVersion}`
  const recording = pool.recording()
  await expect(recording).toMatchFileSnapshot(`${file}.jsonl`)
  await expect(describeRecording(recording)).toMatchFileSnapshot(`${file}.txt`)
})
