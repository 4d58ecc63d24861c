/** Runs the examples. Those that are tests themselves run with the unit tests. */
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { execFileSync, spawnSync } from "node:child_process"
import { describe, onTestFinished } from "vitest"
import { freePort } from "./harness/ports.ts"
import { defaultRuntime, expect, test } from "./harness/program.ts"

/** Node 20 takes JavaScript only. */
const runsNoTypes = defaultRuntime === "node20"

function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url))
}

describe.skipIf(runsNoTypes)("examples/http-server.ts", () => {
  test("serves, says what to try, and each of that works", async ({ start }) => {
    const port = await freePort()
    const env = { PORT: String(port), WEB_CONCURRENCY: "2" }
    const program = start(example("http-server.ts"), { env })
    await program.untilPrinted("2 workers serve http://localhost")
    const url = `http://127.0.0.1:${port}`
    expect(await (await fetch(url)).text()).toMatch(/^hello from worker [12] \(pid \d+\)\n$/)
    await fetch(`${url}/crash`).then(
      (response) => response.text(),
      () => "gone",
    )
    await program.until("the respawn", () => program.stderr.includes("· 1 of 16 restarts used"))
    program.signal("SIGTTIN")
    await program.until("a third worker", () => program.stderr.includes("scaling from 2 to 3"))
    program.signal("SIGTTOU")
    await program.until("one less", () => program.stderr.includes("scaling from 3 to 2"))
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe.skipIf(runsNoTypes)("examples/fastify.ts", () => {
  test("serves, and closes the app when its server is drained", async ({ start }) => {
    const port = await freePort()
    const env = { PORT: String(port), WEB_CONCURRENCY: "2" }
    const program = start(example("fastify.ts"), { env })
    for (const id of [1, 2]) await program.untilPrinted(`worker ${id} serves`)
    const response = await fetch(`http://localhost:${port}`)
    expect(await response.json()).toEqual({ worker: expect.any(Number), pid: expect.any(Number) })
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(
      program.lines.filter((line) => line.endsWith("closes its database connections")),
    ).toHaveLength(2)
  })
})

describe.skipIf(runsNoTypes)("examples/queue-worker.ts", () => {
  test("finishes the job in hand", async ({ start }) => {
    const program = start(example("queue-worker.ts"))
    await program.untilPrinted("worker 1 has done job")
    await program.untilPrinted("worker 2 has done job")
    program.signal("SIGINT")
    expect((await program.untilExit()).code).toBe(0)
    for (const worker of [1, 2]) {
      const begun = program.lines.filter((line) => line.startsWith(`worker ${worker} begins`))
      const done = program.lines.filter((line) => line.startsWith(`worker ${worker} has done`))
      expect(done.length).toBe(begun.length)
    }
    expect(program.stderr).toBe("")
  })
})

describe("examples/rehearsal.ts", () => {
  test("prints what an outage comes to", () => {
    const script = example("rehearsal.ts")
    const text = execFileSync(process.execPath, [script], { encoding: "utf8" })
    expect(text).toMatch(
      /^0 of 100 runs gave up\n\d+ to \d+ respawns\n0 workers were .*\n100 runs recovered, at most \d+ ms/,
    )
  })
})

describe("examples/simulation.ts", () => {
  function simulate(env: NodeJS.ProcessEnv): { status: number | null; stdout: string } {
    const options = { encoding: "utf8", env: { ...process.env, ...env } } as const
    return spawnSync(process.execPath, [example("simulation.ts")], options)
  }

  test("loses no job", () => {
    const { status, stdout } = simulate({ RUNS: "40" })
    expect(stdout).toMatch(/^no job was lost in 40 runs, \d+ actions and \d+ simulated hours\n$/)
    expect(status).toBe(0)
    // It computes for ten seconds, and other tests do so beside it.
  }, 180_000)

  test("prints and draws the shortest run in which a job is lost", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kamisama-example-"))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, "lost.svg")
    const { status, stdout } = simulate({ ACKNOWLEDGE: "first", SVG: file })
    expect(await readFile(file, "utf8")).toMatch(
      /^<svg .*class="bold">it did not recover within .*here it goes wrong.*<\/svg>\n$/s,
    )
    expect(stdout).toContain("\n   1. a job arrives\n   2. 100 ms pass\n   3. worker 1 ")
    expect(stdout).toMatch(/\nreplay: kamisama-replay-3\.\S+\n$/)
    expect(status).toBe(1)
  })
})
