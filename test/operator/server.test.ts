/** The control socket itself, with clients that mean no good. */
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { connect, createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { ask } from "../../src/operator/client.ts"
import { whyUnsafe, whyUnusable } from "../../src/operator/folder.ts"
import type { Answer } from "../../src/operator/operate.ts"
import type { Operation } from "../../src/operator/routes.ts"
import { listenAt, openControl, type OpenServer } from "../../src/operator/server.ts"

let folder = ""
let path = ""
const open: (OpenServer | Server | Socket)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-control-"))
  path = join(folder, "a.sock")
})

afterEach(() => {
  for (const one of open.splice(0)) {
    if ("destroy" in one) one.destroy()
    else one.close()
  }
  rmSync(folder, { recursive: true })
})

const ok: Answer = { type: "json", status: 200, body: { ok: true } }

async function serving(carryOut: (operation: Operation) => Promise<Answer>): Promise<void> {
  open.push(await openControl(path, carryOut))
}

/** Sends bytes. @returns all that was answered until the end of the connection. */
async function raw(...pieces: readonly string[]): Promise<string> {
  const socket = connect(path)
  open.push(socket)
  let answer = ""
  socket.on("data", (data) => (answer += String(data)))
  socket.on("error", () => undefined)
  for (const piece of pieces) socket.write(piece)
  await new Promise((resolve) => socket.on("close", resolve))
  return answer
}

