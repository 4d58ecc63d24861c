/** A running pool, as its page knows it from what it is told. */
import { describe, expect, test } from "vitest"
import kamisama from "../../src/index.ts"
import { fakePlatform } from "../../src/fake.ts"
import type { About, OperatorStatus } from "../../src/operator/status.ts"
import { LivePool } from "../../web/live/live-pool.ts"
import { sparkPath } from "../../web/live/sparkline.ts"

const about: About = {
  kamisama: "1.0.0",
  api: 1,
  name: "shop",
  pid: 7,
  runtime: "node",
  startedAt: 0,
}

async function recorded(signals: number): Promise<readonly string[]> {
  const os = fakePlatform()
  const pool = kamisama({ workers: 2, run: () => undefined, platform: os, log: "silent" })
  await os.advance(1_000)
  for (let count = 0; count < signals; count += 1)
    os.signal(count % 2 === 0 ? "SIGTTIN" : "SIGTTOU")
  await os.advance(20_000)
  return pool.recording().trimEnd().split("\n")
}

describe("a running pool", () => {
  test("is the same whether its events were recorded or told later", async () => {
    const lines = await recorded(6)
    const events = lines.length - 3
    const [header = "", ...others] = lines
    const started = header.replace(`"events":${events}`, '"events":2')
    const [whole, grown] = [new LivePool(about), new LivePool(about)]
    for (const line of lines) whole.take({ type: "recording", line }, 0)
    for (const line of [started, ...others]) grown.take({ type: "recording", line }, 0)
    expect(whole.past?.chart.events).toHaveLength(events)
    expect(grown.past).toEqual(whole.past)
    expect(grown.recording.trimEnd().split("\n")).toEqual(lines)
    expect(grown.epochOfZero).toBe(whole.epochOfZero)
  })

  test("that has just begun has no past until its recording is there", async () => {
    const [header = "", plan = "", state = "", event = ""] = await recorded(0)
    const pool = new LivePool(about)
    const empty = header.replace(/"events":\d+/, '"events":0')
    for (const line of [empty, plan]) pool.take({ type: "recording", line }, 5_000)
    expect(pool.past).toBeUndefined()
    pool.take({ type: "recording", line: state }, 5_000)
    expect(pool.past?.steps).toEqual([])
    const { at } = JSON.parse(event) as { readonly at: number }
    pool.take({ type: "recording", line: event }, 6_000)
    expect(pool.past?.steps).toHaveLength(1)
    expect(pool.epochOfZero).toBe(6_000 - at)
  })

  test("forgets its first events at last, and what is left is as it was", async () => {
    const lines = await recorded(30_000)
    const pool = new LivePool(about)
    let forgotten = 0
    const [header = "", ...others] = lines
    const counts = { told: 0 }
    for (const line of [header, ...others]) {
      forgotten += pool.take({ type: "recording", line }, 0)
      counts.told += 1
    }
    // A recording has at most 10 000 events. As many again are told later.
    const latest = pool.past?.steps.at(-1)?.event.at ?? 0
    for (let count = 0; count < 10_000; count += 1) {
      const event = { type: "scale-requested", target: 2 + (count % 2), at: latest + count }
      forgotten += pool.take({ type: "recording", line: JSON.stringify(event) }, 0)
    }
    expect(forgotten).toBe(10_000)
    expect(pool.past?.steps).toHaveLength(10_000)
    expect(pool.past?.chart.events).toHaveLength(10_000)
    expect(pool.past?.chart.events.at(-1)?.at).toBe(latest + 9_999)
  })

  test("that speaks another language is refused", () => {
    const pool = new LivePool(about)
    const header = '{"format":"kamisama-recording","version":99,"core":3,"leftOut":0,"events":0}'
    for (const line of [header, "{}"]) pool.take({ type: "recording", line }, 0)
    expect(() => pool.take({ type: "recording", line: "{}" }, 0)).toThrow("another version")
  })

  test("has figures of the workers that there are, with gaps, and its last word", () => {
    const pool = new LivePool(about)
    const worker = (id: number, loopUse: number | null): object => ({
      id,
      pid: 100 + id,
      memoryBytes: 5,
      load: loopUse === null ? null : { loopUse, requestsPerSecond: 1 },
    })
    const told = (...workers: object[]): number =>
      pool.take({ type: "status", status: { workers } as unknown as OperatorStatus }, 0)
    told(worker(1, 0.5), worker(2, 0.1))
    told(worker(1, null))
    expect([...pool.figures.keys()]).toEqual([101])
    expect(pool.figures.get(101)).toEqual({
      loopUse: [0.5, null],
      requests: [1, null],
      memory: [5, 5],
    })
    pool.take({ type: "silent" }, 0)
    expect(pool.isSilent).toBe(true)
    told(worker(1, 0.5))
    expect(pool.isSilent).toBe(false)
    expect(pool.lastWord).toBeUndefined()
    const notice = { type: "done", text: "stopped, exit code 0" } as never
    pool.take({ type: "notice", notice }, 0)
    expect(pool.lastWord).toBe("stopped, exit code 0")
  })
})

test.each([
  [[], ""],
  [[0, 10], "M90 19L100 1"],
  [[0, null, 20], "M80 19M100 1"],
  [[5, 5, 5, 5], "M70 10L80 10L90 10L100 10"],
] as const)("the small line of %j is %j", (values, path) => {
  expect(sparkPath(values, 10, 11, [100, 20])).toBe(path)
})
