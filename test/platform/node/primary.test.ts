/** The script that the workers run, and processes that have none. */
import { spawnSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { ownScript } from "../../../src/platform/node/primary.ts"

const source = JSON.stringify(new URL("../../../src/index.ts", import.meta.url).href)
const call = `import(${source}).then(({ kamisama }) => kamisama(() => undefined))`

describe("kamisama() without a script file throws before any fork", () => {
  test.for([
    ["-e", ["-e", call], ""],
    ["-e and an argument", ["-e", call, "/somebody/elses.js"], ""],
    ["-p", ["-p", call], ""],
    ["an evaluated module", ["--input-type=module", "-e", call, "/somebody/elses.js"], ""],
    ["the standard input", [], call],
    ["- and an argument", ["-", "/somebody/elses.js"], call],
  ] as const)("in code from %s", ([, args, input]) => {
    const { status, stderr } = spawnSync(process.execPath, args, {
      input,
      encoding: "utf8",
      timeout: 30_000,
    })
    expect(stderr).toContain("Error: kamisama: the entry script must be a file")
    expect(status).toBe(1)
  })
})

test("ownScript() is the file, its arguments and the flags of the runtime", () => {
  const [, exec, ...args] = process.argv
  expect(ownScript()).toEqual({ exec, args, execArgv: process.execArgv })
})
