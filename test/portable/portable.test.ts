/**
 * What is promised on every system, on the packed package: on the system that runs the tests, or, if KAMISAMA_TEST_SYSTEM is `wine`, on
 * Windows as Wine plays it. On Windows there are no signals, and a killed primary takes its workers with it.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test as base } from "vitest"
import { freePort } from "../real/harness/ports.ts"
import { install } from "./installed.ts"
import { native } from "./native.ts"
import { folderWith, startPool } from "./pool.ts"
import { Program } from "./program.ts"
import { whyNoWine, wineSystem } from "./wine.ts"

const isWine = process.env["KAMISAMA_TEST_SYSTEM"] === "wine"
const system = isWine ? wineSystem : native
const why = isWine ? whyNoWine() : undefined
if (why !== undefined) console.log(`skipped: nothing is tested in Wine, because ${why}`)

let installed = ""
let folders = 0

beforeAll(async () => {
  if (why !== undefined) return
  system.prepare()
  installed = await install(system)
})

afterAll(() => {
  if (installed !== "") rmSync(dirname(installed), { recursive: true, force: true })
})

/** A pool of programs/pool.mjs. */
interface Pool {
  readonly program: Program
  readonly folder: string
  /** Waits until it is ready, and ready again. */
  untilReady(times?: number): Promise<boolean>
}

/** The path of a folder that is not there yet. */
function newFolder(): string {
  return join(installed, `program ${(folders += 1)}`)
}

/** Starts programs in folders of their own. */
class Starter {
  readonly #programs: Program[] = []

  async startPool(options: { readonly [name: string]: unknown } = {}): Promise<Pool> {
    const folder = newFolder()
    const program = await startPool(system, folder, { workers: 2, timeout: 20_000, ...options })
    this.#programs.push(program)
    return { program, folder, untilReady: (times) => program.untilLogged(/ is ready$/m, times) }
  }

  /** Starts a script that is in a folder. */
  script(folder: string, name: string): Program {
    const program = new Program({ system, folder, words: [name], port: 0 })
    this.#programs.push(program)
    return program
  }

  /** Starts the command. */
  command(words: readonly string[], port: number = 0): Program {
    const commands = join(installed, "node_modules", ".bin")
    const program = new Program({
      system,
      folder: folderWith(newFolder(), {}),
      words,
      commands,
      port,
    })
    this.#programs.push(program)
    return program
  }

  /** Ends what is left. @returns how many processes were. */
  endLeft(): number {
    return this.#programs.reduce((sum, program) => sum + program.endLeft(), 0)
  }
}

const test = base.extend<{ starter: Starter }>({
  starter: async ({}, use) => {
    const starter = new Starter()
    await use(starter)
    expect(starter.endLeft(), "processes that were left behind").toBe(0)
  },
})

/** The end that each test waits for: an exit code, and no process. */
async function endsWith(program: Program, code: number): Promise<void> {
  expect(await program.untilEnd(), program.log).toBe(code)
  await program.untilGone()
}

/** The files of control sockets that pools with this title have left or still use. */
function controlFiles(title: string): readonly string[] {
  const folders = system.controlFolders.filter((folder) => existsSync(folder))
  const files = folders.flatMap((folder) => readdirSync(folder))
  return files.filter((file) => file.startsWith(`${title}-`))
}

function shutdowns({ output }: Program): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("shutdown"))
    .toSorted()
}

