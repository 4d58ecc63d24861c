/** A pool with a control socket: what a deploy, an operator and a broken client meet. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach } from "vitest"
import { ask, linesFrom } from "../../src/operator/client.ts"
import type { OperatorStatus } from "../../src/operator/status.ts"
import { freePort } from "./harness/ports.ts"
import { expect, type Program, type ProgramOptions, test } from "./harness/program.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
let folder = ""

type Start = (script: string, options?: ProgramOptions) => Program

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-control-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

const serving = (port: number): string =>
  `require("node:http").createServer((request, response) => {
  if (request.url === "/die") process.exit(3)
  if (request.url === "/throw") setTimeout(() => { throw new Error("nobody catches it") })
  if (request.url === "/catch") {
    process.on("uncaughtException", () => process.exit(3))
    throw new Error("the program catches it")
  }
  if (request.url === "/block") for (const until = Date.now() + 3000; Date.now() < until;);
  response.end("hello")
}).listen(${port}, () => console.log("listening"))`

/** A pool of two that listens. @returns it, and the path of its socket. */
async function served(
  start: Start,
  args: readonly string[] = [],
): Promise<{ readonly pool: Program; readonly socket: string; readonly port: number }> {
  const port = await freePort()
  writeFileSync(join(folder, "server.cjs"), serving(port))
  const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder }
  const pool = start(command, { args: ["-w", "2", ...args, "server.cjs"], cwd: folder, env })
  await pool.untilPrinted("listening", 2)
  const socket = `${folder}/kamisama/server-${pool.pid}.sock`
  await pool.until("the socket", () => existsSync(socket))
  return { pool, socket, port }
}

/** Calls a verb. @returns its exit code and what it says. */
async function called(start: Start, ...args: readonly string[]): Promise<[number | null, string]> {
  const verb = start(command, { args, env: { XDG_RUNTIME_DIR: folder, TMPDIR: folder } })
  const { code } = await verb.untilExit()
  return [code, (verb.stdout + verb.stderr).trim()]
}

async function ended(pool: Program): Promise<void> {
  pool.signal("SIGTERM")
  expect((await pool.untilExit()).code).toBe(0)
}

test("a broken version fails the reload with its reason, and the old one serves on", async ({
  start,
}) => {
  const { pool, port } = await served(start)
  writeFileSync(join(folder, "server.cjs"), "throw new Error('no database')")
  expect(await called(start, "reload")).toEqual([
    1,
    expect.stringMatching(
      /^kamisama: reload of server \(pid \d+\) failed: new worker 1 \(pid \d+\) exited with code 1 before it was ready\. All 2 workers run the old code\. Its error: Error: no database$/,
    ),
  ])
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("hello")
  const [code, status] = await called(start, "status")
  expect(code).toBe(0)
  expect(status).toContain("2 of 2 ready")
  await ended(pool)
})

test("a killed worker, why it was replaced, and what has happened", async ({ start }) => {
  const { pool, port, socket } = await served(start)
  await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined)
  await pool.untilPrinted("listening", 3)
  const [, why] = await called(start, "why")
  expect(why).toContain("exited with code 3")
  expect(why).toContain("restarts: 1 of 16 within 60 s")
  const { body } = await ask(socket, "GET", "/status")
  const failed = (body as OperatorStatus).workers.find(({ respawns }) => respawns === 1)
  expect(failed?.last?.text).toContain("exited with code 3")
  const [, ofWorker] = await called(start, "why", String(failed?.id))
  expect(ofWorker).toMatch(/worker \d \(pid \d+\): \w+ for .*, 1 restart\n/)
  expect(ofWorker).toContain("exited with code 3")
  await ended(pool)
})

test("an error that nothing caught is the reason of an exit, and one that the program caught is not", async ({
  start,
}) => {
  const { pool, port } = await served(start)
  await fetch(`http://127.0.0.1:${port}/throw`).catch(() => undefined)
  await pool.untilPrinted("listening", 3)
  expect((await called(start, "why"))[1]).toContain("exited with code 1: Error: nobody catches it")
  expect((await called(start, "status"))[1]).toContain("exited with code 1: Error: nobody")
  await fetch(`http://127.0.0.1:${port}/catch`).catch(() => undefined)
  await pool.untilPrinted("listening", 4)
  const [, why] = await called(start, "why")
  expect(why).toContain("exited with code 3")
  expect(why).not.toContain("the program catches it")
  await ended(pool)
})

test("the primary answers while every worker is busy", async ({ start }) => {
  const { pool, port, socket } = await served(start)
  const busy = [1, 2].map(() =>
    fetch(`http://127.0.0.1:${port}/block`, { headers: { connection: "close" } }),
  )
  for (const path of ["/livez", "/readyz", "/startupz", "/status", "/config"]) {
    expect((await ask(socket, "GET", path)).status, path).toBe(200)
  }
  await Promise.all(busy)
  await ended(pool)
})

