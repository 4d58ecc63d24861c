/** Tests the package as users get it: packed, installed into an empty project, run on every version of Node and on Bun. */
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { pack } from "./packed.ts"
import { programOf } from "../real/harness/runtimes.ts"

const folder = mkdtempSync(join(tmpdir(), "kamisama-package-"))
let archive = ""

beforeAll(() => {
  const options = { cwd: folder, encoding: "utf8" } as const
  archive = pack(folder)
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`)
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", archive], options)
  writeFileSync(
    join(folder, "server.js"),
    `import { createServer } from "node:http"
     import kamisama from "kamisama"
     const pool = kamisama({ workers: 2, run: () => createServer((_, r) => r.end("hi")).listen(0, "127.0.0.1") })
     if (pool.isPrimary) pool.ready.then(() => { console.log("ready"); process.kill(process.pid, "SIGTERM") })
     pool.done.then(({ code }) => console.log("done " + code))
    `,
  )
  writeFileSync(
    join(folder, "simulation.js"),
    `import { kamisama } from "kamisama"
     import { initialState } from "kamisama/core"
     import { fakePlatform } from "kamisama/fake"
     const os = fakePlatform({ workers: { dies: { after: 5 } } })
     kamisama({ run() {}, platform: os, log: "silent" })
     await os.advance(600_000)
     console.log(typeof initialState, os.exitCode)
    `,
  )
  // Also by name, which a compiler that turns imports into CommonJS uses.
  writeFileSync(
    join(folder, "required.cjs"),
    `const all = require("kamisama")
     console.log(typeof all, all.kamisama === all, all.default === all)`,
  )
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(node: string, script: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(node, [join(folder, script)], { stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    child.stdout.on("data", (text: Buffer) => (output += text.toString()))
    child.stderr.on("data", (text: Buffer) => (output += text.toString()))
    child.on("close", (code) => resolve({ code, output }))
  })
}

test("what a pool loads is smaller than 128 KiB, its page than 60 KiB, and all of it than 640 KiB", () => {
  const compressed = (file: string): number =>
    gzipSync(readFileSync(join(folder, "node_modules/kamisama/dist", file))).length
  const sum = (files: readonly string[]): number =>
    files.reduce((total, file) => total + compressed(file), 0)
  expect(sum(["index.js", "control.js"])).toBeLessThan(128 * 1_024)
  expect(
    sum(["page.html", "page.js", "style.css"].map((file) => `dashboard/${file}`)),
  ).toBeLessThan(60 * 1_024)
  // With all of its documentation.
  expect(statSync(archive).size).toBeLessThan(640 * 1_024)
})

test("what the README of the package leads to is in the package", () => {
  const installed = join(folder, "node_modules/kamisama")
  const text = readFileSync(join(installed, "README.md"), "utf8")
  const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link = ""]) => link)
  const own = links.filter((link) => !link.includes("://"))
  expect(own.length).toBeGreaterThan(20)
  expect(own.filter((link) => !existsSync(join(installed, link)))).toEqual([])
})

describe.for(["node20", "node22", "node24", "node26", "bun"] as const)("on %s", (runtime) => {
  test("the package supervises", async () => {
    expect(await run(programOf(runtime), "server.js")).toEqual({
      code: 0,
      output: "ready\ndone 0\n",
    })
  })

  test("the package simulates", async () => {
    expect(await run(programOf(runtime), "simulation.js")).toEqual({
      code: 0,
      output: "function 1\n",
    })
  })

  test("the package can be required", async () => {
    const { code, output } = await run(programOf(runtime), "required.cjs")
    expect(output).toContain("function true true\n")
    expect(code).toBe(0)
  })
})
