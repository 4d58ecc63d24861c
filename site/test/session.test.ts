/** The session of the start page is what the commands print now. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { type Printed, record } from "../record.ts"

/** What is another at each time: numbers, and how wide their columns are. */
function general(session: readonly Printed[]): readonly string[] {
  return session.map(({ kind, text }) => {
    const words = text.replaceAll(/\d+(\.\d+)?/g, "N").replaceAll(/\bN (ms|s)\b/g, "TIME")
    // A long reason is cut where the columns before it leave no room.
    const line = words
      .replaceAll(/ +/g, " ")
      .replace(/(by SIGKILL).*/, "$1")
      .trim()
    return kind === "typed" ? `$ ${line}` : line
  })
}

test("it can be recorded again", async () => {
  const file = new URL("../../web/demo/session.json", import.meta.url)
  const kept = JSON.parse(readFileSync(file, "utf8")) as readonly Printed[]
  // A row of the table has what was measured then.
  const lines = general(kept).filter((line) => !line.startsWith("N N "))
  expect(lines.length).toBeGreaterThan(12)
  expect(general(await record())).toEqual(expect.arrayContaining(lines))
})