test("a reader of events sees all of them until the end, and one that does not read harms nobody", async ({
  start,
}) => {
  const { pool, socket } = await served(start)
  const lazy = connect(socket)
  lazy.on("error", () => undefined)
  lazy.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
  const types: string[] = []
  const read = (async () => {
    for await (const line of linesFrom(socket, "/events?last=1000")) {
      types.push((JSON.parse(line) as { readonly type: string }).type)
    }
  })()
  await pool.until("the past", () => types.includes("start"))
  pool.signal("SIGTERM")
  expect((await pool.untilExit()).code).toBe(0)
  await read
  expect(types.slice(0, 2)).toEqual(["fork", "fork"])
  expect(types.at(-1)).toBe("done")
  lazy.destroy()
})

test("a reader of events who has seen enough ends it without a word", async ({ start }) => {
  const { pool } = await served(start)
  const through = ["sh", "-c", '"$@" | head -n 1', "sh"]
  const args = ["events", "--last", "1"]
  const reader = start(command, { args, through, env: { XDG_RUNTIME_DIR: folder, TMPDIR: folder } })
  await reader.until("a line", () => reader.stdout.includes("\n"))
  await ended(pool)
  expect((await reader.untilExit()).code).toBe(0)
  expect(reader.stderr).toBe("")
})

test("what is left of a killed primary is removed, and two pools of one name are told apart", async ({
  start,
}) => {
  const first = await served(start)
  first.pool.signal("SIGKILL")
  await first.pool.untilGone()
  expect(existsSync(first.socket)).toBe(true)
  const [second, third] = [await served(start), await served(start)]
  const [, list] = await called(start, "ps")
  const lines = list.split("\n").map((line) => line.split(/ {2,}/).slice(0, 2).join(" "))
  const pids = [second.pool.pid, third.pool.pid].sort((one, other) => one - other)
  expect(lines).toEqual(pids.map((pid) => `server pid ${pid}`))
  expect(readdirSync(`${folder}/kamisama`)).toHaveLength(2)
  expect(await called(start, "status", "server")).toEqual([
    2,
    expect.stringMatching(/^kamisama: say which pool, by name or pid: server \d+, server \d+$/),
  ])
  await Promise.all([ended(second.pool), ended(third.pool)])
})

test("a given path that is taken ends the start, and without control there is no socket", async ({
  start,
}) => {
  const path = join(folder, "own.sock")
  const port = await freePort()
  writeFileSync(join(folder, "server.cjs"), serving(port))
  const args = ["-w", "1", "--control", path, "server.cjs"]
  const pool = start(command, { args, cwd: folder })
  await pool.untilPrinted("listening")
  expect((await ask(path, "GET", "/")).status).toBe(200)
  const other = start(command, { args, cwd: folder })
  expect((await other.untilExit()).code).toBe(1)
  const line = `the control socket ${path} cannot be opened: pid ${pool.pid} already listens there`
  expect(other.stderr.split("\n")[0]).toBe(`[kamisama] error: ${line}`)
  expect(other.stdout).toBe("")
  expect(await called(start, "stop", path)).toEqual([0, expect.stringContaining("stopped")])
  await pool.untilExit()
  expect(existsSync(path)).toBe(false)

  const quiet = start(command, {
    args: ["--no-control", "server.cjs"],
    cwd: folder,
    env: { XDG_RUNTIME_DIR: folder, TMPDIR: folder },
  })
  await quiet.untilPrinted("listening")
  expect(await called(start, "ps")).toEqual([3, expect.stringContaining("no pool runs")])
  await ended(quiet)
})

test("metrics and health are served at a port, and one that is taken ends the start", async ({
  start,
}) => {
  const port = await freePort()
  writeFileSync(join(folder, "server.cjs"), serving(await freePort()))
  const args = [
    "-w",
    "1",
    "--no-control",
    "--metrics",
    String(port),
    "--health",
    `127.0.0.1:${port}`,
  ]
  const pool = start(command, { args: [...args, "server.cjs"], cwd: folder })
  await pool.untilPrinted("listening")
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).status
  await expect.poll(() => statusOf("/readyz")).toBe(200)
  expect(await statusOf("/metrics")).toBe(200)
  expect(await statusOf("/status")).toBe(404)
  const other = start(command, { args: [...args, "server.cjs"], cwd: folder })
  expect((await other.untilExit()).code).toBe(1)
  expect(other.stderr).toContain(
    `[kamisama] error: the port 127.0.0.1:${port} cannot be opened: listen EADDRINUSE`,
  )
  await ended(pool)
})
