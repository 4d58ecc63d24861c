/** SIGTTIN, SIGTTOU and scale() with real processes. */
import { describe } from "vitest"
import { expect, fixture, test } from "./harness/program.ts"

describe("SIGTTIN", () => {
  test("forks one more worker, as the Ruby seed says", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    program.signal("SIGTTIN")
    expect((await program.untilPrinted("run", 3)).at(-1)).toMatch(/^run 3 /)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("a worker that boots", () => {
  test("continues if a signal to scale suspended it", async ({ start }) => {
    const program = start(fixture("slow-boot.ts"))
    const [booting = 0] = await program.until("a worker that boots", () => {
      const pids = program.lines.map((line) => Number(/^booting (\d+)/.exec(line)?.[1]))
      return pids.length > 0 && pids
    })
    // As the kernel does to one of a terminal's group that does not listen to SIGTTIN yet.
    program.signal("SIGSTOP", booting)
    program.signal("SIGTTIN")
    await program.untilPrinted("run", 2)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("SIGTTOU", () => {
  test("stops the oldest worker with SIGTERM, as the Ruby seed says", async ({ startPool }) => {
    const program = startPool({ options: { workers: 3 } })
    await program.untilPrinted("ready")
    const [oldest = ""] = program.lines.filter((line) => line.startsWith("run 1 "))
    program.signal("SIGTTOU")
    const [line = ""] = await program.untilPrinted("shutdown")
    expect(line).toBe(`${oldest.replace("run", "shutdown")} SIGTERM scale-down`)
    await program.until("its exit", () => program.events("worker-exited") === 1)
    expect(program.workerPids()).toHaveLength(2)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.commands("fork-worker")).toBe(3)
  })

  test("never stops the last one, as the Ruby seed's note says", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    for (let count = 1; count <= 4; count += 1) {
      program.signal("SIGTTOU")
      await program.until(`signal ${count}`, () => program.events("signal-received") >= count)
    }
    await program.until("an exit", () => program.events("worker-exited") === 1)
    expect(program.workerPids()).toHaveLength(1)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("a worker", () => {
  test("absorbs SIGTTIN and SIGTTOU, and has no terminal to read", async ({ startPool }) => {
    const program = startPool({ options: { workers: 1 } })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    const { descriptorOf } = await import("./harness/processes.ts")
    expect(descriptorOf(pid, 0)).toBe("/dev/null")
    program.signal("SIGTTIN", pid)
    program.signal("SIGTTOU", pid)
    program.signalGroup("SIGTTIN")
    await program.untilPrinted("run", 2)
    expect(program.workerPids()).toContain(pid)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("scale()", () => {
  test("resolves or rejects its promises as documented", async ({ start }) => {
    const program = start(fixture("scale.ts"))
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines).toEqual([
      "ready with 1 2",
      "4: 1 2 3 4",
      "2: 1 2",
      "superseded: pool.scale: superseded, the target is now 2 instead of 5",
      `0: pool.scale: "target" must be a positive integer, got 0`,
      "stopping: pool.scale: cannot scale to 3, the pool is stopping",
      "done 0",
    ])
  })
})
