/** Tools that trace a process see the notices of its pool. Their errors do not disturb it. */
import { describe } from "vitest"
import { defaultRuntime, expect, fixture, type Program, test } from "./harness/program.ts"

/** Brings a pool of two through a crash, a third worker and a stop. */
async function live(program: Program): Promise<void> {
  await program.untilPrinted("notice ready", 2)
  const [pid = 0] = program.workerPids()
  program.signal("SIGKILL", pid)
  await program.untilPrinted("notice ready", 3)
  program.signal("SIGTTIN")
  await program.untilPrinted("notice ready", 4)
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
}

function noticesOf(program: Program): string[] {
  return program.lines.filter((line) => line.startsWith("notice"))
}

const types =
  "fork fork ready ready start exit fork ready scale fork ready stop exit exit exit done".split(" ")
const all = types.map((type) => `notice ${type} true`)

test("every notice is published on the channel of its type, as the very object that listeners get", async ({
  start,
}) => {
  const program = start(fixture("traced.ts"))
  await live(program)
  expect(noticesOf(program)).toEqual(all)
  expect(program.stderr).toBe("")
})

describe("a subscriber that throws", () => {
  test("changes nothing if its error is handled", async ({ start }) => {
    const program = start(fixture("traced.ts"), { args: ["throws, handled"] })
    await live(program)
    expect(noticesOf(program)).toEqual(all)
    expect(program.lines.filter((line) => line.startsWith("uncaught"))).toEqual([
      "uncaught the tracer has a bug",
    ])
  })

  test("ends the primary if its error is not handled, and every worker shuts down once", async ({
    start,
  }) => {
    const program = start(fixture("traced.ts"), { args: ["throws"] })
    expect((await program.untilExit()).code).not.toBe(0)
    await program.untilGone()
    expect(program.stderr).toContain("the tracer has a bug")
    const named = (what: string): string[] =>
      program.lines
        .filter((line) => line.startsWith(what))
        .map((line) => line.slice(what.length))
        .toSorted()
    // Deno kills the children of a process that ends by an error.
    expect(named("shutdown")).toEqual(defaultRuntime === "deno" ? [] : named("run"))
    expect(named("run").length).toBeGreaterThan(0)
  })
})
