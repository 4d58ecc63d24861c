/** The compile cache of the workers. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe } from "vitest"
import {
  defaultRuntime,
  expect,
  fixture,
  type Program,
  stopsWith,
  test,
} from "./harness/program.ts"

let folder = ""
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "kamisama-cache-test-"))))
afterEach(() => rmSync(folder, { recursive: true }))

interface Cache {
  readonly folder?: string
  readonly variables: readonly string[]
}

async function cacheOf(program: Program, count = 1): Promise<Cache> {
  const lines = await program.untilPrinted("cache", count)
  return JSON.parse(lines.at(-1)?.replace("cache ", "") ?? "") as Cache
}

/** The folder of this user. */
const own = (): string => join(folder, `kamisama-cache-${userInfo().uid}`)

function files(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
}

describe.skipIf(!/^node2[246]$/.test(defaultRuntime))("the compile cache", () => {
  test("is in a folder of the user's own, is filled by the time of a kill, and is used by the next worker", async ({
    start,
  }) => {
    const env = { TMPDIR: folder, NODE_DEBUG_NATIVE: "COMPILE_CACHE" }
    const program = start(fixture("cached.ts"), { env })
    const cache = await cacheOf(program)
    expect(cache.folder?.startsWith(own())).toBe(true)
    expect(cache.variables).toEqual([])
    expect(statSync(own()).mode & 0o777).toBe(0o700)
    // The version, the script and the package.
    await program.until("the files", () => files(own()).length >= 3)
    const accepted = (): boolean => /cached\.js was accepted/.test(program.stderr)
    expect(accepted()).toBe(false)
    for (const pid of program.workerPids()) program.signal("SIGKILL", pid)
    await cacheOf(program, 2)
    await program.until("the use of the cache", accepted)
    await stopsWith(program, 0)
  })

  test("is in the folder that the option names", async ({ start }) => {
    const chosen = join(folder, "a", "b")
    const args = [JSON.stringify({ compileCache: chosen })]
    const program = start(fixture("cached.ts"), { args })
    expect((await cacheOf(program)).folder?.startsWith(chosen)).toBe(true)
    await stopsWith(program, 0)
  })

  test("is none with compileCache: false", async ({ start }) => {
    const args = [JSON.stringify({ compileCache: false })]
    const program = start(fixture("cached.ts"), { args, env: { TMPDIR: folder } })
    expect(await cacheOf(program)).toEqual({ variables: [] })
    expect(files(folder)).toEqual([])
    await stopsWith(program, 0)
  })

  test("is the user's where a variable of Node says so", async ({ start }) => {
    const chosen = join(folder, "users")
    const env = { TMPDIR: folder, NODE_COMPILE_CACHE: chosen }
    const program = start(fixture("cached.ts"), { env })
    const cache = await cacheOf(program)
    expect(cache.folder?.startsWith(chosen)).toBe(true)
    expect(cache.variables).toEqual(["NODE_COMPILE_CACHE"])
    await stopsWith(program, 0)
  })

  test.for<[string, () => void]>([
    ["may be read by others", () => mkdirSync(own(), { mode: 0o755 })],
    ["is a file", () => writeFileSync(own(), "")],
    ["is a link", () => symlinkSync(mkdtempSync(join(folder, "target-")), own())],
  ])("is none where its folder %s, and the pool starts", async ([, prepare], { start }) => {
    prepare()
    const program = start(fixture("cached.ts"), { env: { TMPDIR: folder } })
    expect((await cacheOf(program)).folder).toBeUndefined()
    await stopsWith(program, 0)
  })

  test("is none where the chosen folder cannot be used, and a line says so", async ({ start }) => {
    writeFileSync(join(folder, "file"), "")
    const args = [JSON.stringify({ compileCache: join(folder, "file", "cache") })]
    const program = start(fixture("cached.ts"), { args })
    expect(await cacheOf(program)).toEqual({ variables: [] })
    expect(program.stderr).toContain("there is no compile cache, because its folder cannot be used")
    await stopsWith(program, 0)
  })
})
