/** What the handle of a pool refuses. What it promises stands in test/transcripts/handle.ts. */
import { describe, expect, test } from "vitest"
import { kamisama, type Supervisor } from "../../src/index.ts"
import { fakePlatform } from "../../src/fake.ts"

function start(): Supervisor {
  return kamisama({ workers: 1, run: () => undefined, platform: fakePlatform({ workers: {} }) })
}

describe("on() refuses", () => {
  test.each([
    ["exits", () => undefined, `"exits" is not the type of a notice; did you mean "exit"?`],
    ["exit", undefined, `"listener" must be a function: current value is undefined`],
  ])("%s with %s", (type, listener, message) => {
    expect(() => start().on(type as "exit", listener as () => void)).toThrow(
      new TypeError(`Cannot listen as ${message}`),
    )
  })
})

describe("scale() refuses", () => {
  test.each([
    [0, RangeError, "0"],
    [1.5, RangeError, "1.5"],
    ["3", TypeError, `"3"`],
    [undefined, TypeError, "undefined"],
  ])("%j", async (target, Kind, shown) => {
    await expect(start().scale(target as number)).rejects.toThrow(
      new Kind(`Cannot scale as the target must be a positive integer: current value is ${shown}`),
    )
  })
})
