/** What the verbs make of pools that end, hang or answer nothing while they are asked. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { readCalled } from "../../src/command/operate/arguments.ts"
import { operatingVerbs } from "../../src/command/operate/verbs.ts"
import { freePort } from "../real/harness/ports.ts"
import { Failure, UsageError } from "../../src/command/usage-error.ts"

let folder = ""
const closing: (() => void)[] = []
const said: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-verbs-"))
  mkdirSync(join(folder, "kamisama"), { mode: 0o700 })
  vi.stubEnv("RUNTIME_DIRECTORY", undefined)
  vi.stubEnv("XDG_RUNTIME_DIR", folder)
  vi.stubEnv("TMPDIR", folder)
  said.length = 0
  for (const method of ["log", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((text) => said.push(String(text)))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  for (const close of closing.splice(0)) close()
  rmSync(folder, { recursive: true })
})

type Respond = (request: IncomingMessage, response: ServerResponse) => void

/** Says who it is, and does anything else as it is told. */
function pool(name: string, pid: number, respond: Respond): Promise<void> {
  return listening(name, pid, (request, response) => {
    response.setHeader("content-type", "application/json")
    if (request.url !== "/") return respond(request, response)
    response.end(JSON.stringify({ kamisama: "1.0.0", api: 1, name, pid }))
  })
}

/** Never says a word. */
function hung(name: string, pid: number): Promise<void> {
  return listening(name, pid, () => undefined)
}

async function listening(name: string, pid: number, respond: Respond): Promise<void> {
  const server = createServer(respond)
  const path = join(folder, "kamisama", `${name}-${pid}.sock`)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
}

const ends: Respond = (request) => void request.socket.destroy()
const runs: Respond = (_, response) => {
  const respawns = { counted: 0, limit: 8, intervalMs: 60_000 }
  const state = { state: "running", ready: 2, target: 2, upMs: 5_000, respawns, next: null }
  response.end(JSON.stringify({ name: "shop", pid: 4100, ...state, workers: [], spares: [] }))
}

function called(verb: string, ...words: readonly string[]): Promise<number> | undefined {
  const { flags = {} } = operatingVerbs[verb] ?? {}
  return operatingVerbs[verb]?.run(readCalled(words, Object.keys(flags)))
}

describe("a pool that ends while it is asked", () => {
  test.each([["status"], ["why"], ["why", "2"], ["events"], ["health"], ["config"], ["recording"]])(
    "fails %s in one line that names it",
    async (verb, ...words) => {
      await pool("shop", 4100, ends)
      await expect(called(verb, ...words)).rejects.toThrow(
        new Failure("shop (pid 4100): the pool has ended before it answered"),
      )
    },
  )

  test("fails in the middle of an answer, too", async () => {
    await pool("shop", 4100, (request, response) => {
      response.setHeader("content-length", 1_000)
      response.write("{", () => request.socket.destroy())
    })
    await expect(called("status")).rejects.toThrow("the pool has ended before it answered")
  })

  test("is left out by ps", async () => {
    await pool("bank", 4000, ends)
    await pool("shop", 4100, runs)
    expect(await called("ps")).toBe(0)
    expect(said).toEqual(["shop  pid 4100  running, 2 of 2 ready, up 5 s"])
  })

  test("is no pool for ps if it was the only one", async () => {
    await pool("bank", 4000, ends)
    expect(await called("ps")).toBe(3)
  })
})

test("events of a pool that has readers enough fail in one line", async () => {
  await pool("shop", 4100, (_, response) => {
    response.statusCode = 503
    response.end("{}")
  })
  await expect(called("events")).rejects.toThrow(
    new Failure("shop (pid 4100): the pool answers with the status 503"),
  )
})

describe("a pool that does not answer", () => {
  test("fails the call, and is named", async () => {
    await hung("shop", 4100)
    const calls = [[], ["shop"], ["4100"], ["shop.mjs"]].map((words) =>
      expect(called("status", ...words)).rejects.toThrow(
        new Failure("shop (pid 4100) does not answer within 2 s: suspended, or busy"),
      ),
    )
    await Promise.all(calls)
  })

  test("is not what is meant by another name, and told of by ps", async () => {
    await hung("shop", 4100)
    const other = expect(called("status", "bank")).rejects.toThrow(
      new UsageError("no pool bank runs. There are: shop 4100"),
    )
    expect(await called("ps")).toBe(1)
    expect(said).toEqual([
      "kamisama: shop (pid 4100) does not answer within 2 s: suspended, or busy",
    ])
    await other
  })
})

