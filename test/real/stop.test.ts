/** Stops of real processes. */
import { describe } from "vitest"
import type { Event } from "../../src/core/event.ts"
import { expect, type Program, test } from "./harness/program.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"] as const

describe("a stop", () => {
  test.for(signals)(
    "calls shutdown once in each worker with the signal %s, and ends with 0",
    async (signal, { startPool }) => {
      const program = startPool({ options: { workers: 3 } })
      await program.untilPrinted("ready")
      program.signal(signal)
      expect(await program.untilExit()).toEqual({ code: 0, signal: null })
      const lines = program.lines.filter((line) => line.startsWith("shutdown"))
      expect(lines.map((line) => line.replace(/ \d+ SIG/, " SIG")).sort()).toEqual([
        `shutdown 1 ${signal} stop`,
        `shutdown 2 ${signal} stop`,
        `shutdown 3 ${signal} stop`,
      ])
    },
  )

  test("calls shutdown once in each worker during a storm of signals to primary, workers and group", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 3 }, shutdown: "slow" })
    await program.untilPrinted("ready")
    const workers = program.workerPids()
    expect(workers).toHaveLength(3)
    for (let round = 0; round < 15; round += 1) {
      for (const signal of signals) {
        program.signal(signal)
        program.signalGroup(signal)
        for (const pid of workers) {
          try {
            program.signal(signal, pid)
          } catch {
            // It has ended.
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 3))
      if (program.exit !== undefined) break
    }
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(3)
  })

  test("ends with 0 and never calls run if the workers are booting", async ({ startPool }) => {
    const program = startPool({ options: { workers: 4 } })
    await program.until("4 forks", () => program.commands("fork-worker") === 4)
    program.signalGroup("SIGINT")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines.filter((line) => line.startsWith("shutdown")).length).toBe(
      program.lines.filter((line) => line.startsWith("run")).length,
    )
  })

  test("kills a worker whose shutdown hangs at the timeout", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2, timeout: 500 }, shutdown: "hangs" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("kill-worker")).toBe(2)
  })

  test.for([
    ["spins in shutdown", "stay", "spins"],
    ["is in a busy loop", "busy", "print"],
    ["is blocked in execSync", "blocked", "print"],
  ] as const)("kills a worker that %s", async ([, run, shutdown], { startPool }) => {
    const program = startPool({ options: { workers: 2, timeout: 500 }, run, shutdown })
    await program.untilPrinted("ready")
    if (run !== "stay") await program.untilPrinted("busy", 2)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("kill-worker")).toBe(2)
  })

  test.for(["throws", "rejects"])(
    "ends with 1 and prints the error once if shutdown %s",
    async (shutdown, { startPool }) => {
      const program = startPool({ options: { workers: 2 }, shutdown })
      await program.untilPrinted("ready")
      program.signal("SIGTERM")
      expect((await program.untilExit()).code).toBe(1)
      expect(program.stderr.match(/shutdown failed: Error: cannot close\n +at /g)).toHaveLength(1)
      expect(program.stderr).toContain(
        "shutdown failed with the same error as above (2 failures so far)",
      )
      expect(program.commands("kill-worker")).toBe(0)
    },
  )

  test("lets a run that reads context.signal react to it", async ({ startPool }) => {
    const program = startPool({
      options: { workers: 2 },
      run: "until aborted",
      shutdown: "default",
    })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.stderr).toBe("")
  })

  test("calls shutdown while run is pending", async ({ startPool }) => {
    const program = startPool({ options: { workers: 1 }, run: "pending" })
    await program.untilPrinted("run")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(1)
  })
})

describe("waitForWorkers: false", () => {
  test("lets the primary exit at once, as the Ruby seed's TERM, and the workers end on their own", async ({
    startPool,
  }) => {
    const options = { workers: 2, waitForWorkers: false, timeout: 5_000 }
    const program = startPool({ options, shutdown: "slow" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    await program.untilGone()
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(2)
    expect(program.events("worker-exited")).toBe(0)
  })

  test("says nothing of workers that end after the pool is done", async ({ startPool }) => {
    const options = { workers: 2, waitForWorkers: false, timeout: 5_000, log: "info" } as const
    const program = startPool({ options })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    await program.untilGone()
    expect(program.stderr).toMatch(/ stopped, exit code 0.*\n$/)
    expect(program.events("worker-exited")).toBe(0)
  })

  test("leaves a worker that hangs to the reaper", async ({ startPool }) => {
    const options = { workers: 2, waitForWorkers: false, timeout: 500 }
    const program = startPool({ options, shutdown: "spins" })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    await program.untilGone()
  })
})

/** When the primary was told of such events, in ms. */
function momentsOf(program: Program, type: Event["type"]): readonly number[] {
  return program.log.flatMap((entry) =>
    entry.kind === "event" && entry.event.type === type ? [entry.event.at] : [],
  )
}

describe("a signal to one worker alone", () => {
  test("shuts it down once, and its replacement starts 250 ms later, no sooner", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    program.signal("SIGTERM", pid)
    await program.untilPrinted("run", 3)
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toEqual([
      expect.stringMatching(new RegExp(`^shutdown \\d ${pid} SIGTERM direct-signal$`)),
    ])
    const signaledAt = momentsOf(program, "worker-was-signaled")
    const forkedAt = program.log.flatMap((entry) =>
      entry.kind === "command" && entry.command.type === "fork-worker" ? [entry.at] : [],
    )
    expect((forkedAt[2] ?? 0) - (signaledAt[0] ?? 0)).toBeGreaterThanOrEqual(250)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("causes no fork if a signal to the primary follows", async ({ startPool }) => {
    // On a busy machine a worker may have exited before. Then another pool is tried.
    for (let attempt = 1; ; attempt += 1) {
      const program = startPool({ options: { workers: 2 } })
      await program.untilPrinted("ready")
      for (const pid of program.workerPids()) program.signal("SIGUSR2", pid)
      await program.until("two requests", () => program.commands("stop-worker") === 2)
      program.signal("SIGUSR2")
      expect((await program.untilExit()).code).toBe(0)
      const [signaledAt = Infinity] = momentsOf(program, "signal-received")
      const [exitedAt = Infinity] = momentsOf(program, "worker-exited")
      if (signaledAt < exitedAt) return expect(program.commands("fork-worker")).toBe(2)
      expect(attempt, "pools whose worker had exited before the signal").toBeLessThan(10)
    }
  })
})
