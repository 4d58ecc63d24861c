/**
 * Replaces whole pools under load, again and again: `npm run soak:handovers -- --times 50 --requests 10000`. With upgrades, one
 * primary hands over to the next. With restarts, a service manager keeps the socket meanwhile. Somebody outside asks for metrics
 * and the state all the time, and between two upgrades workers are replaced, scaled and stopped. No request may be lost. The exit
 * code is 1 if one was, or if a process is left.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { ask } from "../src/operator/client.ts"
import { Random } from "../src/proof/simulate/random.ts"
import { startLoad } from "../test/real/harness/load.ts"
import { allProcesses, hasVariable } from "../test/real/harness/processes.ts"
import { commandOf } from "../test/real/harness/runtimes.ts"
import { soakPort } from "./port.ts"

const ways = ["upgrades", "restarts"] as const
const schedulings = ["round-robin", "os"] as const

type Way = (typeof ways)[number]
type Scheduling = (typeof schedulings)[number]

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "50" },
    requests: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
  },
})
const times = Number(values.times)
const requests = Number(values.requests)
const random = new Random(Number(values.seed))

/** How long one handover may take on a busy machine, in ms, and how long the processes of a pool may take to end. */
const longestMs = 60_000
const askEveryMs = 50

const command = fileURLToPath(new URL("../dist/cli.js", import.meta.url))
const manager = fileURLToPath(new URL("../test/real/fixtures/service-manager.ts", import.meta.url))

/** What may happen to a pool between two handovers. None of it may lose a request. */
const errands = ["/reload", "/recycle?id=1", "/recycle?id=2", "/scale?to=3", "/scale?to=2"]

const server = (port: number): string =>
  `require("node:http").createServer((request, response) => {
  setTimeout(() => response.end("hello"), 20 * Math.random())
}).listen(${port}, "127.0.0.1")`

/** A pool, whichever process is its primary. */
class Handover {
  readonly #folder = mkdtempSync(join(tmpdir(), "kamisama-handovers-"))
  readonly #control = join(this.#folder, "pool.sock")
  readonly #mark = `KAMISAMA_HANDOVERS=${process.pid}-${this.#folder}`
  readonly #way: Way
  readonly #child: ChildProcess
  #asked = 0

