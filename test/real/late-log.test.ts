/** A log function that is not done when it returns. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, fixture, test } from "./harness/program.ts"

test.for(["promise", "stream"])(
  "the last notice reaches a log function that writes later: %s",
  async (how, { start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-log-"))
    const file = join(folder, "log")
    const program = start(fixture("late-log.ts"), { args: [how, file] })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    const types = readFileSync(file, "utf8").split("\n")
    rmSync(folder, { recursive: true })
    expect(types).toContain("start")
    expect(types).toContain("done")
  },
)

test("a log function that never settles holds the primary up for no longer than timeout", async ({
  start,
}) => {
  const args = ["never", "", JSON.stringify({ timeout: 500 })]
  const program = start(fixture("late-log.ts"), { args })
  await program.untilPrinted("ready")
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
})

test("a log function that rejects is reported before the primary exits", async ({ start }) => {
  const program = start(fixture("late-log.ts"), { args: ["rejects"] })
  await program.untilPrinted("ready")
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  expect(program.stderr).toContain('a listener to "done" failed: Error: no disk')
})
