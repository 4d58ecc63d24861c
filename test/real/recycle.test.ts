/** Recycling replaces workers one at a time, and loses no request. */
import { describe } from "vitest"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { defaultRuntime, expect, fixture, type Program, test } from "./harness/program.ts"

async function untilReplaced(program: Program, times: number): Promise<void> {
  await program.until(`${times} replacements`, () => program.events("worker-exited") >= times)
}

/** The requests that reach no worker. On Bun there are some: see test/promises/exceptions.ts. */
const turnedAway = { refused: 0, reset: defaultRuntime === "bun" ? expect.any(Number) : 0 }

/** Stops it, and looks at what became of the requests. */
async function endWithoutLoss(
  program: Program,
  loads: readonly ReturnType<typeof startLoad>[],
): Promise<void> {
  const reports = await Promise.all(loads.map((load) => load.end()))
  expect(reports.flatMap(({ lost }) => lost)).toEqual([])
  for (const { answered, refused, reset } of reports) {
    expect({ refused, reset }).toEqual(turnedAway)
    expect(answered).toBeGreaterThan(20)
  }
  program.signal("SIGTERM")
  expect((await program.untilExit()).code).toBe(0)
}

const schedulings =
  defaultRuntime === "deno" || defaultRuntime === "bun" ? ["os"] : ["round-robin", "os"]

function loadsOn(port: number): ReturnType<typeof startLoad>[] {
  return [true, false].map((keepAlive) => startLoad({ port, clients: 4, keepAlive, pauseMs: 20 }))
}

describe("recycling", () => {
  test.for(schedulings)(
    "loses no request if workers are replaced by age, with %s",
    async (scheduling, { start }) => {
      const port = await freePort()
      const program = start(fixture("recycling.ts"), {
        args: [scheduling, String(port), "1000", "0"],
      })
      await program.untilPrinted("ready")
      const loads = loadsOn(port)
      await untilReplaced(program, 4)
      expect(program.lines.join("\n")).toMatch(
        /fork [12]: the previous worker has reached its maximum age \(1 s, minus up to 20 %\)/,
      )
      expect(program.lines.join("\n")).toMatch(/worker [12] is to stop: recycle/)
      await endWithoutLoss(program, loads)
    },
  )

  test("loses no request if a worker calls context.recycle()", async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("recycling.ts"), {
      args: ["default", String(port), "0", "0"],
    })
    await program.untilPrinted("ready")
    const loads = loadsOn(port)
    for (let count = 1; count <= 3; count += 1) {
      await fetch(`http://127.0.0.1:${port}/recycle`)
      await untilReplaced(program, count)
    }
    expect(program.commands("fork-worker")).toBe(5)
    expect(program.lines.join("\n")).toMatch(/fork [12]: its replacement was requested/)
    await endWithoutLoss(program, loads)
  })

  test("replaces the worker that uses too much memory, and no other", async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("recycling.ts"), {
      args: ["default", String(port), "0", String(200 * 2 ** 20)],
    })
    await program.untilPrinted("ready")
    const before = program.workerPids()
    await program.until("measurements", () => program.events("worker-measured") >= 4)
    const response = await fetch(`http://127.0.0.1:${port}/grow`)
    const grown = Number(await response.text())
    // It is left alone for 20 s after it was ready.
    await untilReplaced(program, 1)
    expect(before).toContain(grown)
    expect(program.workerPids()).not.toContain(grown)
    expect(program.workerPids().filter((pid) => before.includes(pid))).toHaveLength(1)
    expect(program.lines.join("\n")).toMatch(
      /fork [12]: the previous worker uses .+ MiB, more than 200 MiB/,
    )
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})
