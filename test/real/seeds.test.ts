/**
 * Every statement of the two documents that the project began with. Their statements about stops, restarts and scaling are
 * in stop.test.ts, respawn.test.ts and scale.test.ts.
 */
import { availableParallelism } from "node:os"
import { describe } from "vitest"
import { defaultRuntime, expect, fixture, test } from "./harness/program.ts"

describe("the Node seed", () => {
  test("has an example that runs as written, and prints at Ctrl-C what its README shows", async ({
    start,
  }) => {
    const program = start(fixture("seed.js"))
    await program.untilPrinted("running", 3)
    program.signalGroup("SIGINT")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(program.lines.toSorted()).toEqual([
      "running worker 1",
      "running worker 2",
      "running worker 3",
      "worker 1 shutting down from SIGINT",
      "worker 2 shutting down from SIGINT",
      "worker 3 shutting down from SIGINT",
    ])
    expect(program.stderr).toBe("")
  })

  test("starts one worker per core for a function alone", async ({ start }) => {
    const program = start(fixture("cores.ts"), { env: { WEB_CONCURRENCY: "" } })
    const lines = await program.untilPrinted("running")
    program.signal("SIGTERM")
    await program.untilExit()
    expect(lines.length).toBeLessThanOrEqual(availableParallelism())
    expect(program.commands("fork-worker")).toBeLessThanOrEqual(availableParallelism())
  })

  test("starts as many workers as WEB_CONCURRENCY says", async ({ start }) => {
    const program = start(fixture("cores.ts"), { env: { WEB_CONCURRENCY: "3" } })
    await program.untilPrinted("running", 3)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.commands("fork-worker")).toBe(3)
  })

  // Where the kernel hands them out, it may be all to one.
  test.skipIf(defaultRuntime === "deno")(
    "shares one port among the workers, and distributes new connections to all of them",
    async ({ startPool }) => {
      const { freePort } = await import("./harness/ports.ts")
      const port = await freePort()
      const program = startPool({
        options: { workers: 3 },
        run: "serves",
        port,
        shutdown: "default",
      })
      await program.untilPrinted("ready")
      const answers = new Set<string>()
      for (let count = 0; count < 30; count += 1) {
        const response = await fetch(`http://127.0.0.1:${port}`, {
          headers: { connection: "close" },
        })
        answers.add(await response.text())
      }
      expect([...answers].map(Number).sort()).toEqual(program.workerPids().sort())
      program.signal("SIGTERM")
      expect((await program.untilExit()).code).toBe(0)
    },
  )

  test("allows the cluster module in the same file", async ({ start }) => {
    const program = start(fixture("beside-cluster.ts"))
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines).toEqual([
      `Master process id: ${program.pid}`,
      expect.stringMatching(/^run [12]$/),
      expect.stringMatching(/^run [12]$/),
      expect.stringMatching(/^settings bystander\.(ts|js) mine$/),
      "message bystander false mine",
      "own exit",
    ])
  })
})

describe("the Ruby seed", () => {
  test("starts 17 instances, and restarts each when it fails", async ({ startPool }) => {
    const program = startPool({ options: { workers: 17, log: "silent" } })
    await program.untilPrinted("ready")
    expect(program.workerPids()).toHaveLength(17)
    for (const pid of program.workerPids().slice(0, 3)) program.signal("SIGKILL", pid)
    await program.untilPrinted("run", 20)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("the options choose if the seeds disagree", () => {
  test("TERM: by default the primary waits for its workers, as in the Node seed", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 1 }, shutdown: "slow" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    await program.untilExit()
    expect(program.events("worker-exited")).toBe(1)
  })

  test("TERM: with waitForWorkers: false it dies immediately, as in the Ruby seed", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 1, waitForWorkers: false }, shutdown: "slow" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    await program.untilExit()
    expect(program.events("worker-exited")).toBe(0)
    await program.untilGone()
    expect(program.lines.at(-1)).toMatch(/^(shutdown|done)/)
  })

  test("restarts: with a limit the pool dies, as in the Ruby seed; with Infinity it continues, as in the Node seed", async ({
    startPool,
  }) => {
    const options = { workers: 1, backoff: false, log: "silent" }
    const limited = startPool({ options: { ...options, respawnLimit: 10 }, run: "crashes" })
    expect((await limited.untilExit()).code).toBe(1)
    expect(limited.commands("fork-worker")).toBe(11)
    const unlimited = startPool({ options: { ...options, respawnLimit: "∞" }, run: "crashes" })
    await unlimited.until("12 forks", () => unlimited.commands("fork-worker") >= 12)
    unlimited.signal("SIGTERM")
    await unlimited.untilExit()
    expect(unlimited.commands("announce-give-up")).toBe(0)
  })
})
