/** What the handle of a pool refuses. What it promises is in test/transcripts/handle.ts. */
import { describe, expect, test } from "vitest"
import { inertSupervisor } from "../../src/pool/inert.ts"
import { kamisama, type Notice, type Supervisor } from "../../src/index.ts"
import { fakePlatform, type FakePlatform } from "../../src/fake.ts"
import { deferred } from "../../src/pool/pending-calls.ts"

function start(): Supervisor {
  return kamisama({ workers: 1, run: () => undefined, platform: fakePlatform({ workers: {} }) })
}

describe("pool.on()", () => {
  test.each([
    ["exits", () => undefined, `unknown event "exits". Did you mean "exit"?`],
    [
      "crash",
      () => undefined,
      `unknown event "crash". Events: start, fork, spare, ready, signal, exit, `,
    ],
    ["exit", undefined, `"listener" must be a function, got undefined`],
  ])("refuses %s with %s", (type, listener, message) => {
    const listen = (): unknown => start().on(type as "exit", listener as () => void)
    expect(listen).toThrow(TypeError)
    expect(listen).toThrow(`pool.on: ${message}`)
  })
})

describe("pool.scale()", () => {
  test.each([
    [0, RangeError, "0"],
    [1.5, RangeError, "1.5"],
    ["3", TypeError, `"3". Convert it with Number().`],
    [undefined, TypeError, "undefined"],
  ])("refuses %j", async (target, Kind, shown) => {
    await expect(start().scale(target as number)).rejects.toThrow(
      new Kind(`pool.scale: "target" must be a positive integer, got ${shown}`),
    )
  })
})

test("pool.stop() refuses a signal that is no string", async () => {
  await expect(start().stop(15 as never)).rejects.toThrow(
    new TypeError(`pool.stop: "signal" must be a string, got 15`),
  )
})

test("stdin is refused with more than one worker", () => {
  const options = { run: () => undefined, platform: fakePlatform({ workers: {} }) }
  expect(() => kamisama({ ...options, workers: 2, stdin: true })).toThrow(
    new RangeError(
      `kamisama: "stdin" must be false with 2 workers, because they cannot share it, got true. Set workers: 1.`,
    ),
  )
})

describe("the primary exits", () => {
  /** A pool that has been asked to stop, whose log function returns this for its last notice. */
  async function stopping(last: () => Promise<unknown>): Promise<FakePlatform> {
    const os = fakePlatform({ workers: {} })
    const log = ({ type }: Notice): unknown => (type === "done" ? last() : undefined)
    kamisama({ workers: 1, run: () => undefined, log, timeout: 1_000, platform: os })
    await os.advance(1_000)
    os.signal("SIGTERM")
    await os.advance(500)
    expect(os.workers).toEqual([])
    return os
  }

  test("once what the log function has returned is settled", async () => {
    const last = deferred<void>()
    const os = await stopping(() => last.promise)
    expect(os.exitCode).toBeUndefined()
    last.resolve()
    await os.advance(0)
    expect(os.exitCode).toBe(0)
    expect(os.pendingTimers).toBe(0)
  })

  test("once it has rejected, which is printed", async () => {
    const os = await stopping(() => Promise.reject(new Error("no disk")))
    expect(os.exitCode).toBe(0)
    expect(os.errors.join()).toContain('a listener to "done" failed: Error: no disk')
  })

  test("after timeout if it never settles", async () => {
    const os = await stopping(() => new Promise(() => undefined))
    await os.advance(400)
    expect(os.exitCode).toBeUndefined()
    await os.advance(200)
    expect(os.exitCode).toBe(0)
  })
})

describe("the handle in a worker", () => {
  function handleOf(worker: number | undefined): {
    readonly pool: Supervisor
    readonly printed: string[]
  } {
    const printed: string[] = []
    const { process } = fakePlatform()
    const pool = inertSupervisor({
      printError: (line) => void printed.push(line),
      process: { ...process, worker },
    })
    return { pool, printed }
  }

  test("rejects each call that only the primary can serve, and prints the first one", async () => {
    const { pool, printed } = handleOf(1)
    for (const call of [() => pool.scale(3), () => pool.reload(), () => pool.stop()]) {
      await expect(call()).rejects.toThrow(
        /^pool\.\w+: works only in the primary, this is a worker\./,
      )
    }
    expect(printed).toEqual([
      "[kamisama] warn: worker 1 called pool.scale(3); only the primary can. Guard with if (pool.isPrimary).",
    ])
  })

  test("says that the process is no worker of the pool if it is none", async () => {
    const { pool, printed } = handleOf(undefined)
    await expect(pool.reload()).rejects.toThrow(
      "pool.reload: works only in the primary, this is a thread or a process that other code forked. Guard",
    )
    expect(printed).toEqual([
      "[kamisama] warn: pool.reload() was called in a thread or a process that other code forked; only the primary can. Guard with if (pool.isPrimary).",
    ])
  })
})
