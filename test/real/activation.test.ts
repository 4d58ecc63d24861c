/** A service manager that passes a socket and wants to be told what happens, as systemd does. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe } from "vitest"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, type ProgramOptions, test } from "./harness/program.ts"
import { commandOf, commandScript, type Runtime, runtimes } from "./harness/runtimes.ts"

let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-activation-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

type Start = (script: string, options?: ProgramOptions) => Program

/** A service manager with a pool of two as its service. */
function manage(
  start: Start,
  runtime: Runtime,
  port: number,
  options: {
    readonly notify?: boolean
    readonly args?: readonly string[]
    readonly at?: number
  } = {},
): Program {
  const script = commandScript(runtime)
  const { args = [], notify = false, at = port } = options
  const server = join(folder, "server.cjs")
  writeFileSync(server, quickServer(at))
  const pool = [...commandOf(runtime), script, "-w", "2", "--no-control", ...args]
  const socket = notify ? join(folder, "notify.sock") : "none"
  return start(fixture("service-manager.ts"), {
    runtime: "bun",
    args: [String(port), socket, ...pool, server],
    env: { XDG_RUNTIME_DIR: folder, TMPDIR: folder },
  })
}

const quickServer = (port: number): string =>
  `require("node:http").createServer((request, response) => {
  setTimeout(() => response.end("worker " + process.env.KAMISAMA_ID), 20 * Math.random())
}).listen(${port}, () => console.log("listening"))`

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent: false }, (response) => {
      let body = ""
      response.on("data", (part: Buffer) => (body += part.toString()))
      response.on("end", () => resolve(body))
    }).on("error", reject)
  })
}

async function stopped(manager: Program): Promise<void> {
  manager.signal("SIGTERM")
  expect((await manager.untilExit()).code).toBe(0)
  expect(manager.stdout).toContain("exited with 0")
}

/** Those that can use a passed socket. */
const activated = runtimes.filter((runtime) => runtime !== "bun")

test.for(activated)("a worker takes the socket that was passed: %s", async (runtime, { start }) => {
  const port = await freePort()
  const manager = manage(start, runtime, port)
  await manager.untilPrinted("listening", 2)
  expect(await ask(port)).toMatch(/^worker [12]$/)
  await stopped(manager)
  expect(manager.stderr).toBe("")
})

test("Bun, which would open another one, refuses it in one line", async ({ start }) => {
  const manager = manage(start, "bun", await freePort())
  await manager.until("the refusal", () => manager.stderr.includes("\n"))
  expect(manager.stderr).toBe(
    "kamisama: Bun cannot listen on sockets that were passed to it (LISTEN_FDS=1): it would open others. Remove the .socket unit, or run on Node or Deno.\n",
  )
  manager.signal("SIGTERM")
  await manager.untilExit()
})

test("a socket that nobody listens on is told of", async ({ start }) => {
  const port = await freePort()
  const manager = manage(start, "node24", port, { at: await freePort() })
  await manager.until("the warning", () => manager.stderr.includes("\n"))
  expect(manager.stderr).toBe(
    `[kamisama] warn: nobody listens on the passed socket http (descriptor 3, 127.0.0.1:${port}), so its clients wait\n`,
  )
  await stopped(manager)
})

describe.for(["round-robin", "os"] as const)("under scheduling %s", (scheduling) => {
  test("no request is lost over restarts", async ({ start }) => {
    const port = await freePort()
    const manager = manage(start, "node24", port, { args: ["--scheduling", scheduling] })
    await manager.untilPrinted("listening", 2)
    const loads = [
      startLoad({ port, clients: 8, keepAlive: false, pauseMs: 5 }),
      startLoad({ port, clients: 4, keepAlive: true, pauseMs: 10 }),
    ]
    for (let restarts = 1; restarts <= 5; restarts += 1) {
      manager.signal("SIGUSR2")
      await manager.untilPrinted("listening", 2 + 2 * restarts)
    }
    const reports = await Promise.all(loads.map((load) => load.end()))
    for (const { lost, refused, reset, answered } of reports) {
      expect({ lost, refused, reset }).toEqual({ lost: [], refused: 0, reset: 0 })
      expect(answered).toBeGreaterThan(50)
    }
    await stopped(manager)
  })
})

test.for(runtimes)("a service manager is told what happens: %s", async (runtime, { start }) => {
  const port = await freePort()
  const args = ["--signal", "HUP=reload"]
  const passed = runtime === "bun" ? 0 : port
  const manager = manage(start, runtime, passed, { notify: true, args, at: port })
  const said = (what: string): Promise<unknown> =>
    manager.until(what, () =>
      manager.lines.some((line) => line.startsWith("said ") && line.includes(what)),
    )
  await said("READY=1")
  await said("STATUS=running: 2 of 2 ready")
  await said("WATCHDOG=1")
  const [primary = 0] = manager.workerPids()
  manager.signal("SIGHUP", primary)
  await said("RELOADING=1 MONOTONIC_USEC=")
  await manager.until("the end of the reload", () => {
    const lines = manager.lines.filter((line) => /READY=1|RELOADING=1/.test(line))
    return lines.length >= 3 && lines.at(-1)?.includes("READY=1")
  })
  await stopped(manager)
  const { lines } = manager
  expect(lines.filter((line) => line.includes("STOPPING=1"))).toHaveLength(1)
  const stopping = lines.findIndex((line) => line.includes("STOPPING=1"))
  expect(lines.slice(stopping).some((line) => line.includes("READY=1"))).toBe(false)
})
