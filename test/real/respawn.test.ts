/** Restarts of workers that died. */
import { describe } from "vitest"
import { expect, test } from "./harness/program.ts"

describe("a worker", () => {
  test("is replaced after kill -9", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await program.untilPrinted("run", 3)
    expect(program.stderr).toMatch(
      /^\[kamisama\] warn: worker \d \(pid \d+\) was ended by SIGKILL, not by kamisama \(out of memory\?\)$/m,
    )
    expect(program.stderr).toMatch(
      / warn: worker \d restarted \(pid \d+\) · 1 of 16 restarts used in the last 60 s$/m,
    )
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test.for(["crashes", "ends well"])(
    "that repeatedly %s is forked exactly workers + limit times",
    async (run, { startPool }) => {
      const options = { workers: 2, respawnLimit: 3, backoff: false }
      const program = startPool({ options, run })
      expect((await program.untilExit()).code).toBe(1)
      expect(program.commands("fork-worker")).toBe(2 + 3)
      expect(program.stderr).toContain("giving up: 4 restarts needed within 60 s (respawnLimit 3)")
    },
  )

  test("that dies together with the others is reported with them, once", async ({ startPool }) => {
    const program = startPool({ options: { workers: 3 } })
    await program.until("3 ready", () => program.events("worker-became-ready") === 3)
    const pids = program.workerPids()
    for (const pid of pids) program.signal("SIGKILL", pid)
    await program.until("an incident", () => program.stderr.includes("probably one cause"))
    const line = program.stderr.match(/^.*probably one cause.*$/gm)
    expect(line).toEqual([
      expect.stringMatching(
        /^\[kamisama\] error: 3 of 3 workers failed (at once|within [\d.]+ s), all ended by SIGKILL, [\d.]+ m?s( to [\d.]+ m?s)? after they became ready: probably one cause \(database\? release\? memory\?\)$/,
      ),
    ])
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.commands("announce-incident")).toBe(1)
  })

  test("is killed in time and replaced if its channel closes and it hangs", async ({
    startPool,
  }) => {
    const options = { workers: 1, timeout: 500, respawnLimit: 1, backoff: false }
    const program = startPool(
      { options, run: "hangs up", shutdown: "spins" },
      { breaksChannels: true },
    )
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(2)
    expect(program.stderr).toMatch(/ killed: did not stop within 500 ms \(timeout\)/)
  })

  test("is replaced if its run throws an error that cannot be shown", async ({ startPool }) => {
    const options = { workers: 1, respawnLimit: 1, backoff: false }
    const program = startPool({ options, run: "fails in strange ways" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(2)
  })

  test("is restarted forever within its limit", async ({ startPool }) => {
    const options = {
      workers: 1,
      respawnLimit: 1,
      respawnInterval: 50,
      backoff: { min: 60, max: 60 },
    }
    const program = startPool({ options, run: "crashes" })
    await program.until("6 forks", () => program.commands("fork-worker") >= 6)
    program.signal("SIGTERM")
    await program.untilExit()
    expect(program.commands("announce-give-up")).toBe(0)
  })

  test.for(["throws", "rejects"])(
    "whose run %s has its error printed once with its stack, and then counted",
    async (run, { startPool }) => {
      const options = { workers: 2, respawnLimit: 2, backoff: false }
      const program = startPool({ options, run })
      expect((await program.untilExit()).code).toBe(1)
      expect(program.stderr.match(/run failed: Error: no database\n +at /g)).toHaveLength(1)
      expect(program.stderr).toContain(
        "run failed with the same error as above (2 failures so far)",
      )
    },
  )
})

describe("the option respawn", () => {
  test(`with "never" ends the pool with 0 when every worker has finished on its own`, async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 2, respawn: "never" }, run: "finishes" })
    expect((await program.untilExit()).code).toBe(0)
    expect(program.commands("fork-worker")).toBe(2)
    expect(program.stdout).not.toContain("shutdown")
  })

  test(`with "never" ends the pool with 1 when a worker has failed`, async ({ startPool }) => {
    const options = { workers: 2, respawn: "never" }
    const program = startPool({ options, run: "finishes with 4" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(2)
  })

  test(`with "on-failure" restarts failed workers until the limit`, async ({ startPool }) => {
    const options = { workers: 1, respawn: "on-failure", respawnLimit: 2, backoff: false }
    const program = startPool({ options, run: "crashes" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(3)
  })

  test(`with "on-failure" keeps a worker that listens`, async ({ startPool }) => {
    const program = startPool({ options: { workers: 1, respawn: "on-failure" }, run: "serves" })
    await program.untilPrinted("ready")
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(program.workerPids()).toHaveLength(1)
    expect(program.events("worker-exited")).toBe(0)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("the option startTimeout", () => {
  test("kills a worker that is not ready in time", async ({ startPool }) => {
    // Long enough for a busy machine to load the script.
    const options = { workers: 1, startTimeout: 5_000, respawnLimit: 0, timeout: 500 }
    const program = startPool({ options, run: "pending" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toMatch(/ killed: not ready within 5 s \(startTimeout\)/)
  })
})
