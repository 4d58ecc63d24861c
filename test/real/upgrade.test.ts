/** A new primary takes over the sockets of the old one, or is refused with its reason. */
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe } from "vitest"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, type Program, type ProgramOptions, test } from "./harness/program.ts"
import { commandScript, type Runtime } from "./harness/runtimes.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-upgrade-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

type Start = (script: string, options?: ProgramOptions) => Program

function deploy(version: string, port: number, begin = ""): void {
  writeFileSync(
    join(folder, "server.cjs"),
    `${begin}
require("node:http").createServer((request, response) => {
  const answer = "${version} " + process.env.SHOP_COLOR + " " + process.env.KAMISAMA_ID
  setTimeout(() => response.end(answer), 10 * Math.random())
}).listen(${port}, () => console.log("${version} listens"))`,
  )
}

const env = (): { readonly [name: string]: string } => ({
  XDG_RUNTIME_DIR: folder,
  TMPDIR: folder,
})

function serve(start: Start, args: readonly string[] = [], runtime?: Runtime): Program {
  writeFileSync(join(folder, "variables"), "SHOP_COLOR=red")
  const all = ["-w", "2", "--env-file", "variables", "--title", "shop", ...args, "server.cjs"]
  const script = runtime === undefined ? command : commandScript(runtime)
  return start(script, { args: all, cwd: folder, env: env(), ...(runtime && { runtime }) })
}

/** Calls a verb. @returns its exit code and what it says. */
async function called(start: Start, ...args: readonly string[]): Promise<[number | null, string]> {
  const verb = start(command, { args, env: env() })
  const { code } = await verb.untilExit()
  return [code, (verb.stdout + verb.stderr).trim()]
}

function ask(port: number, path = "/"): Promise<string> {
  return new Promise((resolve) => {
    get({ port, path, host: "127.0.0.1", agent: false }, (response) => {
      let body = ""
      response.on("data", (part: Buffer) => (body += part.toString()))
      response.on("end", () => resolve(body))
    }).on("error", (error: NodeJS.ErrnoException) => resolve(`lost: ${error.code}`))
  })
}

