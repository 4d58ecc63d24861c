/** A pool on Windows, as far as the simulation can show it. */
import { describe, expect, test } from "vitest"
import { type KamisamaOptions, kamisama } from "../../../src/index.ts"
import { fakePlatform, type FakePlatform, type FakePlatformOptions } from "../../../src/fake.ts"
import type { Supervisor } from "../../../src/pool/handle.ts"

async function running(
  given: FakePlatformOptions = {},
  options: Partial<KamisamaOptions> = {},
): Promise<{ os: FakePlatform; pool: Supervisor; shutdowns: string[] }> {
  const os = fakePlatform({ system: "windows", ...given })
  const shutdowns: string[] = []
  const pool = kamisama({
    workers: 2,
    run: () => undefined,
    shutdown: (id, signal, { reason }) => void shutdowns.push(`${id} ${signal} ${reason}`),
    ...options,
    platform: os,
  })
  await os.advance(200)
  return { os, pool, shutdowns }
}

test.each(["SIGINT", "SIGBREAK", "SIGHUP"])(
  "%s of the console stops the pool with one shutdown per worker, even if it reaches the workers too",
  async (signal) => {
    const { os, shutdowns } = await running()
    os.signalGroup(signal, "workers")
    await os.advance(1_000)
    expect(os.exitCode).toBe(0)
    expect(shutdowns.map((line) => line.slice(0, 1)).toSorted()).toEqual(["1", "2"])
  },
)

test("stop() asks the workers by message", async () => {
  const { os, pool, shutdowns } = await running()
  void pool.stop()
  await os.advance(1_000)
  expect(os.exitCode).toBe(0)
  expect(shutdowns).toEqual(["1 SIGTERM stop", "2 SIGTERM stop"])
})

test("a worker that does not end is killed by its primary", async () => {
  const { os, pool } = await running({ workers: { stop: "ignore" } }, { timeout: 3_000 })
  void pool.stop()
  await os.advance(2_900)
  expect(os.workers).toHaveLength(2)
  await os.advance(200)
  expect(os.workers).toEqual([])
  expect(os.exitCode).toBe(1)
})

test.each(["SIGTTIN", "SIGTTOU", "SIGUSR2"])("%s has no effect", async (signal) => {
  const { os, pool } = await running()
  os.signalGroup(signal)
  await os.advance(1_000)
  expect({ state: pool.state, ids: os.workers.map(({ id }) => id) }).toEqual({
    state: "running",
    ids: [1, 2],
  })
})

test("scale() works", async () => {
  const { os, pool } = await running()
  void pool.scale(3)
  await os.advance(1_000)
  expect(os.workers).toHaveLength(3)
  void pool.scale(1)
  await os.advance(1_000)
  expect(os.workers).toHaveLength(1)
})

describe.each(["SIGTERM", "SIGKILL"])("%s on Windows", (signal) => {
  test("ends the primary and its workers at once, without a shutdown", async () => {
    const { os, shutdowns } = await running()
    os.signal(signal)
    expect(os.workers).toEqual([])
    await os.advance(1_000)
    expect(os.exitCode).toBeUndefined()
    expect(shutdowns).toEqual([])
  })

  test("ends a worker at once, which is replaced", async () => {
    const { os, shutdowns } = await running()
    os.signalWorker(1, signal)
    await os.advance(1_000)
    expect(shutdowns).toEqual([])
    expect(os.workers.map(({ id, incarnation }) => `${id} ${incarnation}`)).toEqual(["2 2", "1 3"])
    expect(os.errors.join("\n")).toMatch(/worker 1 \(pid 1001\) exited with code 1/)
  })
})

test("a worker that hangs ends with its primary", async () => {
  const { os } = await running({ workers: { stop: "ignore" } }, { timeout: 3_000 })
  os.signal("SIGKILL")
  expect(os.workers).toEqual([])
})

test("kamisama() refuses waitForWorkers: false on Windows", () => {
  const platform = fakePlatform({ system: "windows" })
  expect(() => kamisama({ run: () => undefined, waitForWorkers: false, platform })).toThrow(
    `"waitForWorkers" must be true on Windows, got false. There, leftover workers do not get their time to end.`,
  )
})

test("fakePlatform() refuses any other system", () => {
  const system = "plan9" as "windows"
  expect(() => fakePlatform({ system })).toThrow(
    new RangeError(`fakePlatform: "system" must be "posix" or "windows", got "plan9"`),
  )
})
