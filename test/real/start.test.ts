/** What a worker does at its start before the program begins. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe } from "vitest"
import { defaultRuntime, expect, stopsWith, test } from "./harness/program.ts"

const index = new URL("../../dist/index.js", import.meta.url).href

/** Prints which modules of the runtime the package loads. The trace of the other tests is not here: it loads some, too. */
const script = `
const builtin = () => process.moduleLoadList.filter((name) => name.startsWith("NativeModule "))
const before = builtin()
const { default: kamisama } = await import(${JSON.stringify(index)})
kamisama({
  workers: 1,
  heartbeatTimeout: 60_000,
  run() {
    const more = builtin().filter((name) => !before.includes(name))
    console.log("loaded", JSON.stringify(more))
    setInterval(() => undefined, 1_000)
  },
})
`

let folder = ""
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "kamisama-start-test-"))))
afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(!defaultRuntime.startsWith("node"))("the start of a worker", () => {
  test("loads no module of the runtime that the program may not need", async ({ start }) => {
    const path = join(folder, "script.mjs")
    writeFileSync(path, script)
    const program = start(path)
    const [line = ""] = await program.untilPrinted("loaded")
    expect(JSON.parse(line.replace("loaded ", ""))).toEqual([])
    await stopsWith(program, 0)
  })
})
