/** The output of a pool whose reader is slow, or has stopped. */
import { describe } from "vitest"
import { freePort } from "./harness/ports.ts"
import { defaultRuntime, expect, fixture, type Program, test } from "./harness/program.ts"

function written(program: Program): number {
  return program.lines.filter((line) => line.startsWith("line")).length
}

describe("a slow reader", () => {
  test.for([
    ["shutdown of a worker", "shutdown", 0],
    ["run of a worker that fails", "run", 1],
    ["the primary at its end", "primary", 0],
  ] as const)("gets every line of %s", async ([, who, code], { start }) => {
    const program = start(fixture("output.ts"), { args: [who] })
    program.readSlowly()
    if (who !== "run") {
      await program.untilPrinted("ready")
      program.signal("SIGTERM")
    }
    expect(await program.untilExit()).toEqual({ code, signal: null })
    expect(written(program)).toBe(20_000)
  })
})

describe("a reader that has stopped", () => {
  // On Deno, a process that writes to a full pipe is blocked.
  test.skipIf(defaultRuntime === "deno")(
    "holds a worker up until shortly before it would be killed",
    async ({ start }) => {
      const args = ["shutdown", "0", JSON.stringify({ timeout: 1_500 })]
      const program = start(fixture("output.ts"), { args })
      await program.untilPrinted("ready")
      program.child.stdout?.pause()
      program.signal("SIGTERM")
      expect(await program.until("its exit", () => program.exit)).toEqual({ code: 0, signal: null })
      expect(program.commands("kill-worker")).toBe(0)
      program.child.stdout?.resume()
    },
  )

  test.skipIf(defaultRuntime === "deno")(
    "does not hold back the primary for longer than it has",
    async ({ start }) => {
      const args = ["primary", "0", JSON.stringify({ timeout: 500 })]
      const program = start(fixture("output.ts"), { args })
      await program.untilPrinted("ready")
      program.child.stdout?.pause()
      program.signal("SIGTERM")
      expect(await program.until("its exit", () => program.exit)).toEqual({ code: 0, signal: null })
      program.child.stdout?.resume()
    },
  )

  test("stops neither supervision nor service, and lines that were dropped are counted", async ({
    start,
  }) => {
    const port = await freePort()
    const failures = 9
    const program = start(fixture("unread-log.ts"), { args: [String(port), String(failures)] })
    program.child.stderr?.pause()
    await program.untilPrinted("serves", 2)
    expect(program.commands("fork-worker")).toBe(2 + failures)
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("answer")
    program.child.stderr?.resume()
    await program.until("the count", () => /\d lines? w\w+ dropped/.test(program.stderr))
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(program.stderr.match(/run failed: Error: error \d/g)?.length).toBeLessThan(failures)
    expect(program.stderr).toMatch(
      /^\[kamisama\] warn: \d+ lines? w.+ dropped, because stderr was not read$/m,
    )
    expect(program.stderr).toMatch(/^\[kamisama\] info: stopped, exit code 0$/m)
  })
})

test("a worker whose stdout.write is another function exits at once", async ({ start }) => {
  const args = ["patched", "0", JSON.stringify({ timeout: 20_000 })]
  const program = start(fixture("output.ts"), { args })
  await program.untilPrinted("ready")
  program.signal("SIGTERM")
  expect(await program.untilExit(10_000)).toEqual({ code: 0, signal: null })
})

describe("messages of shutdown", () => {
  test.for([
    ["are small", 300_000],
    ["are large", 20_000_000],
  ] as const)("arrive if the primary is busy and they %s", async ([, size], { start }) => {
    // The time is generous: a busy machine takes long for so many bytes.
    const args = ["messages", String(size), JSON.stringify({ timeout: 60_000 })]
    const program = start(fixture("output.ts"), { args })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect(await program.untilExit(60_000)).toEqual({ code: 0, signal: null })
    expect(program.lines.filter((line) => line.startsWith("part"))).toEqual(
      [1, 2, 3, 4].map((part) => `part ${part} ${size}`),
    )
  })
})