  constructor(way: Way, scheduling: Scheduling, port: number) {
    this.#way = way
    const script = join(this.#folder, "server.cjs")
    writeFileSync(script, server(port))
    const options = ["-w", "2", "--scheduling", scheduling, "--control", this.#control]
    const pool = [process.execPath, command, ...options, script]
    const [program = "", ...args] =
      way === "upgrades" ? pool : [...commandOf("bun"), manager, String(port), "none", ...pool]
    const [name = "", value] = this.#mark.split("=")
    const log = join(this.#folder, "log")
    this.#child = spawn("sh", ["-c", `exec "$@" >${log} 2>&1`, "sh", program, ...args], {
      env: { ...process.env, [name]: value },
      stdio: "ignore",
    })
  }

  /** How many times somebody outside was answered. */
  get asked(): number {
    return this.#asked
  }

  /** Waits until the pool serves. @returns the pid of its primary. */
  async serves(isOther: (pid: number) => boolean): Promise<number> {
    for (const until = performance.now() + longestMs; performance.now() < until;) {
      const state = await this.#state()
      if (state !== undefined && state.isReady && isOther(state.pid)) return state.pid
      await sleep(askEveryMs)
    }
    throw new Error(`the pool does not serve within ${longestMs} ms:\n${this.log}`)
  }

  /** Replaces the pool. @returns the pid of its new primary. */
  async next(pid: number): Promise<number> {
    if (this.#way === "restarts") this.#child.kill("SIGUSR2")
    else {
      const errand = errands[random.below(errands.length)] ?? "/reload"
      await this.#expect("POST", errand, [200, 409])
      if (random.below(2) === 0) await this.#stopWorker()
      await this.#expect("POST", "/upgrade", [200])
    }
    return await this.serves((other) => other !== pid)
  }

  /** Asks without a pause, until that promise is settled. */
  async lookOn(until: Promise<unknown>): Promise<void> {
    let isOver = false
    const settled = (): boolean => (isOver = true)
    until.then(settled, settled)
    while (!isOver) {
      for (const target of ["/metrics", "/status", "/readyz"]) {
        await ask(this.#control, "GET", target).then(
          () => (this.#asked += 1),
          () => undefined,
        )
      }
      await sleep(askEveryMs)
    }
  }

  /** Stops the pool, and waits until nothing of it is left. @returns what is left all the same. */
  async end(): Promise<number> {
    if (this.#way === "restarts") {
      this.#child.kill("SIGTERM")
      await once(this.#child, "exit")
    } else await this.#expect("POST", "/stop", [200])
    const until = performance.now() + longestMs
    while (this.#left().length > 0 && performance.now() < until) await sleep(askEveryMs)
    return this.clear()
  }

  /** Kills what is left of the pool. @returns how many processes those are. */
  clear(): number {
    const left = this.#left()
    for (const pid of left) signal(pid, "SIGKILL")
    rmSync(this.#folder, { recursive: true, force: true })
    return left.length
  }

  get log(): string {
    return readFileSync(join(this.#folder, "log"), "utf8").slice(-4_000)
  }

  #left(): readonly number[] {
    return allProcesses().flatMap(({ pid }) => (hasVariable(pid, this.#mark) ? pid : []))
  }

  async #state(): Promise<{ readonly pid: number; readonly isReady: boolean } | undefined> {
    try {
      const { body } = await ask(this.#control, "GET", "/status")
      const { pid, target, ready } = body as { pid: number; target: number; ready: number }
      return { pid, isReady: ready === target }
    } catch {
      return undefined
    }
  }

  async #stopWorker(): Promise<void> {
    const { body } = await ask(this.#control, "GET", "/status")
    const { workers } = body as { workers: readonly { readonly pid: number | null }[] }
    const pid = workers.find((worker) => worker.pid !== null)?.pid
    if (typeof pid === "number") signal(pid, "SIGTERM")
  }

  async #expect(method: "GET" | "POST", target: string, allowed: readonly number[]): Promise<void> {
    const { status, body } = await ask(this.#control, method, target)
    if (allowed.includes(status)) return
    throw new Error(`${method} ${target}: ${status} ${JSON.stringify(body)}\n${this.log}`)
  }
}

/** A process may have ended meanwhile. */
function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

async function handOver(way: Way, scheduling: Scheduling): Promise<number> {
  const port = await soakPort(1)
  const pool = new Handover(way, scheduling, port)
  // Even if this breaks, it leaves nothing behind.
  process.once("exit", () => pool.clear())
  let pid = await pool.serves(() => true)
  const loads = [
    startLoad({ port, clients: 8, keepAlive: false, pauseMs: 5 }),
    startLoad({ port, clients: 4, keepAlive: true, pauseMs: 10 }),
  ]
  const answered = (): number => loads.reduce((sum, { report }) => sum + report.answered, 0)
  async function replaceAll(): Promise<void> {
    for (let count = 0; count < times; count += 1) pid = await pool.next(pid)
    while (answered() < requests) await sleep(askEveryMs)
  }
  const replaced = replaceAll()
  await Promise.all([replaced, pool.lookOn(replaced)])
  const reports = await Promise.all(loads.map((load) => load.end()))
  const left = await pool.end()
  const lost = reports.flatMap((report) => report.lost)
  const refused = reports.reduce((sum, report) => sum + report.refused + report.reset, 0)
  const figures = `${lost.length + refused} of ${answered()} requests lost`
  const rest = `${pool.asked} answers outside, ${left} processes left`
  console.log(`${times} ${way}, ${scheduling}: ${figures}, ${rest}`)
  for (const how of lost) console.log(`  ${how}`)
  return lost.length + refused + left
}

let wrong = 0
for (const way of ways)
  for (const scheduling of schedulings) wrong += await handOver(way, scheduling)
process.exitCode = wrong === 0 ? 0 : 1