describe.skipIf(why !== undefined).concurrent(system.name, () => {
  test("workers serve at one port; stop() runs each shutdown once, and answers what has begun", async ({
    starter,
  }) => {
    const { program, untilReady } = await starter.startPool()
    await untilReady(2)
    const slow = await program.begin("/slow")
    program.stop()
    expect(await slow.answer).toMatch(/^[12] \d+ one$/)
    await endsWith(program, 0)
    expect(shutdowns(program)).toEqual(["shutdown 1 stop", "shutdown 2 stop"])
    expect(program.output).toContain("done 0")
  })

  test.skipIf(!system.isNode).for(["os", "round-robin"] as const)(
    "workers serve at one port with the scheduling %s",
    async (scheduling, { starter }) => {
      const { program, untilReady } = await starter.startPool({ scheduling })
      await untilReady(2)
      const answers = new Set([await program.ask()])
      // The system may prefer one of them.
      const count = scheduling === "os" ? 1 : 2
      await program.until("answers", async () => answers.add(await program.ask()).size >= count)
      program.stop()
      await endsWith(program, 0)
    },
  )

  test("a worker that exits or throws is replaced, and the others serve meanwhile", async ({
    starter,
  }) => {
    const { program, untilReady } = await starter.startPool()
    await untilReady(2)
    await program.ask("/exit")
    await program.untilLogged("exited with code 3")
    expect(await program.ask()).toMatch(/^[12] \d+ one$/)
    await untilReady(3)
    await program.ask("/throw")
    await program.untilLogged("exited with code 1")
    await untilReady(4)
    program.stop()
    await endsWith(program, 0)
  })

  test("a pool whose workers all die at once gives up with code 1", async ({ starter }) => {
    const { program, folder } = await starter.startPool({
      respawnLimit: 2,
      backoff: false,
    })
    writeFileSync(join(folder, "version.txt"), "broken")
    await endsWith(program, 1)
    expect(program.log).toContain("this version is broken")
  })

  test("a reload replaces each worker, and one of a broken version leaves the old ones", async ({
    starter,
  }) => {
    const { program, folder, untilReady } = await starter.startPool()
    await untilReady(2)
    writeFileSync(join(folder, "version.txt"), "two")
    const load = { isOver: false, asked: 0, wrong: [] as string[] }
    const loading = (async () => {
      for (; !load.isOver; load.asked += 1) {
        const answer = await program.ask()
        if (!/^[12] \d+ (?:one|two)$/.test(answer)) load.wrong.push(answer)
      }
    })()
    expect(await program.steer("/reload")).toMatchObject({ ok: true })
    load.isOver = true
    await loading
    expect(load.wrong).toEqual([])
    expect(load.asked).toBeGreaterThan(2)
    expect(await program.ask()).toMatch(/ two$/)
    writeFileSync(join(folder, "version.txt"), "broken")
    expect(await program.steer("/reload")).toMatchObject({ ok: false })
    expect(await program.ask()).toMatch(/ two$/)
    program.stop()
    await endsWith(program, 0)
  })

  test("scale() starts and stops workers", async ({ starter }) => {
    const { program, untilReady } = await starter.startPool()
    await untilReady(2)
    await program.steer("/scale/3")
    expect(await program.steer("/status")).toMatchObject({ target: 3, ready: 3 })
    await program.steer("/scale/1")
    expect(await program.steer("/status")).toMatchObject({ target: 1, ready: 1 })
    expect(shutdowns(program)).toEqual(["shutdown 2 scale-down", "shutdown 3 scale-down"])
    expect(await program.ask()).toMatch(/^1 /)
    program.stop()
    await endsWith(program, 0)
  })

  test("a worker that hangs is killed and replaced", async ({ starter }) => {
    const { program, untilReady } = await starter.startPool({ heartbeatTimeout: 4_000 })
    await untilReady(2)
    await program.ask("/hang")
    await untilReady(3)
    program.stop()
    await endsWith(program, 0)
  })

  test("a worker that hangs at the stop is killed after the timeout, and the exit code is 1", async ({
    starter,
  }) => {
    const { program, untilReady } = await starter.startPool({ timeout: 3_000 })
    await untilReady(2)
    const [hung = ""] = (await program.ask("/hang")).split(" ")
    program.stop()
    await endsWith(program, 1)
    expect(shutdowns(program)).not.toContain(`shutdown ${hung} stop`)
    expect(shutdowns(program)).toHaveLength(1)
  })

  test("a killed primary leaves nobody, not even a worker that hangs", async ({ starter }) => {
    const title = `killed-${await freePort()}`
    const options = { timeout: 4_000, control: true, title }
    const { program, untilReady } = await starter.startPool(options)
    await untilReady(2)
    const [hung = ""] = (await program.ask("/hang")).split(" ")
    program.kill()
    await program.untilEnd()
    await program.untilGone()
    const others = [1, 2].filter((id) => String(id) !== hung)
    const asked = others.map((id) => `shutdown ${id} primary-gone`)
    expect(shutdowns(program)).toEqual(system.isWindows ? [] : asked)
    const ps = starter.command(["ps"])
    await ps.untilEnd()
    expect(ps.output).not.toContain(title)
    expect(controlFiles(title)).toEqual([])
  })

  test.skipIf(!system.hasConsole)(
    "however often Ctrl-C is pressed, each worker shuts down once",
    async ({ starter }) => {
      const { program, untilReady } = await starter.startPool()
      await untilReady(2)
      const slow = await program.begin("/slow")
      program.interrupt()
      await program.untilLogged(/SIGINT/)
      program.interrupt()
      program.interrupt()
      expect(await slow.answer).toMatch(/ one$/)
      await endsWith(program, 0)
      expect(shutdowns(program)).toHaveLength(2)
    },
  )

  test("the command runs a script, and its verbs find the pool by name", async ({
    starter,
    skip,
  }) => {
    skip(system.whyOtherRuntime !== undefined, system.whyOtherRuntime)
    const port = await freePort()
    const server = `import { createServer } from "node:http"
      import process from "node:process"
      createServer((_, response) => response.end(process.execPath)).listen(${port}, "127.0.0.1")`
    const names = `import process from "node:process"
      console.log(process.execPath)`
    const folder = folderWith(newFolder(), { "my server.mjs": server, "names.mjs": names })
    const script = system.pathOf(join(folder, "my server.mjs"))
    const runtime = starter.script(folder, "names.mjs")
    expect(await runtime.untilEnd(), runtime.log).toBe(0)
    const title = `portable-${port}`
    const words = ["--workers=2", "--log=info", `--title=${title}`, script]
    const pool = starter.command(words, port)
    await pool.untilLogged(/ is ready$/m, 2)
    expect(await pool.ask()).toBe(runtime.output.trim())
    await pool.until("the file of its control socket", () => controlFiles(title).length === 1)
    const says = async (code: number, ...verb: string[]): Promise<string> => {
      let called = starter.command(verb)
      // Wine's shell sometimes says so of a program that it has just run, and starts nothing.
      for (let left = 3; left > 0; left -= 1) {
        await called.untilEnd()
        if (!called.log.startsWith("Can't recognize '")) break
        called = starter.command(verb)
      }
      expect(await called.untilEnd(), called.log).toBe(code)
      return called.output + called.log
    }
    expect(await says(0, "ps")).toContain(title)
    expect(await says(0, "status", title)).toContain("2 of 2 ready")
    expect(await says(0, "scale", "3", title)).toContain("3")
    expect(await says(0, "reload", title)).toContain("reload")
    expect(await says(2, "--wrokers=2", script)).toContain("--workers")
    expect(await says(0, "stop", title)).toContain(title)
    expect(await pool.untilEnd()).toBe(0)
    await pool.untilGone()
    expect(controlFiles(title)).toEqual([])
    const late = starter.command(["status", title])
    // Other pools of this user may run meanwhile: it names them then, with the other code.
    expect([2, 3]).toContain(await late.untilEnd())
    expect(late.log).toMatch(/no pool .*runs/)
  })
})
