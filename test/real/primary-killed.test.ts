/** The workers of a primary that was killed. */
import { describe } from "vitest"
import { expect, fixture, test } from "./harness/program.ts"

describe("SIGKILL of the primary", () => {
  test("lets every worker shut down once, as the Ruby seed says, and leaves no process", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 3 }, shutdown: "slow" })
    await program.untilPrinted("ready")
    program.signal("SIGKILL")
    await program.untilGone()
    const lines = program.lines.filter((line) => line.startsWith("shutdown"))
    expect(lines.map((line) => line.replace(/ \d+ SIG/, " SIG")).sort()).toEqual([
      "shutdown 1 SIGTERM primary-gone",
      "shutdown 2 SIGTERM primary-gone",
      "shutdown 3 SIGTERM primary-gone",
    ])
  })

  test.for(["busy", "blocked"])("ends a worker that is %s", async (run, { startPool }) => {
    const program = startPool({ options: { workers: 2, timeout: 500 }, run })
    await program.untilPrinted("busy", 2)
    program.signal("SIGKILL")
    await program.untilGone()
  })

  test.for(["hangs", "spins"])(
    "ends a worker whose shutdown %s",
    async (shutdown, { startPool }) => {
      const program = startPool({ options: { workers: 2, timeout: 2_000 }, shutdown })
      await program.untilPrinted("ready")
      program.signal("SIGKILL")
      await program.untilGone()
      expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(2)
    },
  )

  test("leaves no worker that is booting", async ({ startPool }) => {
    const program = startPool({ options: { workers: 4, timeout: 2_000 } })
    await program.until("a fork", () => program.commands("fork-worker") > 0)
    program.signal("SIGKILL")
    await program.untilGone()
  })

  test("does not shut a worker down twice if the pool is stopping, nor give it more time", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 2, timeout: 1_500 }, shutdown: "hangs" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    await program.untilPrinted("shutdown", 2)
    program.signal("SIGKILL")
    await program.untilGone()
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(2)
  })
})

describe("a message of node:cluster to a primary that is dead", () => {
  test("ends no worker", async ({ start }) => {
    const program = start(fixture("channel-error.ts"))
    await program.untilPrinted("survived")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.events("worker-exited")).toBe(1)
  })
})

describe("SIGQUIT to the primary alone", () => {
  test("ends the workers as SIGKILL does", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    program.signal("SIGQUIT")
    await program.untilGone()
    expect(program.lines.filter((line) => line.endsWith(" SIGTERM primary-gone"))).toHaveLength(2)
  })
})

describe("the reaper", () => {
  test("survives signals to the group and to itself, and is gone with the primary", async ({
    startPool,
  }) => {
    const signals = { SIGINT: "ignore", SIGTERM: "ignore", SIGHUP: "ignore", SIGUSR2: "ignore" }
    const program = startPool({ options: { workers: 1, signals }, run: "busy" })
    await program.untilPrinted("busy")
    const reaper = await program.until("the reaper", () => program.reaperPid())
    for (const signal of [
      "SIGINT",
      "SIGTERM",
      "SIGHUP",
      "SIGUSR2",
      "SIGQUIT",
      "SIGTTOU",
    ] as const) {
      program.signal(signal, reaper)
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"] as const) {
      program.signalGroup(signal)
    }
    await program.until("the last signal", () =>
      program.log.some(
        (entry) =>
          entry.kind === "event" &&
          entry.event.type === "signal-received" &&
          entry.event.signal === "SIGUSR2",
      ),
    )
    expect(program.reaperPid()).toBe(reaper)
    program.signal("SIGKILL")
    for (const pid of program.workerPids()) program.signal("SIGKILL", pid)
    await program.untilGone()
  })

  test("is restarted when it dies, and knows the workers", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2, timeout: 500 }, run: "busy" })
    await program.untilPrinted("busy", 2)
    for (let death = 0; death < 2; death += 1) {
      const reaper = await program.until("the reaper", () => program.reaperPid())
      program.signal("SIGKILL", reaper)
      await program.until("another reaper", () => {
        const pid = program.reaperPid()
        return pid !== undefined && pid !== reaper
      })
    }
    program.signal("SIGKILL")
    await program.untilGone()
  })
})
