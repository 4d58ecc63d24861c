/** Tests the declarations of the package with the compilers of its users, which check every library. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { pack } from "./packed.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "kamisama-types-"))

const compilers = {
  "TypeScript 5.9": "test/runtimes/node_modules/typescript5.9/bin/tsc",
  "TypeScript 6": "test/runtimes/node_modules/typescript6/bin/tsc",
  "TypeScript 7": "node_modules/typescript/bin/tsc",
} as const

const programs = {
  "supervises.ts": `
    import kamisama, { type ExitNotice, type KamisamaOptions, type Notice, type Supervisor } from "kamisama"
    import { createServer } from "node:http"

    const options: KamisamaOptions = {
      workers: 3,
      run: (id, { signal }) => createServer((_, response) => void response.end(String(id + Number(signal.aborted)))).listen(0),
      shutdown: async (id: number, signal: "SIGTERM" | "SIGINT") => console.log(id, signal),
      timeout: undefined,
      log: ({ level, text }: Notice) => console[level](text),
    }
    const pool: Supervisor = kamisama(options)
    pool.on("exit", (notice: ExitNotice) => console.log(notice.code, notice.id))
    void pool.done.then(({ code }: { code: 0 | 1 }) => code)
    // @ts-expect-error: it is a number
    kamisama({ run() {}, workers: "3" })
    // @ts-expect-error: run is required
    kamisama({ workers: 3 })
  `,
  "simulates.ts": `
    import { describeCommand, initialState, planFrom, step } from "kamisama/core"
    import { explore, fakePlatform, poolModel, rehearse, simulate } from "kamisama/fake"

    const plan = planFrom({ workers: 2 }, { cores: () => 2, seed: 1 })
    const told: string[] = step(plan, initialState(plan), { type: "started", at: 0 }).commands.map(describeCommand)
    const os = fakePlatform({ workers: { dies: { after: 50 } } })
    const code: number | undefined = os.exitCode
    const { trace }: { trace: number } = simulate(poolModel({ workers: 2 }), { runs: 1 })
    export const results = [told, code, trace, explore, rehearse({ workers: 2 }, { from: 1, until: 2, crashAfter: 1 })]
    // @ts-expect-error: there is no such option
    fakePlatform({ worker: {} })
  `,
  "requires.cts": `
    import kamisama = require("kamisama")
    kamisama({ run: () => undefined })
  `,
} as const

beforeAll(() => {
  const installed = join(folder, "node_modules/kamisama")
  mkdirSync(installed, { recursive: true })
  mkdirSync(join(folder, "node_modules/@types"))
  mkdirSync(join(folder, "node_modules/@sinonjs"))
  const options = { cwd: folder, encoding: "utf8" } as const
  execFileSync("tar", ["-xzf", pack(folder), "-C", installed, "--strip-components=1"], options)
  for (const name of ["@types/node", "undici-types", "@sinonjs/fake-timers"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name))
  }
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`)
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler prints. */
function errorsOf(
  compiler: keyof typeof compilers,
  files: readonly (keyof typeof programs)[],
  options: object,
): string {
  const project = join(folder, "tsconfig.json")
  const common = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
  }
  const compilerOptions = { ...common, target: "es2022", ...options }
  writeFileSync(project, JSON.stringify({ compilerOptions, files }))
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, compilers[compiler]), "-p", project],
    { cwd: folder, encoding: "utf8" },
  )
  return stdout + stderr
}

const resolutions = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const

describe.for(Object.keys(compilers) as (keyof typeof compilers)[])("%s", (compiler) => {
  describe.for(Object.keys(resolutions) as (keyof typeof resolutions)[])("%s", (resolution) => {
    const module = resolutions[resolution]

    test("accepts kamisama, and by require() if that is possible", () => {
      const options = { ...module, lib: ["es2023"], types: ["node"] }
      const files =
        resolution === "nodenext"
          ? (["supervises.ts", "requires.cts"] as const)
          : (["supervises.ts"] as const)
      expect(errorsOf(compiler, files, options)).toBe("")
    })

    test("accepts kamisama/core and kamisama/fake without the types of Node or the DOM", () => {
      const options = { ...module, lib: ["es2022"], types: [] }
      expect(errorsOf(compiler, ["simulates.ts"], options)).toBe("")
    })
  })
})