describe("the name of a pool", () => {
  test.each(["shop", "shop.mjs", "shop.ts", "4100"])("may be %s", async (named) => {
    await pool("shop", 4100, runs)
    await pool("bank", 4000, runs)
    expect(await called("status", named)).toBe(0)
  })

  test("is not the path of a file: that stays", async () => {
    const script = join(folder, "shop.mjs")
    writeFileSync(script, "the script")
    const dead = join(folder, "other.sock")
    leaveSocket(dead)
    expect(await called("status", script)).toBe(3)
    expect(await called("status", dead)).toBe(3)
    expect([existsSync(script), existsSync(dead)]).toEqual([true, true])
  })

  test("a socket that a killed primary has left is removed, and nothing else", async () => {
    const [dead, file] = ["shop-1.sock", "shop-2.sock"].map((one) => join(folder, "kamisama", one))
    leaveSocket(dead ?? "")
    writeFileSync(file ?? "", "no socket")
    expect(await called("ps")).toBe(3)
    expect([existsSync(dead ?? ""), existsSync(file ?? "")]).toEqual([false, true])
  })
})

/** A process that listens there, and is killed. */
function leaveSocket(path: string): void {
  const listens = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`
  spawnSync(process.execPath, ["-e", listens])
  expect(existsSync(path)).toBe(true)
}

describe("health --port", () => {
  /** Answers everything like this. @returns its port. */
  function answering(status: number, type: string, body: string): Promise<number> {
    return serving((_, response) => {
      response.writeHead(status, { "content-type": type }).end(body)
    })
  }

  /** @returns its port. */
  async function serving(respond: Respond): Promise<number> {
    const server = createServer(respond)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    closing.push(() => {
      server.close()
      server.closeAllConnections()
    })
    return (server.address() as AddressInfo).port
  }

  test.each([
    [200, "2 of 2 workers ready", 0],
    [503, "the pool stops", 1],
  ])("asks the pool at a port: %i", async (status, reason, code) => {
    const body = JSON.stringify({ ok: code === 0, reason })
    const port = await answering(status, "application/json", body)
    expect(await called("health", `--port=${port}`)).toBe(code)
    expect(said).toEqual([reason])
  })

  test("is 3 if nobody listens there", async () => {
    const port = await freePort()
    expect(await called("health", `--port=${port}`)).toBe(3)
    expect(said).toEqual([`kamisama: nobody answers at port ${port} of 127.0.0.1`])
  })

  test.each([
    ["text/html", "<p>hello"],
    ["application/json", "<p>hello"],
    ["application/json", "[1]"],
  ])("fails if somebody else answers: %s %s", async (type, body) => {
    const port = await answering(200, type, body)
    await expect(called("health", `--port=${port}`)).rejects.toThrow(
      new Failure("what answers there is no pool with --health: /readyz has the status 200"),
    )
  })

  test.each([
    ["a body", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"],
    ["a body of a length", "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"],
    ["a head", "HTTP/1.1 200 OK\r\nx: "],
  ])("gives up after 5 s on a server that lets %s drip", async (_, beginning) => {
    const port = await serving(({ socket }) => {
      socket.write(beginning)
      const dripping = setInterval(() => socket.write(" "), 100)
      socket.on("close", () => clearInterval(dripping)).on("error", () => undefined)
    })
    const askedAt = performance.now()
    await expect(called("health", `--port=${port}`)).rejects.toThrow(
      new Failure(`port ${port}: the pool does not answer within 5 s`),
    )
    expect(performance.now() - askedAt).toBeGreaterThan(4_900)
  })

  test("reads an answer of 64 KiB, and nothing that is longer", async () => {
    const body = (length: number): string => JSON.stringify({ reason: "ready" }).padEnd(length)
    const fits = await answering(200, "application/json", body(65_536))
    expect(await called("health", `--port=${fits}`)).toBe(0)
    const exceeds = await answering(200, "application/json", body(65_537))
    await expect(called("health", `--port=${exceeds}`)).rejects.toThrow(
      new Failure(`port ${exceeds}: the answer is longer than 64 KiB`),
    )
  })

  test("ends the connection of a server that never stops sending", async () => {
    let isClosed = false
    const port = await serving((_, response) => {
      const sending = setInterval(() => response.write("x".repeat(10_000)), 1)
      response.on("close", () => {
        clearInterval(sending)
        isClosed = true
      })
    })
    await expect(called("health", `--port=${port}`)).rejects.toThrow("longer than 64 KiB")
    await vi.waitFor(() => expect(isClosed).toBe(true))
  })

  test.each(["--port=0", "--port=00000"])("refuses %s", async (flag) => {
    await expect(called("health", flag)).rejects.toThrow(
      new UsageError("health --port needs the port of --health, from 1 to 65535, got 0"),
    )
  })

  test("takes no pool beside it", async () => {
    await expect(called("health", "--port=9091", "shop")).rejects.toThrow(
      new UsageError("with --port, health takes no pool, got shop"),
    )
  })
})