describe("the control socket", () => {
  test("answers, for its user alone, until it is closed", async () => {
    await serving(() => Promise.resolve(ok))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await ask(path, "GET", "/status")).toEqual({ status: 200, body: { ok: true } })
    expect(await ask(path, "GET", "/nowhere")).toMatchObject({ status: 404, body: { ok: false } })
    const socket = open.pop() as OpenServer
    socket.close()
    expect(existsSync(path)).toBe(false)
  })

  test("says what failed, and goes on", async () => {
    await serving(() => Promise.reject(new Error("no")))
    expect(await ask(path, "GET", "/status")).toEqual({
      status: 500,
      body: { ok: false, reason: "Error: no" },
    })
  })

  test("takes the place of one that nobody listens on, and of no other", async () => {
    const other = createServer()
    open.push(other)
    await once(other.listen(path), "listening")
    await expect(openControl(path, () => Promise.resolve(ok))).rejects.toThrow(
      "another process already listens there",
    )
    // As after kill -9, the file stays.
    const kept = join(folder, "kept.sock")
    const dies = `require("node:net").createServer().listen(${JSON.stringify(kept)}, () => process.kill(process.pid, "SIGKILL"))`
    expect(spawnSync(process.execPath, ["-e", dies]).signal).toBe("SIGKILL")
    expect(existsSync(kept)).toBe(true)
    open.push(await openControl(kept, () => Promise.resolve(ok)))
    expect((await ask(kept, "GET", "/")).status).toBe(200)
  })

  test("does not touch a file that is no socket, and no path that is too long", async () => {
    writeFileSync(path, "mine")
    await expect(openControl(path, () => Promise.resolve(ok))).rejects.toThrow("no socket")
    const long = join(folder, "x".repeat(100))
    await expect(openControl(long, () => Promise.resolve(ok))).rejects.toThrow(
      /at most 100 bytes, and has \d+/,
    )
    const nowhere = join(folder, "no", "a.sock")
    await expect(openControl(nowhere, () => Promise.resolve(ok))).rejects.toThrow(
      /^there is no folder /,
    )
  })

  test("survives what is no HTTP, a body that is too large, and many at once", async () => {
    await serving(() => Promise.resolve(ok))
    expect(await raw("\0\x01\x02 nonsense\r\n\r\n")).toContain("400")
    expect(await raw("GET /status HTTP/1.1\r\n\r\n")).toContain("400")
    expect(await raw(`GET /${"x".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)).toContain("431")
    const body = "x".repeat(200_000)
    const large = await raw(
      `POST /stop HTTP/1.1\r\nhost: x\r\ncontent-length: ${10 * body.length}\r\n\r\n`,
      body,
    )
    expect(large).not.toContain("HTTP/1.1 500")
    for (let count = 0; count < 1_000; count += 1) {
      const socket = connect(path)
      socket.on("error", () => undefined)
      open.push(socket)
    }
    for (const socket of open.splice(1)) if ("destroy" in socket) socket.destroy()
    await expect
      .poll(() => ask(path, "GET", "/status").catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({ status: 200 })
  })

  test("serves at a port only what may be read there", async () => {
    const server = await listenAt({ port: 0, host: "127.0.0.1" }, ["metrics", "ready"], () =>
      Promise.resolve({ type: "metrics", families: [] }),
    )
    open.push(server)
    const statusOf = async (target: string, method = "GET"): Promise<number> =>
      (await fetch(`http://127.0.0.1:${server.port}${target}`, { method })).status
    expect(await statusOf("/metrics")).toBe(200)
    for (const path of ["/status", "/config", "/recording", "/events", "/livez"]) {
      expect(await statusOf(path), path).toBe(404)
    }
    for (const path of ["/stop", "/reload", "/scale?to=9", "/recycle?id=1"]) {
      expect(await statusOf(path, "POST"), path).toBe(404)
    }
    expect(await statusOf("/metrics", "POST")).toBe(405)
  })

  test("drops a client that asks more and more and reads nothing", async () => {
    let asked = 0
    await serving(() => {
      asked += 1
      return new Promise((resolve) => setTimeout(resolve, 50, ok))
    })
    const socket = connect(path)
    socket.on("error", () => undefined)
    open.push(socket)
    socket.write("GET /status HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000))
    await once(socket, "close")
    expect(asked).toBeLessThanOrEqual(4)
    expect((await ask(path, "GET", "/status")).status).toBe(200)
  })

  test("keeps a place for those who steer, however many follow", async () => {
    await serving((operation) =>
      Promise.resolve(
        operation.type === "events"
          ? { type: "lines", text: "", follow: () => () => undefined }
          : ok,
      ),
    )
    const answers = Array.from({ length: 30 }, async () => {
      const socket = connect(path)
      socket.on("error", () => undefined)
      open.push(socket)
      socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
      const [text] = (await once(socket, "data")) as [Buffer]
      return text.toString().slice(9, 12)
    })
    const statuses = await Promise.all(answers)
    expect(statuses.filter((status) => status === "200")).toHaveLength(24)
    expect(statuses.filter((status) => status === "503")).toHaveLength(6)
    expect((await ask(path, "GET", "/status")).status).toBe(200)
  })

  test("drops a follower that does not read", async () => {
    let send = (_line: string): void => undefined
    let hasEnded = false
    await serving(() =>
      Promise.resolve({
        type: "lines",
        text: "x".repeat(3_000_000),
        follow(given) {
          send = given
          return () => (hasEnded = true)
        },
      }),
    )
    const socket = connect(path)
    open.push(socket)
    socket.on("error", () => undefined)
    socket.write("GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
    await once(socket, "readable")
    const line = "x".repeat(10_000)
    await expect
      .poll(
        () => {
          for (let count = 0; count < 50; count += 1) send(line)
          return hasEnded
        },
        { timeout: 10_000 },
      )
      .toBe(true)
  })
})

describe("the folder of a socket", () => {
  test("is made for its user alone", () => {
    const made = join(folder, "made")
    expect(whyUnusable({ path: made, isOurs: true })).toBeUndefined()
    expect(statSync(made).mode & 0o777).toBe(0o700)
    const below = join(folder, "a/b")
    expect(whyUnusable({ path: below, isOurs: true })).toBe(`there is no ${join(folder, "a")}`)
  })

  test("is refused if others may write to it, or if it is a link or no folder", () => {
    const others = join(folder, "others")
    mkdirSync(others)
    chmodSync(others, 0o777)
    expect(whyUnsafe(others)).toBe("others may write to it")
    symlinkSync(folder, join(folder, "link"))
    expect(whyUnsafe(join(folder, "link"))).toBe("it is a link")
    writeFileSync(join(folder, "file"), "")
    expect(whyUnsafe(join(folder, "file"))).toBe("it is no folder")
    expect(whyUnsafe(join(folder, "missing"))).toBe("there is none")
  })
})
