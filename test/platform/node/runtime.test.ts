import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { isOlder, whyRuntimeUnsupported, runtime } from "../../../src/platform/node/runtime.ts"

describe("isOlder()", () => {
  test.for([
    ["20.18.9", "20.19.0", true],
    ["20.19.0", "20.19.0", false],
    ["20.19.1", "20.19.0", false],
    ["22.0.0", "20.19.0", false],
    ["18.20.8", "20.19.0", true],
    ["2.10.0", "2.9.0", false],
    ["1.4.0-canary.7", "1.4.0", false],
    ["1.3", "1.4.0", true],
  ] as const)("says for %s and %s: %s", ([version, than, expected]) => {
    expect(isOlder(version, than)).toBe(expected)
  })
})

test("whyRuntimeUnsupported() finds nothing wrong with the Node that runs the tests", () => {
  expect(runtime).toMatchObject({ name: "Node", version: process.versions.node })
  expect(whyRuntimeUnsupported()).toBeUndefined()
})

describe("whyRuntimeUnsupported()", () => {
  const script = fileURLToPath(new URL("../../real/fixtures/old-runtime.ts", import.meta.url))

  test.for([
    ["20.18.9", "20.19.0"],
    ["21.7.3", "22.12.0"],
    ["22.11.0", "22.12.0"],
  ] as const)("refuses Node %s and asks for %s", ([version, oldest]) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [script, "node", version], {
      encoding: "utf8",
    })
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: `[kamisama] error: Node must be ${oldest} or newer, got ${version}\n`,
    })
  })
})
