import { getHeapStatistics } from "node:v8"
import { afterEach, describe, expect, test, vi } from "vitest"
import { graceVariable, limits } from "../../../src/platform/node/limits.ts"

const mebibyte = 2 ** 20

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

/** Plays a container with this limit. */
function limitTo(mebibytes: number): void {
  vi.spyOn(process, "constrainedMemory").mockReturnValue(mebibytes * mebibyte)
}

describe("limits().memory", () => {
  test("is that of the container", () => {
    limitTo(512)
    expect(limits().memory).toBe(512 * mebibyte)
  })

  test.each([0, 2 ** 44])(
    "is unknown if the system says %i MiB, which is no limit",
    (mebibytes) => {
      limitTo(mebibytes)
      expect(limits()).toMatchObject({ memory: undefined, heap: undefined })
    },
  )
})

describe("limits().grace", () => {
  test.each([
    ["30", 30_000],
    [" 30 ", 30_000],
    ["0", 0],
    ["0.5", 500],
    ["5s", 5_000],
    ["5 s", 5_000],
    ["1500ms", 1_500],
    ["2min", 120_000],
    ["1h", 3_600_000],
    ["Infinity", Infinity],
    ["infinity", Infinity],
  ])("is %j as seconds, or in its own unit", (text, ms) => {
    vi.stubEnv(graceVariable, text)
    expect(limits()).toMatchObject({ grace: ms })
    expect(limits()).not.toHaveProperty("unreadableGrace")
  })

  test.each(["soon", "-5", "5 parsecs", "1e3", "0x10", "5,5", "NaN", "-Infinity", "30s 5"])(
    "is not read from %j",
    (text) => {
      vi.stubEnv(graceVariable, text)
      expect(limits()).toMatchObject({ unreadableGrace: text })
      expect(limits()).not.toHaveProperty("grace")
    },
  )

  test.each([undefined, "", " ", "\t"])("is unknown if the variable is %j", (text) => {
    vi.stubEnv(graceVariable, text)
    expect(limits()).not.toHaveProperty("grace")
    expect(limits()).not.toHaveProperty("unreadableGrace")
  })
})

describe("limits().heap", () => {
  test("is that of this process if workers have its flags", () => {
    limitTo(512)
    expect(limits().heap).toBe(getHeapStatistics().heap_size_limit)
    expect(limits(["--enable-source-maps"]).heap).toBe(getHeapStatistics().heap_size_limit)
  })

  test.each([
    [["--max-old-space-size=148", "--max-semi-space-size=16"], 196],
    [["--max_old_space_size=100", "--max_semi_space_size=8"], 124],
    [["--enable-source-maps", "--max-heap-size=300"], 300],
  ])("is that of a process with the flags of the workers: %s", (flags, mebibytes) => {
    limitTo(512)
    expect(limits(flags).heap).toBe(mebibytes * mebibyte)
  })

  test("follows NODE_OPTIONS, and loads nothing of it", () => {
    limitTo(512)
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=100 --import=file:///does-not-exist.mjs")
    expect(limits(["--max-semi-space-size=8"]).heap).toBe(124 * mebibyte)
  })

  test("is unknown if the runtime refuses a flag", () => {
    limitTo(512)
    expect(limits(["--max-heap-size-of-nothing=3"]).heap).toBeUndefined()
  })
})
