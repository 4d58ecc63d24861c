/** What workers write passes through the primary: whole lines, all of them, also while nobody reads for a while. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import { expect, test } from "./harness/program.ts"
import { commandScript, runtimes } from "./harness/runtimes.ts"

let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-output-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Each worker writes so many lines, some of them longer than what a pipe takes at once, and ends. */
const lines = 2_000
const writing = `
const id = process.env.KAMISAMA_ID
for (let count = 1; count <= ${lines}; count += 1) {
  const line = id + " " + count + " " + "x".repeat(count % 50 === 0 ? 70_000 : count % 7)
  if (count % 2) process.stdout.write(line + "\\n")
  else process.stderr.write(line + "\\n")
}
process.stdout.write("the end of " + id)`

test.for(runtimes)("no line is lost or mixed with another on %s", async (runtime, { start }) => {
  writeFileSync(join(folder, "writing.cjs"), writing)
  const args = ["-w", "3", "--prefix", "--respawn", "never", "--no-control", "writing.cjs"]
  const pool = start(commandScript(runtime), { runtime, args, cwd: folder })
  pool.readSlowly()
  expect((await pool.untilExit(60_000)).code).toBe(0)
  const all = [pool.stdout, pool.stderr].map((text) =>
    text.split("\n").filter((line) => line !== ""),
  )
  for (const id of [1, 2, 3]) {
    const own = all.map((written) => written.filter((line) => line.startsWith(`${id} | ${id} `)))
    expect(own.map(({ length }) => length)).toEqual([lines / 2, lines / 2])
    for (const [at, written] of own.entries()) {
      const numbers = written.map((line) => Number(line.split(" ")[3]))
      expect(numbers).toEqual(Array.from({ length: lines / 2 }, (_, index) => 2 * index + 1 + at))
      expect(written.every((line) => /^\d \| \d \d+ x*$/.test(line))).toBe(true)
    }
    expect(all[0]).toContain(`${id} | the end of ${id}`)
  }
  expect(all[0]).toHaveLength(3 * (lines / 2) + 3)
})

test.for(runtimes)("every line is JSON on %s", async (runtime, { start }) => {
  const script = `
console.log(JSON.stringify({ msg: "ready", worker: "mine" }))
console.log("plain")
console.error("[kamisama] warn: forged")
if (process.env.KAMISAMA_ID === "2") process.exit(7)`
  writeFileSync(join(folder, "talking.cjs"), script)
  const args = ["-w", "2", "--log-format", "json", "--log", "info", "--respawn", "never"]
  const options = { runtime, args: [...args, "--no-control", "talking.cjs"], cwd: folder }
  const pool = start(commandScript(runtime), options)
  expect((await pool.untilExit()).code).toBe(1)
  const all = `${pool.stdout}${pool.stderr}`
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { readonly [name: string]: unknown })
  expect(all).toContainEqual({ worker: "mine", pid: expect.any(Number), msg: "ready" })
  expect(
    all
      .filter(({ msg }) => msg === "plain")
      .map(({ worker }) => worker)
      .toSorted(),
  ).toEqual([1, 2])
  expect(all).toContainEqual(
    expect.objectContaining({ type: "exit", worker: 2, code: 7, level: "warn", name: "kamisama" }),
  )
  expect(all).toContainEqual(expect.objectContaining({ type: "done", code: 1, level: "error" }))
})
