/** The command with real processes: what test/promises does not try on every runtime. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe } from "vitest"
import { freePort } from "./harness/ports.ts"
import { expect, type Program, type ProgramOptions, test } from "./harness/program.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama command "))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** A script that serves, and says which version of it does. */
const serving = (version: string, port: number): string =>
  `require("node:http").createServer((_, response) => response.end("${version}")).listen(${port}, () => console.log("listening ${version}"))`

/** A pool whose folder is watched, once it is ready. */
async function watched(
  start: (script: string, options: ProgramOptions) => Program,
): Promise<{ readonly program: Program; readonly port: number }> {
  const port = await freePort()
  write("server.cjs", serving("1", port))
  const args = ["-w", "1", "--log", "info", "--watch", "server.cjs"]
  const program = start(command, { args, cwd: folder })
  await program.untilPrinted("listening 1")
  await program.until("the watch", () => program.stderr.includes("worker ready in"))
  return { program, port }
}

describe("kamisama --watch", () => {
  test("reloads at a saved file, and a broken one does not stop the version that works", async ({
    start,
  }) => {
    const { program, port } = await watched(start)
    const settled = (phase: string) =>
      program.until(`a reload that is ${phase}`, () => program.stderr.includes(`reload ${phase}`))
    write("server.cjs", serving("2", port))
    await program.untilPrinted("listening 2")
    await settled("finished")
    write("server.cjs", "this does not parse")
    await settled("aborted")
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("2")
    expect(program.stderr).toContain("[kamisama] info: server.cjs has changed, reloading")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("notices each file that takes the place of another, and what is in a new folder", async ({
    start,
  }) => {
    const { program, port } = await watched(start)
    for (const version of ["2", "3", "4"]) {
      write("new.tmp", serving(version, port))
      renameSync(join(folder, "new.tmp"), join(folder, "server.cjs"))
      await program.untilPrinted(`listening ${version}`)
      await program.until(
        "the end of the reload",
        () => program.stderr.split("reload finished").length === Number(version),
      )
    }
    mkdirSync(join(folder, "lib/inner"), { recursive: true })
    write("lib/inner/a.json", "1")
    await program.until("the reload", () => program.stderr.includes("lib/inner/a.json has changed"))
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

test("a worker of a queue that only sets a flag at its stop ends the jobs that it has in hand", async ({
  start,
}) => {
  write(
    "queue.cjs",
    `let isStopping = false
process.on("SIGTERM", () => { isStopping = true })
void (async () => {
  for (let job = 1; !isStopping; job += 1) {
    console.log("took", job)
    await new Promise((resolve) => setTimeout(resolve, 700))
    console.log("finished", job)
  }
  console.log("left the loop")
})()`,
  )
  const program = start(command, { args: ["-w", "2", "queue.cjs"], cwd: folder })
  await program.untilPrinted("took 2", 2)
  program.signal("SIGINT")
  expect((await program.untilExit()).code).toBe(0)
  const count = (what: string): number =>
    program.lines.filter((line) => line.startsWith(what)).length
  expect(count("finished")).toBe(count("took"))
  expect(count("left the loop")).toBe(2)
})

test("kamisama --watch waits for a version that works if the first one does not", async ({
  start,
}) => {
  write("server.cjs", "this does not parse")
  const program = start(command, { args: ["-w", "1", "--watch", "server.cjs"], cwd: folder })
  await program.until("2 failures", () => program.stderr.split("exited with code 1").length > 2)
  write("server.cjs", serving("1", await freePort()))
  await program.untilPrinted("listening 1")
  program.signal("SIGTERM")
  expect((await program.untilExit()).code).toBe(0)
})

describe("a configuration", () => {
  test("brings its script, its options and its shutdown, which each worker calls once", async ({
    start,
  }) => {
    const port = await freePort()
    mkdirSync(join(folder, "src"))
    write("src/server.cjs", serving("1", port))
    write(
      "kamisama.config.mjs",
      `export default { script: "src/server.cjs", workers: 2, shutdown: (id, signal) => console.log("shutdown", id, signal) }`,
    )
    const program = start(command, { cwd: join(folder, "src") })
    await program.untilPrinted("listening", 2)
    program.signal("SIGINT")
    expect((await program.untilExit()).code).toBe(0)
    const shutdowns = program.lines.filter((line) => line.startsWith("shutdown")).sort()
    expect(shutdowns).toEqual(["shutdown 1 SIGINT", "shutdown 2 SIGINT"])
  })

  test("whose beforeRun fails ends each worker before its script is loaded", async ({ start }) => {
    write("server.cjs", serving("1", await freePort()))
    write(
      "kamisama.config.mjs",
      `export default { script: "server.cjs", workers: 1, startFailure: "exit", beforeRun: () => Promise.reject(new Error("no database")) }`,
    )
    const program = start(command, { cwd: folder })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toContain("Error: no database")
    expect(program.stdout).toBe("")
  })
})

describe("a script", () => {
  test("is loaded by the link at a reload", async ({ start }) => {
    const port = await freePort()
    for (const version of ["1", "2"]) {
      mkdirSync(join(folder, version))
      write(`${version}/server.cjs`, serving(version, port))
    }
    symlinkSync(join(folder, "1"), join(folder, "current"))
    const args = ["-w", "1", "--signal", "HUP=reload", join(folder, "current", "server.cjs")]
    const program = start(command, { args })
    await program.untilPrinted("listening 1")
    rmSync(join(folder, "current"))
    symlinkSync(join(folder, "2"), join(folder, "current"))
    program.signal("SIGHUP")
    await program.untilPrinted("listening 2")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("that no longer listens does not take over at a reload", async ({ start }) => {
    const port = await freePort()
    write("server.cjs", serving("1", port))
    const program = start(command, {
      args: [
        "--workers=1",
        "--log=info",
        "--start-timeout=3s",
        "--signal=HUP=reload",
        "server.cjs",
      ],
      cwd: folder,
    })
    await program.untilPrinted("listening 1")
    await program.until("the pool", () => program.stderr.includes("worker ready in"))
    write("server.cjs", "setInterval(() => undefined, 1_000)")
    program.signal("SIGHUP")
    await program.until("the end of the reload", () => program.stderr.includes("reload aborted"))
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("1")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("that has nothing to do is given up with a line that says so", async ({ start }) => {
    write("done.cjs", `console.log("done")`)
    const program = start(command, {
      args: ["-w", "2", "--start-failure=exit", "done.cjs"],
      cwd: folder,
    })
    expect(await program.untilExit()).toEqual({ code: 1, signal: null })
    expect(program.stderr).toContain("it has nothing to do: nothing listens")
    expect(program.stderr).toContain("giving up: each of the first 2 workers failed to start")
    // A third one is forked where the first has failed long before the second.
    expect(program.lines.filter((line) => line === "done").length).toBeGreaterThanOrEqual(2)
  })

  test("that has nothing to do any more is given up, too, and may end with respawn never", async ({
    start,
  }) => {
    write("timer.cjs", "setTimeout(() => console.log('timer'), 2_000)")
    const args = ["-w", "1", "--log=info", "--respawn-limit=0", "timer.cjs"]
    const failing = start(command, { args, cwd: folder })
    await failing.until("the pool", () => failing.stderr.includes("worker ready in"))
    await failing.untilPrinted("timer")
    expect((await failing.untilExit()).code).toBe(1)
    write("ends.cjs", `console.log("done")`)
    const allowed = start(command, {
      args: ["-w", "1", "--respawn=never", "ends.cjs"],
      cwd: folder,
    })
    expect((await allowed.untilExit()).code).toBe(0)
    expect(allowed.lines).toEqual(["done"])
  })

  test.for([
    ["a timer", "setTimeout(() => console.log('done'), 400); setInterval(() => undefined, 1_000)"],
    ["a message", "process.on('message', () => undefined); console.log('done')"],
    [
      "a message by node:cluster",
      "require('node:cluster').worker.on('message', () => undefined); console.log('done')",
    ],
    ["a child", "require('node:child_process').spawn('sleep', ['60']); console.log('done')"],
    [
      "a promise of a file",
      "setImmediate(() => require('node:fs').promises.readFile(__filename).then(() => setTimeout(console.log, 200, 'done'))); setInterval(() => undefined, 1_000)",
    ],
  ])("that waits for %s has something to do", async ([, text], { start }) => {
    write("waits.cjs", `${text}`)
    const args = ["-w", "1", "--log=info", "--respawn-limit=0", "waits.cjs"]
    const program = start(command, { args, cwd: folder })
    await program.untilPrinted("done")
    // It is not while it is open whether it is idle.
    await program.until("the pool", () => program.stderr.includes("worker ready in"))
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.stderr).not.toContain("warn:")
  })

  test("that listened only for a moment, or to datagrams, is replaced at a reload", async ({
    start,
  }) => {
    write(
      "worker.cjs",
      `const udp = require("node:dgram").createSocket("udp4").bind(0)
const probe = require("node:net").createServer().listen(0, () => probe.close(() => console.log("probed")))
setInterval(() => undefined, 1_000)`,
    )
    const program = start(command, {
      args: ["-w", "1", "--log=info", "--start-timeout=3s", "--signal=HUP=reload", "worker.cjs"],
      cwd: folder,
    })
    await program.untilPrinted("probed")
    await program.until("the pool", () => program.stderr.includes("worker ready in"))
    program.signal("SIGHUP")
    await program.until("the reload", () => program.stderr.includes("reload finished"))
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("is told the number of its worker, and a replacement gets the same", async ({ start }) => {
    write(
      "server.cjs",
      `console.log("id", process.env.KAMISAMA_ID, process.pid)
${serving("1", await freePort())}`,
    )
    const program = start(command, { args: ["-w", "2", "server.cjs"], cwd: folder })
    const ids = (lines: readonly string[]) => lines.map((line) => line.split(" ")[1]).sort()
    const lines = await program.untilPrinted("id", 2)
    expect(ids(lines)).toEqual(["1", "2"])
    const second = lines.find((line) => line.startsWith("id 2"))?.split(" ")[2]
    program.signal("SIGKILL", Number(second))
    expect(ids(await program.untilPrinted("id", 3))).toEqual(["1", "2", "2"])
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("forks processes of its own, which know nothing of the pool", async ({ start }) => {
    write("child.cjs", `console.log("child", JSON.stringify(process.execArgv)); process.exit()`)
    write(
      "server.cjs",
      `require("node:child_process").fork(${JSON.stringify(join(folder, "child.cjs"))}); ${serving("1", await freePort())}`,
    )
    const program = start(command, { args: ["-w", "1", "server.cjs"], cwd: folder })
    const [line] = await program.untilPrinted("child")
    expect(line).not.toContain("worker")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("that throws is reported by the runtime, once in each worker", async ({ start }) => {
    write("server.cjs", `throw new Error("no database")`)
    const program = start(command, {
      args: ["-w", "1", "--start-failure", "exit", "server.cjs"],
      cwd: folder,
    })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr.match(/^Error: no database/gm)).toHaveLength(1)
    expect(program.stderr).toMatch(
      /giving up: the first worker failed to start.* Error: no database/,
    )
  })

  test("that calls kamisama() itself is refused", async ({ start }) => {
    const index = new URL("../../dist/index.js", import.meta.url).href
    write("server.mjs", `import kamisama from ${JSON.stringify(index)}\nkamisama(() => undefined)`)
    const program = start(command, {
      args: ["-w", "1", "--start-failure", "exit", "server.mjs"],
      cwd: folder,
    })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toContain("It may be called only once.")
  })
})
