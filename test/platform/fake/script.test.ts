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
    [{ crash: {} }, `"crash" means nothing here`],
    [{ readdy: 5 }, `"readdy" means nothing here; did you mean "ready"?`],
    [{ stop: { aftr: 5 } }, `"stop.aftr" means nothing here; did you mean "stop.after"?`],
    [7, `"workers" must be a script, an array of them or a function: current value is 7`],
    [
      { boot: true },
      `"boot" must be a number of milliseconds, 0 or more or false: current value is true`,
    ],
    [{ dies: {} }, `"dies.after" must be given, in milliseconds: current value is undefined`],
    [{ forkError: 11 }, `"forkError" must be a text such as "EAGAIN": current value is 11`],
    [{ stop: "ignored" }, `"stop" must be "ignore" or an object with after and code`],
    [{ dies: "now" }, `"dies" must be an object with after, since, code, signal`],
  ])("with a wrong name or type: %j", (workers, text) => {
    expect(complaint(workers)).toBeInstanceOf(TypeError)
    expect(String(complaint(workers))).toContain(`Cannot simulate as ${text}`)
  })

  test.each([
    [{ boot: -1 }, `"boot" must be a number of milliseconds, 0 or more or false`],
    [{ exitReportedAfter: Infinity }, `"exitReportedAfter" must be a number of milliseconds`],
    [{ dies: { after: 1, since: "birth" } }, `"dies.since" must be "fork", "run" or "ready"`],
    [{ dies: { after: 1, code: 256 } }, `"dies.code" must be an exit code from 0 to 255`],
    [{ dies: { after: 1, signal: "kill" } }, `"dies.signal" must be the name of a signal`],
    [{ dies: { after: 1, code: 1, signal: "SIGBUS" } }, `"dies.code" must be left out`],
    [{ stop: { code: 1.5 } }, `"stop.code" must be an exit code from 0 to 255`],
    [[], `"workers" must have at least one script: current value is an empty array`],
  ])("with a value out of range: %j", (workers, text) => {
    expect(complaint(workers)).toBeInstanceOf(RangeError)
    expect(String(complaint(workers))).toContain(`Cannot simulate as ${text}`)
  })

  test("returned by a function, at the fork", async () => {
    const os = fakePlatform({ workers: () => ({ boot: -1 }) })
    kamisama({ run: () => undefined, platform: os })
    await expect(os.advance(1)).rejects.toThrow(`"boot" must be`)
  })
})

test.each([
  [{ core: 2 }, TypeError, `"core" means nothing here; did you mean "cores"?`],
  [{ cores: 0 }, RangeError, `"cores" must be a positive integer: current value is 0`],
  [{ boot: NaN }, RangeError, `"boot" must be a number of milliseconds, 0 or more`],
  [{ seed: "x" }, TypeError, `"seed" must be an integer: current value is "x"`],
  [{ clock: "wall" }, TypeError, `"clock" must be "own", "global" or a clock`],
  [{ reusePids: 1 }, TypeError, `"reusePids" must be a boolean: current value is 1`],
  [{ webConcurrency: 3 }, TypeError, `"webConcurrency" must be a text`],
])("fakePlatform() refuses the option %j", (options, Kind, text) => {
  const make = (): unknown => fakePlatform(options as never)
  expect(make).toThrow(Kind)
  expect(make).toThrow(`Cannot simulate as ${text}`)
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
