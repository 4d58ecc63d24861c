/**
 * What no client should send, to the control socket and to the port of a real pool, for KAMISAMA_TEST_FUZZ_SECONDS (10). The pool goes
 * on, says nothing, and keeps nothing open.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { ask } from "../../src/operator/client.ts"
import type { OperatorStatus } from "../../src/operator/status.ts"
import { freePort } from "../real/harness/ports.ts"
import { expect, test } from "../real/harness/program.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
const seconds = Number(process.env["KAMISAMA_TEST_FUZZ_SECONDS"] ?? 10)
const seed = Number(process.env["KAMISAMA_TEST_FUZZ_SEED"] ?? Date.now() % 2 ** 31)

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function drawsFrom(given: number): () => number {
  let state = given
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const draw = drawsFrom(seed)
const below = (most: number): number => Math.floor(draw() * most)
const oneOf = <One>(all: readonly One[]): One => all[below(all.length)] as One

/** Paths that change nothing: the pool must be the same afterwards. */
const paths = [
  "/",
  "/status",
  "/events",
  "/metrics",
  "/readyz",
  "/recording",
  "/scale?to=0",
  "/recycle?id=99",
  "/nowhere",
  "//",
  "/%00",
  "/status?a=b",
  "/../../etc/passwd",
  "*",
]
const methods = ["GET", "POST", "HEAD", "PUT", "TRACE", "CONNECT", "OPTIONS", "get", "", "\u0000"]

function nonsense(): Buffer {
  return Buffer.from(Array.from({ length: below(400) }, () => below(256)))
}

/** A request that is right in the main, with some bytes changed, missing or doubled. */
function damaged(): Buffer {
  const length = oneOf([0, 5, -1, 1e9, "x"])
  const headers = [
    "host: x",
    `content-length: ${length}`,
    "transfer-encoding: chunked",
    `x: ${"y".repeat(below(20_000))}`,
    "connection: upgrade",
    "upgrade: websocket",
    "expect: 100-continue",
    "accept: application/openmetrics-text",
  ].filter(() => draw() < 0.4)
  const line = `${oneOf(methods)} ${oneOf(paths)} HTTP/${oneOf(["1.1", "1.0", "2.0", "9", ""])}`
  const text = [line, ...headers, "", "z".repeat(below(200))].join(oneOf(["\r\n", "\r\n", "\n"]))
  const bytes = Buffer.from(text, "latin1")
  for (let count = below(4); count > 0; count -= 1) bytes[below(bytes.length)] = below(256)
  return draw() < 0.2 ? bytes.subarray(0, below(bytes.length)) : bytes
}

/** Says it in pieces, and leaves in one way or another. */
async function say(socket: Socket): Promise<void> {
  socket.on("error", () => undefined)
  if (draw() < 0.7) socket.resume()
  for (let count = 1 + below(3); count > 0; count -= 1) {
    socket.write(draw() < 0.5 ? nonsense() : damaged())
    if (draw() < 0.3) await sleep(below(20))
  }
  const leaves = oneOf(["ends", "resets", "waits"])
  if (leaves === "ends") socket.end()
  if (leaves === "resets" && socket.remotePort !== undefined) socket.resetAndDestroy()
  await sleep(below(50))
  socket.destroy()
}

test(
  `nothing that is sent to it ends or stalls a pool (seed ${seed})`,
  { timeout: (seconds + 60) * 1_000 },
  async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-fuzz-"))
    try {
      const [serving, metrics] = [await freePort(), await freePort()]
      writeFileSync(
        join(folder, "server.cjs"),
        `require("node:http").createServer((_, response) => response.end("hello")).listen(${serving}, () => console.log("listening"))`,
      )
      const path = join(folder, "own.sock")
      const args = ["-w", "1", "--control", path, "--metrics", String(metrics), "server.cjs"]
      const pool = start(command, { args, cwd: folder })
      await pool.untilPrinted("listening")
      await pool.until("the socket", () => existsSync(path))
      const open = (): number => readdirSync(`/proc/${pool.pid}/fd`).length
      await ask(path, "GET", "/status")
      const before = open()
      const until = performance.now() + 1_000 * seconds
      let said = 0
      const client = async (): Promise<void> => {
        for (; performance.now() < until; said += 1) {
          await say(draw() < 0.5 ? connect(path) : connect(metrics, "127.0.0.1"))
        }
      }
      await Promise.all(Array.from({ length: 20 }, client))
      expect(said).toBeGreaterThan(10 * seconds)
      await pool.until("the end of all connections", () => open() <= before + 1)
      const { status, body } = await ask(path, "GET", "/status")
      expect(status).toBe(200)
      expect(body as OperatorStatus).toMatchObject({ state: "running", target: 1, ready: 1 })
      expect(await (await fetch(`http://127.0.0.1:${serving}`)).text()).toBe("hello")
      expect(pool.stderr).toBe("")
      pool.signal("SIGTERM")
      expect((await pool.untilExit()).code).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
