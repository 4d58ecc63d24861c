/** The real clock: when it calls back, and that this can be cancelled. */
import { afterEach, describe, expect, test, vi } from "vitest"
import { nodeClock } from "../../../src/platform/node/clock.ts"

const longestMs = 2 ** 31 - 1

afterEach(() => {
  vi.restoreAllMocks()
})

describe("wakeAt()", () => {
  test.for([0, -1, -Infinity])("calls back in a later turn for now %i", async (fromNow) => {
    let isLater = false
    const waited = new Promise<boolean>((resolve) => {
      nodeClock.wakeAt(nodeClock.now() + fromNow, () => resolve(isLater))
    })
    isLater = true
    expect(await waited).toBe(true)
  })

  test("calls back at most the timer's fraction too early", async () => {
    const at = nodeClock.now() + 20
    await new Promise<void>((resolve) => nodeClock.wakeAt(at, resolve))
    expect(nodeClock.now()).toBeGreaterThanOrEqual(at - 1)
  })

  test.for([
    [longestMs - 1, longestMs],
    [longestMs + 1, longestMs],
    [2 ** 40, longestMs],
    [Infinity, longestMs],
  ] as const)("waits at most as long as a timer can for a moment %d ms ahead", ([ahead, wait]) => {
    const timer = vi.spyOn(globalThis, "setTimeout")
    nodeClock.wakeAt(nodeClock.now() + ahead, () => undefined)()
    expect(timer.mock.calls[0]?.[1]).toBeLessThanOrEqual(wait)
    expect(timer.mock.calls[0]?.[1]).toBeGreaterThan(longestMs - 1_000)
  })

  test.for([0, 5])(
    "never calls back for a moment %i ms ahead if it is cancelled",
    async (ahead) => {
      let calls = 0
      nodeClock.wakeAt(nodeClock.now() + ahead, () => (calls += 1))()
      // What is armed later for a later moment comes later.
      const { promise, resolve } = deferred()
      nodeClock.wakeAt(nodeClock.now() + ahead + 10, resolve)
      await promise
      expect(calls).toBe(0)
    },
  )
})

test("now() never goes back, and epochNow() is the wall clock", () => {
  const times = Array.from({ length: 100 }, () => nodeClock.now())
  expect(times).toEqual([...times].sort((one, other) => one - other))
  const before = Date.now()
  expect(nodeClock.epochNow()).toBeGreaterThanOrEqual(before)
})

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((settle) => (resolve = settle))
  return { promise, resolve }
}
