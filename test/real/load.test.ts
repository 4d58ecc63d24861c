/**
 * No request is lost when workers shut down under load and the kernel distributes connections. For the default scheduling
 * see test/promises.
 */
import { Agent, get } from "node:http"
import { describe, vi } from "vitest"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, test } from "./harness/program.ts"
import type { Runtime } from "./harness/runtimes.ts"

type Start = (script: string, options: { runtime: Runtime; args: string[] }) => Program

async function serve(start: Start, runtime: Runtime): Promise<{ program: Program; port: number }> {
  const port = await freePort()
  const program = start(fixture("server.ts"), {
    runtime,
    args: ["os", String(port)],
  })
  await program.untilPrinted("ready")
  return { program, port }
}

/** Sends one request. @returns the answer, or why there is none. */
function ask(port: number, agent?: Agent, path = "/"): Promise<string> {
  return new Promise((resolve) => {
    get({ port, path, agent, host: "127.0.0.1" }, (response) => {
      let body = ""
      response.on("data", (part: Buffer) => (body += part.toString()))
      response.on("end", () => resolve(body))
    }).on("error", (error: NodeJS.ErrnoException) => resolve(`lost: ${error.code}`))
  })
}

describe.for(["node20", "node22", "node24", "node26"] as const)("on %s", (runtime) => {
  test("SIGTERM loses no request of busy keep-alive clients", async ({ start }) => {
    const { program, port } = await serve(start, runtime)
    const load = startLoad({ port, clients: 24, keepAlive: true, pauseMs: 10 })
    await program.until("requests", () => load.report.answered > 500)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    const { lost } = await load.end()
    expect(program.commands("kill-worker")).toBe(0)
    expect(lost).toEqual([])
  })

  test("ending workers one after another loses no request, whatever the clients do", async ({
    start,
  }) => {
    const { program, port } = await serve(start, runtime)
    const loads = [
      startLoad({ port, clients: 12, keepAlive: false, pauseMs: 5 }),
      startLoad({ port, clients: 12, keepAlive: true, pauseMs: 10 }),
    ]
    for (let stopped = 1; stopped <= 6; stopped += 1) {
      const [pid = 0] = program.workerPids()
      program.signal("SIGTERM", pid)
      await program.untilPrinted("worker", 3 + stopped)
    }
    const reports = await Promise.all(loads.map((load) => load.end()))
    expect(reports.flatMap(({ lost }) => lost)).toEqual([])
    for (const { answered, refused, reset } of reports) {
      expect({ refused, reset }).toEqual({ refused: 0, reset: 0 })
      expect(answered).toBeGreaterThan(100)
    }
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("a stopping worker that was blocked reads what has arrived before it closes idle connections", async ({
    start,
  }) => {
    const port = await freePort()
    const program = start(fixture("blocked-while-ending.ts"), { runtime, args: [String(port)] })
    await program.untilPrinted("ready")
    const [one, other] = [0, 1].map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
    expect([await ask(port, one), await ask(port, other)]).toEqual(["answered", "answered"])
    program.signal("SIGTERM")
    await program.untilPrinted("stopping")
    const blocking = ask(port, one, "/block")
    await program.untilPrinted("blocked")
    expect(await ask(port, other)).toBe("answered")
    expect(await blocking).toBe("answered")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("a delay before the stop", () => {
  test("tells clients with each response to come back on another connection", async ({ start }) => {
    const [port, operators] = [await freePort(), await freePort()]
    const program = start(fixture("observed.ts"), { args: [`${port}`, `${operators}`, "6000"] })
    await program.untilPrinted("ready")
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await connectionAfter(port, agent)).toBe("keep-alive")
    program.signal("SIGTERM")
    await program.untilPrinted("SIGTERM: serving on for 6 s (stopDelay)")
    // Both workers answer in turn, and each learns of it by a message.
    const both = async (): Promise<readonly string[]> => [
      await connectionAfter(port, agent),
      await connectionAfter(port, agent),
    ]
    await vi.waitUntil(async () => (await both()).every((connection) => connection === "close"))
    // A worker that starts meanwhile knows it from its first response on.
    await connectionAfter(port, agent, "/die")
    await program.untilPrinted("worker", 3)
    expect(await both()).toEqual(["close", "close"])
    agent.destroy()
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  })
})

/** What the response says about its connection. */
function connectionAfter(port: number, agent: Agent, path = "/"): Promise<string> {
  return new Promise((resolve) => {
    get({ port, path, agent, host: "127.0.0.1" }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.headers.connection ?? "nothing"))
    }).on("error", ({ message }) => resolve(message))
  })
}
