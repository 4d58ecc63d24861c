/**
 * Tests the package as JSR serves it: published to a registry on the loopback, and imported from there by programs on Deno.
 */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { programOf } from "../real/harness/runtimes.ts"
import { LoopbackRegistry } from "./loopback-registry.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "kamisama-jsr-"))
const registry = new LoopbackRegistry(join(folder, "published"))
const project = join(folder, "project")
let address = ""

/** Runs Deno, with a cache of its own. */
async function deno(cwd: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, JSR_URL: address, DENO_DIR: join(folder, "cache"), NO_COLOR: "1" }
  return promisify(execFile)(programOf("deno"), args, { cwd, env })
}

beforeAll(async () => {
  address = await registry.listen()
  await deno(root, "publish", "--allow-dirty", "--no-provenance", "--token", "of-the-loopback")
  mkdirSync(join(project, "node_modules/@sinonjs"), { recursive: true })
  // The dependency that npm would install.
  symlinkSync(
    join(root, "node_modules/@sinonjs/fake-timers"),
    join(project, "node_modules/@sinonjs/fake-timers"),
  )
  writeFileSync(join(project, "deno.json"), `{ "nodeModulesDir": "manual" }`)
  writeFileSync(
    join(project, "server.ts"),
    `import kamisama from "jsr:@kamisama/kamisama@1"
     const pool = kamisama({ workers: 2, run: (id) => console.log("run " + id) })
     if (pool.isPrimary) await pool.ready.then(() => pool.stop()).then(({ code }) => console.log("done " + code))
    `,
  )
  writeFileSync(join(project, "plain.ts"), `console.log("plain", JSON.stringify(Deno.args))`)
  writeFileSync(
    join(project, "simulation.ts"),
    `import kamisama from "jsr:@kamisama/kamisama@1"
     import { planFrom } from "jsr:@kamisama/kamisama@1/core"
     import { fakePlatform } from "jsr:@kamisama/kamisama@1/fake"
     const os = fakePlatform({ workers: { dies: { after: 5 } } })
     kamisama({ run() {}, platform: os, log: "silent" })
     await os.advance(600_000)
     console.log(typeof planFrom, os.exitCode)
    `,
  )
}, 120_000)

afterAll(() => {
  registry.close()
  rmSync(folder, { recursive: true, force: true })
})

test("the package has no slow types, and a comment on every public member", async () => {
  const entries = ["src/index.ts", "src/core/index.ts", "src/fake.ts"]
  await deno(root, "doc", "--lint", ...entries)
  const { stderr } = await deno(root, "publish", "--dry-run", "--allow-dirty")
  expect(stderr).toContain("Dry run complete")
  // The command imports the script and the configuration of its user, by their paths.
  const warnings = stderr.match(/warning\S*/gi) ?? []
  expect(new Set(warnings)).toEqual(new Set(["warning[unanalyzable-dynamic-import]:"]))
  expect(stderr.match(/src\/(?!command\/)\S+\.ts:\d/)).toBeNull()
  expect(stderr).not.toMatch(/slow type(?!s in the public API\.\.\.)/i)
})

test("the package supervises", async () => {
  const { stdout } = await deno(project, "run", "-A", "server.ts")
  expect(stdout.trimEnd().split("\n").toSorted()).toEqual(["done 0", "run 1", "run 2"])
})

test("the command runs a script", async () => {
  const command = "jsr:@kamisama/kamisama@1/cli"
  const flags = ["--workers", "1", "--respawn", "never"]
  const { stdout } = await deno(project, "run", "-A", command, ...flags, "plain.ts", "--one")
  expect(stdout).toBe(`plain ["--one"]\n`)
})

test("the package simulates", async () => {
  expect((await deno(project, "run", "-A", "simulation.ts")).stdout).toBe("function 1\n")
})

test("the command in the README adds the package by the name that the examples use", async () => {
  const added = join(folder, "added")
  mkdirSync(added)
  symlinkSync(join(project, "node_modules"), join(added, "node_modules"))
  writeFileSync(join(added, "deno.json"), `{ "nodeModulesDir": "manual" }`)
  const [command = ""] = /^deno add .*$/m.exec(readFileSync(join(root, "README.md"), "utf8")) ?? []
  await deno(added, ...command.split(" ").slice(1))
  writeFileSync(
    join(added, "program.ts"),
    `import kamisama from "kamisama"
     import { fakePlatform } from "kamisama/fake"
     console.log(typeof kamisama, typeof fakePlatform)
    `,
  )
  expect((await deno(added, "run", "-A", "program.ts")).stdout).toBe("function function\n")
})

test("the types of the package are right", async () => {
  await deno(project, "check", "server.ts", "simulation.ts")
})