describe.for(["round-robin", "os"] as const)("under scheduling %s", (scheduling) => {
  test("upgrades lose no request, and new variables count", async ({ start }) => {
    const [port, operators] = [await freePort(), await freePort()]
    deploy("v0", port)
    const args = ["--scheduling", scheduling, "--health", String(operators)]
    const pool = serve(start, args)
    await pool.untilPrinted("v0 listens", 2)
    await pool.until("the socket", () => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`))
    writeFileSync(join(folder, "variables"), "SHOP_COLOR=blue")
    const reader = start(command, { args: ["events", "--last", "0"], env: env() })
    const loads = [
      startLoad({ port, clients: 8, keepAlive: false, pauseMs: 5 }),
      startLoad({ port, clients: 4, keepAlive: true, pauseMs: 10 }),
    ]
    for (let version = 1; version <= 5; version += 1) {
      deploy(`v${version}`, port)
      const [code, text] = await called(start, "upgrade")
      expect([code, text]).toEqual([
        0,
        expect.stringMatching(/^upgraded shop \(pid \d+\), now pid \d+$/),
      ])
    }
    const reports = await Promise.all(loads.map((load) => load.end()))
    for (const { lost, refused, reset, answered } of reports) {
      expect({ lost, refused, reset }).toEqual({ lost: [], refused: 0, reset: 0 })
      expect(answered).toBeGreaterThan(50)
    }
    expect(await pool.untilExit()).toEqual({ code: 0, signal: null })
    expect(await ask(port)).toMatch(/^v5 blue [12]$/)
    // The new one has the ports for operators, too.
    expect(await called(start, "status")).toEqual([0, expect.stringMatching(/^shop {2}running/)])
    expect(await ask(operators, "/readyz")).toContain('"ok":true')
    expect(await called(start, "stop")).toEqual([0, expect.stringMatching(/^stopped shop/)])
    await pool.untilGone()
    expect(await ask(port)).toBe("lost: ECONNREFUSED")
    // Whoever follows what happens is led from one primary to the next.
    expect((await reader.untilExit()).code).toBe(0)
    const heard = reader.lines.filter((line) => line.includes("upgrade finished: pid"))
    expect(heard).toHaveLength(5)
    expect(reader.stdout).toMatch(/after an upgrade of pid \d+/)
    expect(reader.lines.at(-1)).toContain("stopped, exit code 0")
  })
})

describe.for(["round-robin", "os"] as const)(
  "at a unix socket, under scheduling %s",
  (scheduling) => {
    test("upgrades lose no request, and the file goes with the last pool", async ({ start }) => {
      const socketPath = join(folder, "app.sock")
      const control = join(folder, "control.sock")
      writeFileSync(
        join(folder, "server.cjs"),
        `require("node:http").createServer((_, response) => response.end("hello")).listen("${socketPath}", () => console.log("listening"))`,
      )
      const pool = serve(start, ["--scheduling", scheduling, "--control", control])
      await pool.untilPrinted("listening", 2)
      const answers = new Map<string, number>()
      let isOver = false
      const client = async (): Promise<void> => {
        while (!isOver) {
          const answer = await new Promise<string>((resolve) => {
            get({ socketPath, agent: false }, (response) => {
              response.resume().on("end", () => resolve("answered"))
            }).on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)))
          })
          answers.set(answer, (answers.get(answer) ?? 0) + 1)
        }
      }
      const clients = Promise.all(Array.from({ length: 4 }, client))
      for (let count = 0; count < 3; count += 1) {
        expect((await called(start, "upgrade", control))[0]).toBe(0)
      }
      isOver = true
      await clients
      expect([...answers.keys()]).toEqual(["answered"])
      expect(answers.get("answered")).toBeGreaterThan(50)
      expect((await called(start, "stop", control))[0]).toBe(0)
      await pool.untilGone()
      expect(existsSync(socketPath)).toBe(false)
    })
  },
)

describe.for(["round-robin", "os"] as const)("under scheduling %s", (scheduling) => {
  test("UDP and TCP on one port are upgraded, each for itself", async ({ start }) => {
    const port = await freePort()
    writeFileSync(
      join(folder, "server.cjs"),
      `require("node:http").createServer((_, response) => response.end("tcp")).listen(${port}, () => {
  const udp = require("node:dgram").createSocket("udp4")
  udp.on("message", (_, { port, address }) => udp.send("udp", port, address))
  udp.bind(${port}, () => console.log("listening"))
})`,
    )
    const control = join(folder, "control.sock")
    const pool = serve(start, ["--scheduling", scheduling, "--control", control])
    await pool.untilPrinted("listening", 2)
    for (let count = 0; count < 2; count += 1) {
      expect((await called(start, "upgrade", control))[0]).toBe(0)
      expect(await ask(port)).toBe("tcp")
      const client = createSocket("udp4")
      const answer = once(client, "message")
      client.send("hello", port, "127.0.0.1")
      expect(String((await answer)[0])).toBe("udp")
      client.close()
    }
    expect((await called(start, "stop", control))[0]).toBe(0)
    await pool.untilGone()
  })
})

test("a version that cannot start is refused with its reason, and the old one serves on", async ({
  start,
}) => {
  const port = await freePort()
  deploy("v0", port)
  const pool = serve(start)
  await pool.untilPrinted("v0 listens", 2)
  await pool.until("the socket", () => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`))
  deploy("v1", port, 'throw new Error("no database")')
  expect(await called(start, "upgrade")).toEqual([
    1,
    `kamisama: upgrade of shop (pid ${pool.pid}) failed: the new primary exited with code 1 before its workers were ready: Error: no database`,
  ])
  writeFileSync(join(folder, "kamisama.config.mjs"), "export default { workerz: 2 }")
  const [code, text] = await called(start, "upgrade")
  expect(code).toBe(1)
  expect(text).toContain(
    `exited with code 2 before its workers were ready: ${folder}/kamisama.config.mjs: unknown key "workerz"`,
  )
  expect(await ask(port)).toMatch(/^v0 red [12]$/)
  pool.signal("SIGTERM")
  expect(await pool.untilExit()).toEqual({ code: 0, signal: null })
  await pool.untilGone()
})

test("a signal upgrades, and a stop ends a new primary that still starts", async ({ start }) => {
  const port = await freePort()
  deploy("v0", port)
  const pool = serve(start, ["--signal", "USR2=upgrade", "--timeout", "1s"])
  await pool.untilPrinted("v0 listens", 2)
  deploy("v1", port, 'console.log("v1 hangs"); for (;;);')
  pool.signal("SIGUSR2")
  await pool.untilPrinted("v1 hangs")
  pool.signal("SIGTERM")
  expect(await pool.untilExit()).toEqual({ code: 0, signal: null })
  await pool.untilGone()
})

test("if the old primary is killed while the new one starts, that takes over", async ({
  start,
}) => {
  const port = await freePort()
  deploy("v0", port)
  const control = join(folder, "control.sock")
  const pool = serve(start, ["--signal", "USR2=upgrade", "--control", control])
  await pool.untilPrinted("v0 listens", 2)
  const gate = join(folder, "gate")
  deploy("v1", port, `console.log("v1 starts"); while (!require("node:fs").existsSync("${gate}"));`)
  pool.signal("SIGUSR2")
  await pool.untilPrinted("v1 starts", 2)
  pool.signal("SIGKILL")
  await pool.until("its end", () => pool.exit)
  writeFileSync(gate, "")
  await pool.untilPrinted("v1 listens", 2)
  expect(await ask(port)).toMatch(/^v1 red [12]$/)
  const [code, text] = await called(start, "stop", control)
  expect([code, text]).toEqual([0, expect.stringMatching(/^stopped shop/)])
  await pool.untilGone()
})

test.for(["deno", "bun"] as const)(
  "%s, which passes no sockets on, refuses it",
  async (runtime, { start }) => {
    const port = await freePort()
    deploy("v0", port)
    const pool = serve(start, [], runtime)
    await pool.untilPrinted("v0 listens", 2)
    await pool.until("the socket", () => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`))
    const name = runtime === "deno" ? "Deno" : "Bun"
    expect(await called(start, "upgrade")).toEqual([
      1,
      `kamisama: upgrade of shop (pid ${pool.pid}) failed: not possible: ${name} passes no sockets on`,
    ])
    pool.signal("SIGTERM")
    expect((await pool.untilExit()).code).toBe(0)
  },
)
