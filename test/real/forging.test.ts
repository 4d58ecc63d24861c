/** Text of workers in the log. */
import { expect, fixture, test } from "./harness/program.ts"

test("an error of a worker cannot forge a line of the log, nor control the terminal", async ({
  start,
}) => {
  const program = start(fixture("forging.ts"))
  expect((await program.untilExit()).code).toBe(1)
  const { stderr } = program
  expect(stderr).toContain(
    "no database\n  \\x5bkamisama] error: giving up\\x0d\\x1b[2J\\x1b[31mred",
  )
  expect(stderr).not.toContain("[kamisama] error: giving up")
  expect(stderr.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u)
  for (const line of stderr.split("\n")) expect(line).toMatch(/^(\[kamisama\] \w+: | {2}|$)/)
})

test("a notice has the text of a worker as it is, and a line about it", async ({ start }) => {
  const program = start(fixture("forging.ts"), { args: ["objects"] })
  expect((await program.untilExit()).code).toBe(1)
  const notices = program.lines.map((line) => JSON.parse(line) as { [field: string]: unknown })
  const exit = notices.find(({ type }) => type === "exit")
  expect(exit?.["error"]).toContain("no database\n[kamisama] error: giving up\r\u001b[2J\u001b[31m")
  for (const { text } of notices) expect(text).not.toMatch(/\p{Cc}/u)
})
