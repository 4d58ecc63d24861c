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
    // A new worker has to start within it, also on a busy machine.
    const timeout = 12_000
    const args = [`${port}`, `${operators}`, `${timeout}`]
    const program = start(fixture("observed.ts"), { args })
    await program.untilPrinted("ready")
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect(await responseFrom(port, agent)).toMatchObject({ connection: "keep-alive" })
    program.signal("SIGTERM")
    await program.untilPrinted("SIGTERM: serving on for 12 s (stopDelay)")
    // Both workers answer in turn, and each learns of it by a message.
    const told = new Set<unknown>()
    const areBothTold = async (): Promise<boolean> => {
      const { pid, connection } = await responseFrom(port, agent)
      if (connection === "close") told.add(pid)
      return told.size === 2
    }
    await vi.waitUntil(areBothTold, { timeout })
    // A worker that starts meanwhile knows it from its first response on.
    await responseFrom(port, agent, "/die")
    await program.untilPrinted("worker", 3)
    const firstOfNew = async (): Promise<Received | false> => {
      const response = await responseFrom(port, agent)
      return !told.has(response.pid) && response
    }
    expect(await vi.waitUntil(firstOfNew, { timeout })).toMatchObject({ connection: "close" })
    agent.destroy()
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  })
})

/** Who has sent a response, and what it says about its connection. */
interface Received {
  readonly pid?: unknown
  readonly connection: string
}

/** Sends one request to observed.ts. */
function responseFrom(port: number, agent: Agent, path = "/"): Promise<Received> {
  return new Promise((resolve) => {
    get({ port, path, agent, host: "127.0.0.1" }, (response) => {
      const { "worker-pid": pid, connection = "nothing" } = response.headers
      response.resume()
      response.on("end", () => resolve({ pid, connection }))
    }).on("error", ({ message }) => resolve({ connection: message }))
  })
}
