import { describe, expect, test } from "vitest"
import { kamisama } from "../../../src/index.ts"
import { fakePlatform, type ScriptedWorker } from "../../../src/fake.ts"

/** What fakePlatform() says of a script that no type would let through. */
function complaint(workers: unknown): unknown {
  try {
    fakePlatform({ workers: workers as never })
  } catch (error) {
    return error
  }
  return undefined
}

describe("fakePlatform() refuses a script", () => {
  test.each([
    [{ crash: {} }, `unknown script field "crash"`],
    [{ readdy: 5 }, `unknown script field "readdy". Did you mean "ready"?`],
    [{ stop: { aftr: 5 } }, `unknown script field "stop.aftr". Did you mean "stop.after"?`],
    [7, `"workers" must be a script, an array of scripts or a function, got 7`],
    [{ boot: true }, `"boot" must be false or a number of milliseconds, 0 or more, got true`],
    [{ dies: {} }, `"dies.after" must be a number of milliseconds, 0 or more, got undefined`],
    [{ forkError: 11 }, `"forkError" must be a text such as "EAGAIN", got 11`],
    [
      { stop: 5 },
      `"stop" must be "ignore" or an object such as { after: 50, code: 0 }, got 5. Did you mean { after: 5 }?`,
    ],
    [{ dies: "now" }, `"dies" must be an object such as { after: 50 }, got "now"`],
    [
      { dies: 50 },
      `"dies" must be an object such as { after: 50 }, got 50. Did you mean { after: 50 }?`,
    ],
    [
      { die: 50, hang: 5 },
      `unknown script fields "die", "hang". Here "die" is "dies", "hang" is "hangs".`,
    ],
  ])("with a wrong name or type: %j", (workers, text) => {
    expect(complaint(workers)).toBeInstanceOf(TypeError)
    expect(String(complaint(workers))).toContain(`fakePlatform: ${text}`)
  })

  test.each([
    [{ boot: -1 }, `"boot" must be false or a number of milliseconds, 0 or more`],
    [
      { stop: "ignored" },
      `"stop" must be "ignore" or an object such as { after: 50, code: 0 }, got "ignored". Did you mean "ignore"?`,
    ],
    [{ memory: { perSecond: -1 } }, `"memory.perSecond" must be a number of bytes, 0 or more`],
    [{ recycles: { after: -1 } }, `"recycles.after" must be a number of milliseconds, 0 or more`],
    [{ requestsPerSecond: -1 }, `"requestsPerSecond" must be a number, 0 or more, got -1`],
    [{ exitReportedAfter: Infinity }, `"exitReportedAfter" must be a number of milliseconds`],
    [{ dies: { after: 1, since: "birth" } }, `"dies.since" must be "fork", "run" or "ready"`],
    [{ dies: { after: 1, code: 256 } }, `"dies.code" must be an exit code from 0 to 255`],
    [{ dies: { after: 1, signal: "kill" } }, `"dies.signal" must be the name of a signal`],
    [{ dies: { after: 1, code: 1, signal: "SIGBUS" } }, `"dies.code" must be left out`],
    [{ stop: { code: 1.5 } }, `"stop.code" must be an exit code from 0 to 255`],
    [[], `"workers" must have at least one script, got an empty array`],
  ])("with a value out of range: %j", (workers, text) => {
    expect(complaint(workers)).toBeInstanceOf(RangeError)
    expect(String(complaint(workers))).toContain(`fakePlatform: ${text}`)
  })

  test("returned by a function, at the fork", async () => {
    const os = fakePlatform({ workers: () => ({ boot: -1 }) })
    kamisama({ run: () => undefined, platform: os })
    await expect(os.advance(1)).rejects.toThrow(`"boot" must be`)
  })
})

test.each([
  [{ core: 2 }, TypeError, `unknown option "core". Did you mean "cores"?`],
  [{ cores: 0 }, RangeError, `"cores" must be a positive integer, got 0`],
  [{ boot: NaN }, RangeError, `"boot" must be a number of milliseconds, 0 or more`],
  [{ seed: "x" }, TypeError, `"seed" must be an integer, got "x"`],
  [{ clock: "wall" }, RangeError, `"clock" must be "own", "global" or a clock`],
  [{ reusePids: 1 }, TypeError, `"reusePids" must be true or false, got 1`],
  [{ webConcurrency: 3 }, TypeError, `"webConcurrency" must be a text`],
])("fakePlatform() refuses the option %j", (options, Kind, text) => {
  const make = (): unknown => fakePlatform(options as never)
  expect(make).toThrow(Kind)
  expect(make).toThrow(`fakePlatform: ${text}`)
})

test("an undefined property of a script counts as missing", async () => {
  const os = fakePlatform({ workers: { boot: undefined, stop: undefined, dies: undefined } })
  kamisama({ workers: 1, run: () => undefined, platform: os })
  await os.advance(100)
  expect(os.worker(1)?.state).toBe("ready")
})

test("a list of scripts gives each fork its script, and the last one to all that follow", async () => {
  const os = fakePlatform({ workers: [{}, { boot: false }] })
  kamisama({ workers: 3, run: () => undefined, platform: os })
  await os.advance(100)
  expect(os.workers.map(({ state }) => state)).toEqual(["ready", "booting", "booting"])
})

test("a function for scripts gets the slot, the incarnation, and the number of the process in its slot", async () => {
  const asked: ScriptedWorker[] = []
  const os = fakePlatform({
    workers(worker) {
      asked.push(worker)
      return {}
    },
  })
  kamisama({ workers: 2, run: () => undefined, platform: os })
  await os.advance(100)
  os.crash(2)
  await os.advance(100)
  expect(asked).toEqual([
    { id: 1, incarnation: 1, nth: 1 },
    { id: 2, incarnation: 2, nth: 1 },
    { id: 2, incarnation: 3, nth: 2 },
  ])
})
