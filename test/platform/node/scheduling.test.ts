import { describe, expect, test } from "vitest"
import { schedulingFor } from "../../../src/platform/node/scheduling.ts"

const node = { name: "Node", onlyScheduling: undefined } as const
const deno = { name: "Deno", onlyScheduling: "os" } as const
const chosen = { NODE_CLUSTER_SCHED_POLICY: "none" }

describe("schedulingFor()", () => {
  test.for([
    // On Windows, Node would leave it to the system.
    [undefined, node, "win32", {}, "round-robin"],
    [undefined, node, "win32", chosen, undefined],
    [undefined, node, "linux", {}, undefined],
    [undefined, node, "darwin", {}, undefined],
    ["os", node, "win32", {}, "os"],
    ["round-robin", node, "linux", chosen, "round-robin"],
    [undefined, deno, "win32", {}, "os"],
    ["os", deno, "linux", {}, "os"],
  ] as const)("%s on %o, %s, %o is %s", ([wanted, runtime, system, environment, expected]) => {
    expect(schedulingFor(wanted, { runtime, system, environment })).toBe(expected)
  })

  test("refuses what the runtime cannot do", () => {
    const surroundings = { runtime: deno, system: "linux", environment: {} }
    expect(() => schedulingFor("round-robin", surroundings)).toThrow(
      `"scheduling" must be "os" on Deno, got "round-robin"`,
    )
  })
})
