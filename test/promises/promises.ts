/**
 * The promises that hold on every runtime, each with its proof. The tests with real processes go into more detail. This file
 * has what can differ between runtimes.
 */
import { spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import {
  existsSync,
  readdirSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { type ClientRequest, get, request } from "node:http"
import { type ClientHttp2Session, connect } from "node:http2"
import { get as getSecurely } from "node:https"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { inject } from "vitest"
import { replay } from "../../src/core/index.ts"
import { maxRequestsOf } from "../../src/core/recycling-limits.ts"
import { articles } from "../platform/contract.ts"
import { builtFixture, libraryProgram, sourceProgram } from "../real/harness/built-fixtures.ts"
import { answerClose, follow, goingAway, hold, upgradeTo } from "../real/harness/held.ts"
import { startLoad } from "../real/harness/load.ts"
import { freePort, passingDescriptor, twoFreePorts } from "../real/harness/ports.ts"
import {
  expect,
  fixture,
  type PoolSettings,
  type Program,
  type ProgramOptions,
  stopsWith,
} from "../real/harness/program.ts"
import {
  detached,
  endLeft,
  signalWorkers,
  treeOf,
  untilLeft,
  untilStarted,
} from "../real/harness/tree.ts"
import { commandScript, programOf, type Runtime } from "../real/harness/runtimes.ts"

/** How the programs of one promise are started, all on the same runtime. */
export interface Starter {
  readonly runtime: Runtime
  start(fixture: string, options?: ProgramOptions): Program
  startPool(settings: PoolSettings, options?: ProgramOptions): Program
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"] as const

function printed(program: Program, beginning: string): string[] {
  return program.lines.filter((line) => line.startsWith(beginning))
}

/** The answer to a request, or the error instead of it. */
function ask(port: number, path = "/"): Promise<string> {
  return answered(get({ port, path, agent: false, host: "127.0.0.1" }))
}

/** Asks again and again until an answer contains a text. */
async function untilAnswer(answer: () => Promise<string>, text: string): Promise<void> {
  const until = performance.now() + 10_000
  let latest = ""
  while (!latest.includes(text)) {
    if (performance.now() > until) throw new Error(`no answer contains ${text}: ${latest}`)
    latest = await answer()
  }
}

/** The answer to a request, or "hung" if there is none in time. */
function askWithin(port: number, ms: number): Promise<string> {
  const asked = get({ port, agent: false, host: "127.0.0.1" })
  asked.setTimeout(ms, () => asked.destroy(new Error("hung")))
  return answered(asked)
}

/** The answer to a request that brings one byte after the other. */
function upload(port: number, bytes: number, pauseMs: number): Promise<string> {
  const headers = { "content-length": bytes }
  const sent = request({
    port,
    path: "/0",
    method: "POST",
    headers,
    agent: false,
    host: "127.0.0.1",
  })
  let left = bytes
  const timer = setInterval(() => {
    left -= 1
    if (left > 0) return sent.write("x")
    clearInterval(timer)
    return sent.end("x")
  }, pauseMs)
  return answered(sent).finally(() => clearInterval(timer))
}

function answered(sent: ClientRequest): Promise<string> {
  return new Promise((resolve) => {
    sent.on("response", (response) => {
      let text = ""
      response.on("data", (data: Buffer) => (text += data.toString()))
      response.on("end", () => resolve(text))
      response.on("error", ({ message }) => resolve(message))
    })
    sent.on("error", ({ message }) => resolve(message))
  })
}

/** The answer of a server of TLS. */
function askSecurely(port: number): Promise<string> {
  const options = { port, agent: false, host: "127.0.0.1", rejectUnauthorized: false }
  return answered(getSecurely(options))
}

/** A session of HTTP/2. */
function openSession(url: string): ClientHttp2Session {
  const session = connect(url, { rejectUnauthorized: false })
  session.on("error", () => undefined)
  return session
}

/** The answer to a request in a session of HTTP/2, which brings one byte after the other if there are some. */
function answerIn(session: ClientHttp2Session, bytes = 0, pauseMs = 0): Promise<string> {
  return new Promise((resolve) => {
    const method = bytes === 0 ? "GET" : "POST"
    const stream = session.request({ ":path": `/${bytes}`, ":method": method })
    let left = bytes
    const send = (): void => {
      left -= 1
      if (left === 0) return void stream.end("x")
      stream.write("x")
      setTimeout(send, pauseMs)
    }
    if (bytes > 0) send()
    let text = ""
    stream.on("data", (data: Buffer) => (text += data.toString()))
    stream.on("error", ({ message }) => resolve(message))
    stream.on("close", () => resolve(text))
  })
}

/** The answer to a request of HTTP/2, with a session of its own. */
function askHttp2(port: number): Promise<string> {
  const session = openSession(`https://127.0.0.1:${port}`)
  return answerIn(session).finally(() => session.close())
}

/** How many requests each worker has served when it was to be replaced for that, by slot. */
function servedRequests(program: Program): { readonly slot: number; readonly requests: number }[] {
  return program.log.flatMap((entry) =>
    entry.kind === "event" && entry.event.type === "worker-served-requests"
      ? { slot: entry.event.worker.slot, requests: entry.event.requests }
      : [],
  )
}

/** The fewest workers that were ready and not to stop, from when so many were on. */
function fewestReady({ log }: Program, workers: number): number {
  let ready = 0
  let fewest = Infinity
  for (const entry of log) {
    if (entry.kind === "event" && entry.event.type === "worker-became-ready") ready += 1
    if (entry.kind === "command" && entry.command.type === "announce-stop") break
    if (entry.kind === "command" && entry.command.type === "stop-worker") ready -= 1
    if (ready >= workers || fewest < Infinity) fewest = Math.min(fewest, ready)
  }
  return fewest
}

/** Stops six workers of a pool of three, each when all three serve. */
async function stopOneAfterAnother(program: Program): Promise<void> {
  for (let stopped = 1; stopped <= 6; stopped += 1) {
    const [pid = 0] = program.workerPids()
    program.signal("SIGTERM", pid)
    await program.untilPrinted("worker", 3 + stopped)
  }
}

/** How the server of test/real/fixtures/returned.ts is given to kamisama, or not. */
const answeredAtStop = [
  "beside a shutdown",
  "with a close of its own",
  "as a module",
  "not at all",
  "not at all, and closes itself",
  "not at all, and never lets it listen",
]

/** How the program of test/real/fixtures/own-signals.ts listens to SIGTERM, and how often it cleans up. */
const calledAtStop = {
  "closes its server late and exits": 2,
  "sends itself the signal": 2,
  "returns a promise": 2,
  "starts something": 2,
  "starts something by promises": 2,
  "listens at the top level": 0,
}

/** The libraries of test/libraries/programs/signals.js. */
const signalLibraries = [
  "terminus",
  "terminus that exits",
  "close-with-grace",
  "close-with-grace at the top level",
  "http-terminator",
  "stoppable",
  "nest with hooks",
  "nest with hooks that is returned",
  "signal-exit",
  "exit-hook",
]

/** Those of test/libraries/programs/returned.js that answer requests, and how they say that they were closed. */
const returnedByLibraries = {
  express: [],
  koa: [],
  fastify: ["cleaned"],
  nest: ["cleaned undefined"],
}

/** Those that take WebSockets, and where. */
const socketPaths = {
  ws: "/",
  "ws alone": "/",
  "socket.io": "/socket.io/?EIO=4&transport=websocket",
}

/** Kills every worker, and waits until none of them lives. */
async function endAll(program: Program, primary?: number): Promise<void> {
  const pids = program.workerPids(primary)
  for (const pid of pids) program.signal("SIGKILL", pid)
  const isDead = (pid: number): boolean => !program.workerPids(primary).includes(pid)
  await program.until("their end", () => pids.every(isDead))
}

async function orphansGo(starter: Starter, settings: PoolSettings, sign: string): Promise<Program> {
  const { options } = settings
  const program = starter.startPool({
    ...settings,
    options: { workers: 2, timeout: 1_000, log: "silent", ...options },
  })
  await program.untilPrinted(sign, sign === "ready" ? 1 : 2)
  program.signal("SIGKILL")
  await program.untilGone()
  return program
}

/** What the simulation printed on the first runtime that finished it. */
let simulated: readonly string[] | undefined

/** The promises, by their names in the table. */
export const promises: { readonly [name: string]: (starter: Starter) => Promise<void> } = {
  "the platform keeps its contract": async ({ runtime, start }) => {
    const script = "test/platform/contract-program.ts"
    const program = start(sourceProgram(inject("builtFixtures"), runtime, script))
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(program.lines).toEqual(Object.keys(articles).map((name) => `kept: ${name}`))
  },

  "10 000 simulated runs are the same on every runtime": async ({ runtime, start }) => {
    const script = "test/promises/simulation.ts"
    const program = start(sourceProgram(inject("builtFixtures"), runtime, script))
    expect(await program.untilExit(180_000)).toEqual({ code: 0, signal: null })
    expect(program.lines).toHaveLength(2)
    simulated ??= program.lines
    expect(program.lines).toEqual(simulated)
  },

  "a worker that dies is replaced": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await program.untilPrinted("run", 3)
    expect(program.stderr).toMatch(/was ended by SIGKILL, not by kamisama \(out of memory\?\)$/m)
    await stopsWith(program, 0)
  },

  "the pool gives up on a crash loop": async ({ startPool }) => {
    const options = { workers: 2, respawnLimit: 3, backoff: false }
    const program = startPool({ options, run: "crashes" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(2 + 3)
    expect(program.stderr).toContain("giving up: 4 restarts needed within 60 s (respawnLimit 3)")
  },

  "a start that cannot work ends the pool at once": async ({ startPool }) => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, resolve))
    const { port } = other.address() as AddressInfo
    const options = { workers: 2, startFailure: "exit" } as const
    const program = startPool({ options, run: "serves", port })
    expect(await program.untilExit()).toEqual({ code: 1, signal: null })
    other.close()
    expect(program.commands("announce-give-up")).toBe(1)
    expect(program.stderr).toMatch(/EADDRINUSE|in use/)
    expect(program.stderr).toMatch(/giving up: each of the first 2 workers failed to start/)
  },

  "each stop signal leads to one shutdown per worker": async ({ startPool }) => {
    for (const signal of stopSignals) {
      const program = startPool({ options: { workers: 2 } })
      await program.untilPrinted("ready")
      await stopsWith(program, 0, signal)
      const lines = printed(program, "shutdown").map((line) => line.replace(/ \d+ SIG/, " SIG"))
      expect(lines.sort()).toEqual([`shutdown 1 ${signal} stop`, `shutdown 2 ${signal} stop`])
    }
  },

  "a storm of signals leads to one shutdown per worker": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 }, shutdown: "slow" })
    await program.untilPrinted("ready")
    const workers = program.workerPids()
    for (let round = 0; round < 15 && program.exit === undefined; round += 1) {
      for (const signal of stopSignals) {
        for (const pid of [program.pid, -program.pid, ...workers]) {
          try {
            program.signal(signal, pid)
          } catch {
            // It has exited.
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(printed(program, "shutdown")).toHaveLength(2)
  },

  "a stop while workers boot is clean": async ({ startPool }) => {
    const program = startPool({ options: { workers: 3 } })
    await program.until("3 forks", () => program.commands("fork-worker") === 3)
    program.signalGroup("SIGINT")
    expect((await program.untilExit()).code).toBe(0)
    expect(printed(program, "shutdown").length).toBe(printed(program, "run").length)
  },

  "a stop while workers load their script is over at once": async ({ start }) => {
    const program = start(fixture("endless-boot.ts"))
    await program.untilPrinted("booting", 2)
    await stopsWith(program, 0)
    await program.untilGone()
    expect(program.commands("kill-worker")).toBe(2)
    expect(printed(program, "run")).toEqual([])
  },

  "a worker gets a stop signal that was blocked at its start": async ({ startPool }) => {
    const through = ["env", "--block-signal=TERM"]
    const program = startPool({ options: { workers: 1 } }, { through })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    program.signal("SIGTERM", pid)
    await program.untilPrinted("run", 2)
    expect(printed(program, "shutdown")).toHaveLength(1)
    await stopsWith(program, 0)
  },

  "SIGTTIN and SIGTTOU scale the pool": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const [oldest = ""] = printed(program, "run 1 ")
    program.signal("SIGTTIN")
    await program.untilPrinted("run 3")
    // A worker that is not ready yet would be the first to be stopped.
    await program.until("its ready", () => program.events("worker-became-ready") === 3)
    program.signal("SIGTTOU")
    const [line = ""] = await program.untilPrinted("shutdown")
    expect(line).toBe(`${oldest.replace("run", "shutdown")} SIGTERM scale-down`)
    await program.until("its exit", () => program.events("worker-exited") === 1)
    for (const pid of program.workerPids()) program.signal("SIGTTIN", pid)
    await stopsWith(program, 0)
    expect(program.commands("fork-worker")).toBe(3)
  },

  "a signal to one worker replaces it": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const [pid = 0] = program.workerPids()
    program.signal("SIGTERM", pid)
    await program.untilPrinted("run", 3)
    expect(printed(program, "shutdown")).toEqual([
      expect.stringMatching(new RegExp(`^shutdown \\d ${pid} SIGTERM direct-signal$`)),
    ])
    await stopsWith(program, 0)
  },

  "a worker that does not stop is killed": async ({ startPool }) => {
    for (const [run, shutdown] of [
      ["stay", "hangs"],
      ["stay", "spins"],
      ["busy", "print"],
      ["blocked", "print"],
    ] as const) {
      const program = startPool({ options: { workers: 2, timeout: 600 }, run, shutdown })
      await program.untilPrinted("ready")
      if (run !== "stay") await program.untilPrinted("busy", 2)
      await stopsWith(program, 1)
      expect(program.commands("kill-worker")).toBe(2)
    }
  },

  "a worker that disconnects and hangs is killed": async ({ startPool }) => {
    const options = { workers: 1, timeout: 600, respawnLimit: 1, backoff: false }
    const settings = { options, run: "hangs up", shutdown: "spins" }
    const program = startPool(settings, { breaksChannels: true })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.commands("fork-worker")).toBe(2)
    expect(program.stderr).toMatch(/ killed: did not stop within 600 ms \(timeout\)/)
  },

  "idle orphans shut down once": async (starter) => {
    const program = await orphansGo(starter, { shutdown: "slow" }, "ready")
    const lines = printed(program, "shutdown").map((line) => line.replace(/ \d+ SIG/, " SIG"))
    expect(lines.sort()).toEqual([
      "shutdown 1 SIGTERM primary-gone",
      "shutdown 2 SIGTERM primary-gone",
    ])
  },

  "orphans of a primary that hung shut down": async ({ start }) => {
    const program = start(fixture("unread-messages.ts"), {
      args: [String(await freePort()), "of the primary"],
    })
    await program.untilPrinted("shutdown", 2)
    await program.untilGone()
  },

  "the primary keeps nothing of dead workers": async ({ start }) => {
    const program = start(fixture("unread-messages.ts"), {
      args: [String(await freePort()), "of workers"],
    })
    // Thirty workers live and die before that.
    const find = () => program.lines.find((each) => each.startsWith("known"))
    const line = await program.until("the count of what is known", find, 120_000)
    expect(Number(line.split(" ")[1])).toBeLessThan(20)
    program.signal("SIGTERM")
    expect((await program.untilExit()).signal).toBeNull()
  },

  "orphans of an uncaught error shut down": async ({ startPool }) => {
    const options = { workers: 2, timeout: 1_000, log: "silent" }
    const program = startPool({ options, shutdown: "slow", primary: "throws" })
    expect((await program.untilExit()).code).toBe(1)
    await program.untilGone()
    expect(printed(program, "shutdown")).toHaveLength(2)
  },

  "busy orphans are killed": async (starter) => {
    await orphansGo(starter, { run: "busy" }, "busy")
  },

  "orphans in execSync are killed": async (starter) => {
    await orphansGo(starter, { run: "blocked" }, "busy")
  },

  "orphans that hang in shutdown are killed": async (starter) => {
    const program = await orphansGo(starter, { shutdown: "spins" }, "ready")
    expect(printed(program, "shutdown")).toHaveLength(2)
  },

  "the reaper is restarted": async ({ startPool }) => {
    const options = { workers: 1, timeout: 600, log: "silent" }
    const program = startPool({ options, run: "busy" })
    await program.untilPrinted("busy")
    const reaper = await program.until("the reaper", () => program.reaperPid())
    for (const signal of stopSignals) program.signal(signal, reaper)
    program.signal("SIGKILL", reaper)
    await program.until("another reaper", () => {
      const pid = program.reaperPid()
      return pid !== undefined && pid !== reaper
    })
    program.signal("SIGKILL")
    await program.untilGone()
  },

  "waitForWorkers: false leaves no worker behind": async ({ startPool }) => {
    const options = { workers: 2, waitForWorkers: false, timeout: 600, log: "silent" }
    const program = startPool({ options, shutdown: "spins" })
    await program.untilPrinted("ready")
    await stopsWith(program, 0)
    await program.untilGone()
    expect(printed(program, "shutdown")).toHaveLength(2)
  },

  "what a worker has started ends after it, and detached processes do not": async ({ start }) => {
    for (const [settings, end] of [
      [{}, (program: Program) => signalWorkers(program, "SIGKILL")],
      [{ ends: "exits" }, (program: Program) => signalWorkers(program, "SIGWINCH")],
      [
        { ends: "spins", options: { heartbeatTimeout: 1_500 } },
        (program: Program) => signalWorkers(program, "SIGWINCH"),
      ],
      [{}, (program: Program) => program.signal("SIGTERM")],
    ] as const) {
      const program = treeOf(start, settings)
      await untilStarted(program)
      end(program)
      await program.untilExit()
      await untilLeft(program, [detached])
      endLeft(program)
      await program.untilGone()
    }
  },

  "nothing that workers have started is left of a killed primary": async ({ start }) => {
    for (const ends of [undefined, "spins", "waits"] as const) {
      const program = treeOf(start, { ...(ends && { ends }), options: { timeout: 1_000 } })
      await untilStarted(program)
      if (ends !== undefined) signalWorkers(program, "SIGWINCH")
      program.signal("SIGKILL")
      await untilLeft(program, [detached])
      endLeft(program)
      await program.untilGone()
    }
  },

  "lists of processes show the part of each process": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2, title: "app" } })
    await program.untilPrinted("ready")
    const parts = program
      .processes()
      .map(({ command }) => /^kamisama: app \[.*?\]/.exec(command)?.[0])
    await stopsWith(program, 0)
    const names = ["primary", "reaper", "worker 1", "worker 2"]
    expect(parts.toSorted()).toEqual(names.map((name) => `kamisama: app [${name}]`))
  },

  "workers share a port": async ({ startPool }) => {
    const port = await freePort()
    const program = startPool({ options: { workers: 2 }, run: "serves", port, shutdown: "default" })
    await program.untilPrinted("ready")
    const workers = program.workerPids().map(String)
    const answered = new Set<string>()
    await program.until("an answer of each", () => {
      if (answered.size < workers.length) void ask(port).then((pid) => answered.add(pid))
      return workers.every((pid) => answered.has(pid))
    })
    expect([...answered].sort()).toEqual(workers.sort())
    await stopsWith(program, 0)
  },

  "a worker has a port of its own, and its replacement takes it over": async ({ startPool }) => {
    const port = await twoFreePorts()
    const options = { workers: 2, signals: { SIGHUP: "reload" } }
    const run = "serves its own port"
    const program = startPool({ options, run, port, shutdown: "default" })
    await program.untilPrinted("ready")
    const both = (): Promise<string[]> => Promise.all([ask(port), ask(port + 1)])
    const before = await both()
    program.signal("SIGHUP")
    await program.until("2 replacements", () => program.events("worker-exited") === 2)
    const after = await both()
    await stopsWith(program, 0)
    for (const answers of [before, after]) {
      expect(answers).toEqual([1, 2].map((id) => expect.stringContaining(`worker ${id} `)))
    }
    expect(after).not.toEqual(before)
    expect(program.commands("fork-worker")).toBe(4)
  },

  "workers share port 0": async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 }, run: "serves anywhere" })
    const [one, other] = await program.untilPrinted("port", 2)
    await stopsWith(program, 0)
    expect(one).toBe(other)
  },

  "workers share a unix socket": async ({ startPool }) => {
    const options = { workers: 2, respawnLimit: 0 }
    const socket = join(tmpdir(), `kamisama-${randomUUID()}.sock`)
    const env = { TEST_SOCKET: socket }
    const program = startPool({ options, run: "serves a socket", shutdown: "default" }, { env })
    await program.until("both or an end", () => program.lines.at(-1) === "ready" || program.exit)
    rmSync(socket, { force: true })
    expect(program.exit).toBeUndefined()
    await stopsWith(program, 0)
  },

  "connections wait for the next worker": async ({ startPool }) => {
    const port = await freePort()
    const options = { workers: 2, backoff: false }
    const program = startPool({ options, run: "serves", port, shutdown: "default" })
    await program.untilPrinted("ready")
    const answers: string[] = []
    for (let death = 1; death <= 3; death += 1) {
      await endAll(program)
      answers.push(...(await Promise.all(Array.from({ length: 8 }, () => ask(port)))))
      await program.untilPrinted("run", 2 * death + 2)
    }
    await stopsWith(program, 0)
    for (const answer of answers) expect(answer).toMatch(/^\d+$/)
  },

  "the next worker gets the same port 0": async ({ startPool }) => {
    const options = { workers: 1, backoff: false }
    const program = startPool({ options, run: "serves anywhere" })
    const [first] = await program.untilPrinted("port")
    await endAll(program)
    const [, next] = await program.untilPrinted("port", 2)
    await stopsWith(program, 0)
    expect(next).toBe(first)
  },

  "connections before a worker that hangs are answered by another": async ({ start }) => {
    const port = await freePort()
    const options = { workers: 2, heartbeatTimeout: 500, backoff: false, log: "silent" }
    const args = [JSON.stringify({ options, listen: { port } })]
    const program = start(fixture("ports.ts"), { args })
    await program.untilPrinted("all ready")
    const answers: string[] = []
    for (let round = 1; round <= 3; round += 1) {
      const hanging = ask(port, "/hang")
      await program.untilPrinted("hangs", round)
      answers.push(...(await Promise.all(Array.from({ length: 8 }, () => ask(port)))))
      await hanging
      await program.untilPrinted("ready", 2 + round)
    }
    await stopsWith(program, 0)
    for (const answer of answers) expect(answer).toMatch(/^\d+$/)
  },

  "a passed descriptor stays open": async ({ start }) => {
    const port = await freePort()
    const options = { workers: 1, backoff: false, log: "silent" }
    const args = [JSON.stringify({ options, listen: { fd: 3 } })]
    const program = start(fixture("ports.ts"), { args, through: passingDescriptor(port) })
    await program.untilPrinted("all ready")
    const [primary] = program.workerPids()
    const answers: string[] = []
    for (let death = 1; death <= 2; death += 1) {
      await endAll(program, primary)
      answers.push(await askWithin(port, 5_000))
      await program.untilPrinted("ready", 1 + death)
    }
    await stopsWith(program, 0)
    for (const answer of answers) expect(answer).toMatch(/^\d+$/)
  },

  "a unix socket that nobody listens on is no obstacle": async ({ startPool }) => {
    const options = { workers: 1, respawnLimit: 0 }
    const socket = join(tmpdir(), `kamisama-${randomUUID()}.sock`)
    const listens = `require("net").createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 9))`
    spawnSync(process.execPath, ["-e", listens], { timeout: 20_000 })
    expect(existsSync(socket)).toBe(true)
    const settings = { options, run: "serves a socket", shutdown: "default" }
    const program = startPool(settings, { env: { TEST_SOCKET: socket } })
    await program.until("ready or an end", () => program.lines.at(-1) === "ready" || program.exit)
    const isOpen = program.exit === undefined
    if (isOpen) await stopsWith(program, 0)
    rmSync(socket, { force: true })
    expect(isOpen).toBe(true)
  },

  "a stop loses no request": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("server.ts"), { args: ["default", String(port)] })
    await program.untilPrinted("ready")
    const load = startLoad({ port, clients: 24, keepAlive: true, pauseMs: 10 })
    await program.until("requests", () => load.report.answered > 500)
    await stopsWith(program, 0)
    expect((await load.end()).lost).toEqual([])
    expect(program.commands("kill-worker")).toBe(0)
  },

  "stopping one worker after another loses no request": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("server.ts"), { args: ["default", String(port)] })
    await program.untilPrinted("ready")
    const loads = [
      startLoad({ port, clients: 12, keepAlive: false, pauseMs: 5 }),
      startLoad({ port, clients: 12, keepAlive: true, pauseMs: 10 }),
    ]
    await stopOneAfterAnother(program)
    const reports = await Promise.all(loads.map((load) => load.end()))
    await stopsWith(program, 0)
    for (const { answered, refused, lost } of reports) {
      expect({ refused, lost }).toEqual({ refused: 0, lost: [] })
      expect(answered).toBeGreaterThan(100)
    }
  },

  "stopping one worker after another loses no new connection": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("server.ts"), { args: ["default", String(port), "busy"] })
    await program.untilPrinted("ready")
    const load = startLoad({ port, clients: 24, keepAlive: false, pauseMs: 10 })
    await stopOneAfterAnother(program)
    const { answered: _, ...others } = await load.end()
    await stopsWith(program, 0)
    expect(others).toEqual({ refused: 0, reset: 0, lost: [] })
  },

  "requests to any server of a worker count for maxRequests": async ({ runtime, start }) => {
    const hasOwn = runtime === "deno" || runtime === "bun"
    const [http, https, http2, own] = [
      await freePort(),
      await freePort(),
      await freePort(),
      ...(hasOwn ? [await freePort()] : []),
    ]
    const ports = [http, https, http2, ...(own === undefined ? [] : [own])]
    const program = start(fixture("counted.ts"), { args: ["1", "120", ...ports.map(String)] })
    await program.untilPrinted("ready")
    const pid = `${program.workerPids()[0]}`
    const askEach = async (times: number): Promise<void> => {
      for (let time = 1; time <= times; time += 1) {
        const answers = [ask(http), askSecurely(https), askHttp2(http2)]
        if (own !== undefined) answers.push(ask(own))
        expect(new Set(await Promise.all(answers))).toEqual(new Set([pid]))
      }
    }
    await askEach(96 / ports.length)
    expect(program.events("worker-served-requests")).toBe(0)
    await askEach(24 / ports.length)
    await program.until("its report", () => program.events("worker-served-requests") === 1)
    await program.untilPrinted(`fork 1: the previous worker has served`)
    await program.until("its replacement", () => program.events("worker-exited") === 1)
    await stopsWith(program, 0)
    const [plan] = program.log.flatMap((entry) => (entry.kind === "plan" ? entry.plan : []))
    expect(servedRequests(program)).toEqual([{ slot: 1, requests: plan && maxRequestsOf(plan, 1) }])
  },

  "replacing workers after maxRequests loses no request": async ({ runtime, start }) => {
    const port = await freePort()
    const program = start(fixture("counted.ts"), { args: ["2", "200", String(port)] })
    await program.untilPrinted("ready")
    const loads = [true, false].map((keepAlive) =>
      startLoad({ port, clients: 4, keepAlive, pauseMs: 20 }),
    )
    await program.until("4 replacements", () => program.events("worker-exited") >= 4)
    const reports = await Promise.all(loads.map((load) => load.end()))
    await stopsWith(program, 0)
    for (const { answered, refused, reset, lost } of reports) {
      // On Bun, those are reset that a worker has not accepted when it closes its port: see the exceptions.
      expect({ refused, lost, reset: runtime === "bun" ? 0 : reset }).toEqual({
        refused: 0,
        lost: [],
        reset: 0,
      })
      expect(answered).toBeGreaterThan(200)
    }
    expect(fewestReady(program, 2)).toBe(2)
    for (const { requests } of servedRequests(program)) {
      expect(requests).toBeGreaterThan(160)
      expect(requests).toBeLessThanOrEqual(200)
    }
  },

  "a reload loses no request": async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-reload-"))
    const file = join(folder, "version")
    writeFileSync(file, "old")
    const port = await freePort()
    const program = start(fixture("reloading.ts"), { args: ["default", String(port), file, "0"] })
    await program.untilPrinted("ready")
    const load = startLoad({ port, clients: 12, keepAlive: true, pauseMs: 20 })
    writeFileSync(file, "new")
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished")
    const { answered, refused, lost } = await load.end()
    expect(await ask(port)).toBe("new")
    writeFileSync(file, "throws")
    program.signal("SIGHUP")
    await program.untilPrinted("reload aborted")
    expect(await ask(port)).toBe("new")
    await stopsWith(program, 0)
    rmSync(folder, { recursive: true })
    expect({ refused, lost }).toEqual({ refused: 0, lost: [] })
    expect(answered).toBeGreaterThan(50)
  },

  "a reload of all workers at once loses no request": async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-reload-"))
    const file = join(folder, "version")
    writeFileSync(file, "old")
    const port = await freePort()
    const args = ["default", String(port), file, "0", "all"]
    const program = start(fixture("reloading.ts"), { args })
    await program.untilPrinted("ready")
    const load = startLoad({ port, clients: 12, keepAlive: true, pauseMs: 20 })
    writeFileSync(file, "new")
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished")
    const { refused, lost } = await load.end()
    expect(await ask(port)).toBe("new")
    writeFileSync(file, "throws")
    program.signal("SIGHUP")
    await program.untilPrinted("reload aborted")
    expect(await ask(port)).toBe("new")
    await program.until("the end of the broken ones", () => program.events("worker-exited") === 8)
    await stopsWith(program, 0)
    rmSync(folder, { recursive: true })
    expect({ refused, lost }).toEqual({ refused: 0, lost: [] })
    const commands = program.log.flatMap((entry) =>
      entry.kind === "command" ? [entry.command.type] : [],
    )
    const before = commands.slice(0, commands.indexOf("stop-worker"))
    expect(before.filter((type) => type === "fork-worker")).toHaveLength(8)
  },

  "a spare takes the place of a worker that is killed, and one of an old program never does":
    async ({ start }) => {
      const folder = mkdtempSync(join(tmpdir(), "kamisama-spares-"))
      const file = join(folder, "version")
      writeFileSync(file, "old")
      const port = await freePort()
      const program = start(fixture("spares.ts"), { args: [String(port), file, "1"] })
      const hellos = (count: number): Promise<unknown> =>
        program.until(`${count} × hello`, () => program.events("worker-said-hello") >= count)
      await hellos(3)
      const [first = 0, second = 0, spare = 0] = program.workerPids().toSorted((a, b) => a - b)
      expect(new Set([first, second, spare]).size).toBe(3)
      program.signal("SIGKILL", first)
      await program.until(
        "the spare as a worker",
        () => program.events("worker-became-ready") === 3,
      )
      expect(program.log).toContainEqual(
        expect.objectContaining({
          command: expect.objectContaining({
            type: "run-worker",
            worker: { slot: 1, incarnation: 3 },
            reason: expect.objectContaining({ rule: "respawn" }),
          }),
        }),
      )
      const answers = async (): Promise<readonly string[]> =>
        Promise.all(Array.from({ length: 20 }, () => ask(port)))
      const serving = [`old ${second}`, `old ${spare}`]
      for (const answer of await answers()) expect(serving).toContain(answer)
      await hellos(4)

      writeFileSync(file, "new")
      program.signal("SIGHUP")
      await program.until("the reload", () => program.commands("announce-reload") === 2)
      await hellos(7)
      const [newest = 0] = program.workerPids().toSorted((a, b) => b - a)
      for (const pid of program.workerPids()) if (pid !== newest) program.signal("SIGKILL", pid)
      await program.until("both again", () => program.events("worker-became-ready") === 7)
      const versions = (await answers()).map((answer) => answer.split(" ")[0])
      expect(new Set(versions)).toEqual(new Set(["new"]))
      await hellos(9)
      await stopsWith(program, 0)
      rmSync(folder, { recursive: true })
    },

  "a reload follows the link by which the program was started": async ({ runtime, start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-link-"))
    const built = builtFixture(inject("builtFixtures"), runtime, fixture("reloading.ts"))
    const link = join(folder, "current")
    const port = await freePort()
    for (const version of ["one", "two"]) {
      mkdirSync(join(folder, version))
      const file = join(folder, version, "version")
      writeFileSync(file, version)
      writeFileSync(
        join(folder, version, "program.mjs"),
        `process.argv[4] = ${JSON.stringify(file)}\nawait import(${JSON.stringify(built)})\n`,
      )
    }
    symlinkSync(join(folder, "one"), link)
    const config = runtime === "deno" ? [`--config=${join(dirname(built), "../deno.json")}`] : []
    const program = start(join(link, "program.mjs"), {
      args: ["default", String(port), "", "0"],
      execArgv: config,
    })
    await program.untilPrinted("ready")
    expect(await ask(port)).toBe("one")
    rmSync(link)
    symlinkSync(join(folder, "two"), link)
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished")
    expect(await ask(port)).toBe("two")
    await stopsWith(program, 0)
    rmSync(folder, { recursive: true })
  },

  "a program that is not in a file is refused": async ({ runtime }) => {
    const source = runtime === "deno" ? "src/index.ts" : "dist/index.js"
    const from = new URL(`../../${source}`, import.meta.url).href
    const code = `import("${from}").then(({ kamisama }) => kamisama(() => undefined))`
    const args = runtime === "deno" ? ["eval", code] : ["-e", code]
    const { status, stderr } = spawnSync(programOf(runtime), args, {
      encoding: "utf8",
      timeout: 20_000,
    })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(
        "kamisama: the entry script must be a file, because every worker runs it again. ",
      ),
    })
  },

  "an error about an option shows the line of the call": async ({ start }) => {
    const program = start(fixture("bad-options.ts"), { args: ["2"] })
    expect((await program.untilExit()).code).toBe(1)
    const lines = stripVTControlCharacters(program.stderr).split("\n")
    expect(lines.filter((line) => /^(\d+ \| )?kamisama\(options\);?$/.test(line))).toHaveLength(1)
    expect(program.stderr).toContain(`unknown option "worker". Did you mean "workers"?`)
    const frames = lines.filter((line) => /^ +at /.test(line))
    expect(frames[0]).toMatch(/bad-options\.[jt]s:\d+:\d+/)
  },

  "a stop answers a request in progress": async ({ start }) => {
    for (const path of answeredAtStop) {
      const port = await freePort()
      const program = start(fixture("returned.ts"), { args: [path, String(port)] })
      await program.untilPrinted("ready")
      const answer = ask(port)
      await program.untilPrinted("request")
      await stopsWith(program, 0)
      expect(await answer).toBe("answer")
      expect(program.stderr).toBe("")
    }
  },

  "the program's own listeners are called once, and have their time": async ({
    runtime,
    start,
  }) => {
    const ways = { ...calledAtStop, ...(runtime === "deno" ? { "listens by Deno": 0 } : {}) }
    for (const [way, cleaned] of Object.entries(ways)) {
      const port = await freePort()
      // Who waits for the timeout is too late.
      const options = JSON.stringify({ timeout: 120_000 })
      const program = start(fixture("own-signals.ts"), { args: [way, String(port), options] })
      await program.untilPrinted("ready")
      const answers = Promise.all([ask(port), ask(port)])
      await program.untilPrinted("request", 2)
      for (const pid of [program.pid, -program.pid]) program.signal("SIGTERM", pid)
      expect(await program.untilExit(), way).toEqual({ code: 0, signal: null })
      expect(await answers, way).toEqual(["answer", "answer"])
      expect(printed(program, "heard"), way).toEqual(["heard SIGTERM", "heard SIGTERM"])
      expect(printed(program, "cleaned"), way).toHaveLength(cleaned)
      expect(program.stderr).not.toContain("its own listener")
    }
  },

  "libraries that listen to stop signals clean up once, and lose no request": async ({
    runtime,
    start,
  }) => {
    const script = libraryProgram(inject("builtFixtures"), runtime, "signals.js")
    for (const library of signalLibraries) {
      const port = await freePort()
      const program = start(script, { args: [library, String(port)] })
      await program.untilPrinted("ready")
      const answers = Promise.all([ask(port), ask(port)])
      await program.untilPrinted("request", 2)
      for (const pid of [program.pid, -program.pid]) program.signal("SIGTERM", pid)
      expect(await program.untilExit(), library).toEqual({ code: 0, signal: null })
      expect(await answers, library).toEqual(["answer", "answer"])
      expect(printed(program, "cleaned"), library).toEqual(["cleaned false", "cleaned false"])
      expect(program.stderr, library).toBe("")
    }
  },

  "what libraries return is drained and closed": async ({ runtime, start }) => {
    const script = libraryProgram(inject("builtFixtures"), runtime, "returned.js")
    for (const [library, cleaned] of Object.entries(returnedByLibraries)) {
      const port = await freePort()
      const program = start(script, { args: [library, String(port)] })
      await program.untilPrinted("ready")
      const answer = ask(port)
      await program.untilPrinted("request")
      await stopsWith(program, 0)
      expect(await answer, library).toBe("answer")
      expect(printed(program, "cleaned"), library).toEqual(cleaned)
      expect(program.stderr, library).toBe("")
    }
  },

  "WebSockets of libraries are told to go": async ({ runtime, start }) => {
    const script = libraryProgram(inject("builtFixtures"), runtime, "returned.js")
    for (const [library, path] of Object.entries(socketPaths)) {
      const port = await freePort()
      const program = start(script, { args: [library, String(port)] })
      await program.untilPrinted("ready")
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
      // The first message of socket.io, which is answered.
      socket.addEventListener("message", ({ data }) => {
        if (String(data).startsWith("0")) socket.send("40")
      })
      const closed = new Promise<number>((resolve) => {
        socket.addEventListener("close", ({ code }) => resolve(code))
      })
      await program.untilPrinted("connection")
      await stopsWith(program, 0)
      expect(await closed, library).not.toBe(1006)
      expect(printed(program, "cleaned"), library).toEqual(["cleaned"])
      expect(program.stderr, library).toBe("")
    }
  },

  "what clients keep open does not hold a stop": async ({ start }) => {
    const [http, tcp] = [await freePort(), await freePort()]
    const program = start(fixture("held.ts"), { args: [String(http), String(tcp)] })
    await program.untilPrinted("ready")
    const socket = hold(http, upgradeTo("websocket"), answerClose)
    const stream = follow(http, "/events")
    // On Bun, the kernel keeps a connection on which nothing was sent to itself.
    const silent = [hold(http, "GET / HT"), hold(tcp, "echo")]
    await program.untilPrinted("request /events")
    await program.untilPrinted("upgrade websocket")
    await stopsWith(program, 0)
    expect((await socket).bytes.slice(-6, -2)).toEqual([...goingAway])
    expect(await stream).toBe("ended")
    await Promise.all(silent)
    expect(program.stderr).toMatch(
      /^.* warn: worker 1 .* after the stop \(closeTimeout\): 1 connection\n$/,
    )
  },

  "pipelined requests are answered at a stop": async ({ start }) => {
    const [http, tcp] = [await freePort(), await freePort()]
    const program = start(fixture("held.ts"), { args: [String(http), String(tcp)] })
    await program.untilPrinted("ready")
    const paths = [1, 2, 3, 4, 5]
    const request = (path: number): string => `GET /${path} HTTP/1.1\r\nHost: here\r\n\r\n`
    const held = hold(http, paths.map(request).join(""))
    await program.untilPrinted("request /5")
    await stopsWith(program, 0)
    expect((await held).text.match(/answer \/\d/g)).toEqual(paths.map((path) => `answer /${path}`))
  },

  "a stop answers slow requests and uploads": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("slow-requests.ts"), { args: [String(port)] })
    await program.untilPrinted("ready")
    const answers = [ask(port, "/800"), ask(port, "/2400"), upload(port, 8, 300)]
    await program.untilPrinted("request", 3)
    await stopsWith(program, 0)
    expect(await Promise.all(answers)).toEqual(["got 0", "got 0", "got 8"])
  },

  "HTTP/2 streams in flight are answered at a stop": async ({ start }) => {
    const [secure, plain] = [await freePort(), await freePort()]
    const program = start(fixture("streams.ts"), { args: [String(secure), String(plain)] })
    await program.untilPrinted("ready")
    const urls = [`https://127.0.0.1:${secure}`, `http://127.0.0.1:${plain}`]
    const answers = urls.map(openSession).flatMap((session) => {
      return [answerIn(session), answerIn(session), answerIn(session, 6, 250)]
    })
    await program.untilPrinted("request", answers.length)
    await stopsWith(program, 0)
    const expected = ["got 0", "got 0", "got 6"]
    expect(await Promise.all(answers)).toEqual([...expected, ...expected])
    expect(program.stderr).toBe("")
  },

  "a worker that opens its servers gets its messages": async ({ start }) => {
    const ports = [await freePort(), await freePort()]
    const program = start(fixture("two-servers.ts"), { args: ports.map(String) })
    await program.untilPrinted("ready")
    expect(await program.untilPrinted("only")).toEqual(["only 1"])
    for (const port of ports) expect(await ask(port)).toBe(`answer at ${port}`)
    await stopsWith(program, 0)
  },

  "a worker says that its stop resets connections": async ({ runtime, start }) => {
    const program = start(fixture("reuse-port.ts"), { args: [String(await freePort())] })
    await program.untilPrinted("ready")
    await stopsWith(program, 0)
    const isTold = runtime !== "node20" && runtime !== "bun"
    expect(program.stderr.split("\n")).toEqual([
      ...(isTold
        ? [expect.stringMatching(/warn: worker 1: a server listens with reusePort, so/)]
        : []),
      "",
    ])
  },

  "a worker that reads stdin says that it is empty": async ({ start }) => {
    const line = "[kamisama] warn: worker 1: stdin is empty in workers, so"
    for (const way of ["end", "lines", "opened"]) {
      const program = start(fixture("stdin.ts"), { args: [way] })
      await program.untilPrinted("ended", 2)
      await stopsWith(program, 0)
      const isRead = way !== "opened"
      const lines = program.stderr.split("\n")
      expect(lines).toEqual([...(isRead ? [expect.stringContaining(line)] : []), ""])
    }
    const program = start(fixture("stdin.ts"), { args: ["exits"] })
    await program.until("4 exits", () => program.events("worker-exited") >= 4)
    await stopsWith(program, 0)
    expect(program.stderr.split(line)).toHaveLength(2)
  },

  "the command runs a script that knows nothing of it": async ({ runtime, start }) => {
    for (const script of ["unaware.cjs", "unaware.mjs"]) {
      const port = await freePort()
      const args = [
        "--workers",
        "2",
        "--log",
        "info",
        fixture(script),
        String(port),
        "--workers",
        "9",
      ]
      const program = start(commandScript(runtime), { args })
      await program.untilPrinted("listening", 2)
      const [line = ""] = printed(program, "script")
      // On Deno, the command starts the script, and Node 20 does not say which module is the main one.
      const isMain =
        runtime === "deno"
          ? false
          : script === "unaware.mjs" && runtime === "node20"
            ? "unknown"
            : true
      expect(JSON.parse(line.slice("script ".length))).toEqual({
        rest: ["--workers", "9"],
        isMain,
        flags: [],
      })
      const answer = ask(port)
      await program.untilPrinted("request")
      await stopsWith(program, 0)
      expect(await answer).toBe("answer")
      await program.untilGone()
    }
  },

  "a configuration gives a script metrics of its own": async ({ runtime, start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-run-"))
    try {
      const [port, operators] = [await freePort(), await freePort()]
      const config = join(folder, "kamisama.config.mjs")
      writeFileSync(
        config,
        `export default {
          workers: 2,
          metrics: { port: ${operators} },
          async beforeRun(id, context) {
            await 0
            console.log("before", id)
            context.metrics(() => "# TYPE script_id gauge\\nscript_id " + id + "\\n")
          },
        }`,
      )
      const args = ["--config", config, fixture("unaware.cjs"), String(port)]
      const program = start(commandScript(runtime), { args })
      await program.untilPrinted("listening", 2)
      expect(program.lines.filter((line) => line.startsWith("before")).sort()).toEqual([
        "before 1",
        "before 2",
      ])
      expect(await ask(operators, "/metrics")).toContain("script_id 3\n")
      const ofEach = await ask(operators, "/metrics?by=worker")
      for (const id of [1, 2]) expect(ofEach).toContain(`script_id{worker="${id}"} ${id}\n`)
      await stopsWith(program, 0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },

  "the metrics of workers are those of one program": async ({ start }) => {
    const [port, operators] = [await freePort(), await freePort()]
    const program = start(fixture("observed.ts"), { args: [`${port}`, `${operators}`, "0"] })
    await program.untilPrinted("ready")
    const metrics = async (): Promise<string> => ask(operators, "/metrics")
    expect(await metrics()).toContain("app_workers 2\n")
    for (let count = 0; count < 8; count += 1) await ask(port)
    await ask(port, "/missing")
    const before = await metrics()
    expect(before).toContain('app_served_total{what="page"} 9\n')
    const served = (method: string, status: string): string =>
      `http_server_request_duration_seconds_count{http_request_method="${method}",http_response_status_class="${status}"}`
    expect(before).toContain(`${served("GET", "2xx")} 8\n`)
    expect(before).toContain(`${served("GET", "4xx")} 1\n`)
    expect(before).toContain("http_server_active_requests 0\n")
    // What a worker had counted stays when it has died.
    await ask(port, "/die")
    await program.untilPrinted("worker", 3)
    const after = await metrics()
    expect(after).toContain('app_served_total{what="page"} 9\n')
    expect(after).toContain(`${served("GET", "2xx")} 8\n`)
    expect(after).toContain("app_workers 2\n")
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  },

  "a pool that is to stop serves on for its delay, and is not ready": async ({ start }) => {
    const [port, operators] = [await freePort(), await freePort()]
    const program = start(fixture("observed.ts"), { args: [`${port}`, `${operators}`, "1500"] })
    await program.untilPrinted("ready")
    const readiness = (): Promise<string> => ask(operators, "/readyz")
    expect(JSON.parse(await readiness())).toEqual({ ok: true, reason: "2 of 2 workers ready" })
    await ask(port, "/sick")
    await untilAnswer(readiness, '{"ok":false,"reason":"1 of 2 workers ready, 1 not healthy')
    // The kernel may give them to one worker.
    await untilAnswer(async () => {
      await ask(port, "/well")
      return readiness()
    }, '"ok":true')
    const load = startLoad({ port, clients: 2, keepAlive: false, pauseMs: 20 })
    const stoppedAt = performance.now()
    program.signal("SIGTERM")
    await program.untilPrinted("SIGTERM: serving on for 1.5 s (stopDelay), then stopping")
    for (const signal of ["SIGINT", "SIGTERM"] as const) program.signal(signal)
    expect(JSON.parse(await readiness())).toEqual({ ok: false, reason: "the pool is stopping" })
    expect(await ask(operators, "/livez")).toContain('"ok":true')
    expect(await ask(port)).toMatch(/^worker \d$/)
    const { lost, refused } = await load.end()
    expect([lost, refused]).toEqual([[], 0])
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(performance.now() - stoppedAt).toBeGreaterThan(1_490)
  },

  "a pool is observed and steered from outside": async ({ runtime, start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-run-"))
    try {
      const port = await freePort()
      const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder }
      const args = ["-w", "2", "--title", "shop", fixture("unaware.cjs"), String(port)]
      const pool = start(commandScript(runtime), { args, env })
      await pool.untilPrinted("listening", 2)
      const verb = async (...words: readonly string[]): Promise<unknown> => {
        const command = start(commandScript(runtime), { args: words, env })
        const { code } = await command.untilExit()
        return { code, says: (command.stdout + command.stderr).trim() }
      }
      await pool.until("the socket", () => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`))
      const name = `shop (pid ${pool.pid})`
      expect(await verb("ps")).toEqual({
        code: 0,
        says: expect.stringMatching(new RegExp(`^shop  pid ${pool.pid}  running, 2 of 2 ready`)),
      })
      expect(await verb("scale", "+1")).toEqual({ code: 0, says: `scaled ${name} to 3` })
      expect(await verb("recycle", "1", "shop")).toEqual({
        code: 0,
        says: `replaced worker 1 of ${name}`,
      })
      expect(await verb("status", String(pool.pid))).toEqual({
        code: 0,
        says: expect.stringMatching(
          /^shop {2}running · 3 of 3 ready .*\n {2}3 +\d+ {2}ready .* \d+ % .* 0 +\d+ /s,
        ),
      })
      expect(await verb("health")).toEqual({ code: 0, says: "3 of 3 workers ready" })
      expect(await verb("reload")).toEqual({ code: 0, says: `reloaded ${name}` })
      expect(await verb("status", "nobody")).toEqual({
        code: 2,
        says: `kamisama: no pool nobody runs. There are: shop ${pool.pid}`,
      })
      expect(await verb("stop")).toEqual({ code: 0, says: `stopped ${name}` })
      expect(await pool.untilExit()).toEqual({ code: 0, signal: null })
      expect(await verb("status")).toMatchObject({ code: 3 })
      expect(readdirSync(`${folder}/kamisama`)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  },

  "the command says in one line what it cannot run": async ({ runtime, start }) => {
    for (const [args, line] of [
      [["nowhere.js"], /^kamisama: there is no script nowhere.js in /],
      [
        ["--timeout", "5x", fixture("unaware.cjs")],
        /^kamisama: --timeout must be a duration such as 500ms/,
      ],
      [
        ["--worker", "2", fixture("unaware.cjs")],
        /^kamisama: there is no flag --worker. Did you mean --workers\?$/,
      ],
      [
        ["--stdin", "-w", "2", fixture("unaware.cjs")],
        /^kamisama: "stdin" must be false with 2 workers/,
      ],
      [["--config", "nowhere.js"], /^kamisama: --config: there is no file /],
    ] as const) {
      const program = start(commandScript(runtime), { args })
      expect(await program.untilExit()).toEqual({ code: 2, signal: null })
      expect(program.stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)])
    }
  },

  "a single worker gets stdin if it is to": async ({ start }) => {
    const through = ["sh", "-c", `exec "$@" <<END\none\nEND`, "sh"]
    const program = start(fixture("stdin.ts"), { args: ["given"], through })
    await program.untilPrinted("ended 1")
    expect(printed(program, "read")).toEqual(["read one"])
    await stopsWith(program, 0)
    expect(program.stderr).toBe("")
  },

  "a port whose server was closed is free": async ({ start }) => {
    const ports = [await freePort(), await freePort()]
    const program = start(fixture("reopening.ts"), { args: ports.map(String) })
    await program.untilPrinted("ready")
    for (const port of ports) expect(await ask(port)).toBe("answer")
    await stopsWith(program, 0)
  },

  "the runtime's own server is drained": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("native-server.ts"), { args: [String(port)] })
    await program.untilPrinted("ready")
    const answer = ask(port)
    await program.untilPrinted("request")
    await stopsWith(program, 0)
    expect(await answer).toBe("answer")
    expect(program.stderr).not.toContain("[kamisama]")
  },

  "an error of run is printed once": async ({ startPool }) => {
    const options = { workers: 2, respawnLimit: 2, backoff: false }
    const program = startPool({ options, run: "rejects" })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr.match(/run failed: .*Error: no database\n +at /g)).toHaveLength(1)
    expect(program.stderr).toContain("run failed with the same error as above (2 failures so far)")
  },

  "a server that cannot listen is an error of run": async ({ start }) => {
    const program = start(fixture("readiness.ts"), { args: ["cannot listen"] })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toMatch(/run failed: .*Error: /)
  },

  "a server that cannot listen is a failure, even if the program logs uncaught errors and lives on":
    async ({ start }) => {
      for (const way of ["returns late", "does not return"]) {
        const program = start(fixture("readiness.ts"), { args: [`cannot listen, and ${way}`] })
        expect((await program.untilExit()).code).toBe(1)
        expect(printed(program, "uncaught").length).toBe(2)
        expect(program.stderr).toMatch(/run failed: .*Error: /)
      }
      const program = start(fixture("readiness.ts"), { args: ["cannot listen at one of two"] })
      await program.untilPrinted("ready")
      await stopsWith(program, 0)
      expect(program.lines).toContainEqual(expect.stringMatching(/^uncaught /))
    },

  "an idle worker exits by itself": async ({ startPool }) => {
    const well = startPool({ options: { workers: 2, respawn: "never" }, run: "finishes" })
    expect((await well.untilExit()).code).toBe(0)
    const badly = startPool({ options: { workers: 1, respawn: "never" }, run: "finishes with 4" })
    expect((await badly.untilExit()).code).toBe(1)
    expect([...printed(well, "shutdown"), ...printed(badly, "shutdown")]).toEqual([])
  },

  "a worker that listens stays": async ({ startPool }) => {
    const options = { workers: 1, respawn: "on-failure" }
    const program = startPool({ options, run: "serves", shutdown: "default" })
    await program.untilPrinted("ready")
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(program.events("worker-exited")).toBe(0)
    await stopsWith(program, 0)
  },

  "a fork that fails is tried again": async ({ start }) => {
    const program = start(fixture("fork-failures.ts"))
    await program.untilPrinted("run", 2)
    await stopsWith(program, 0)
    expect(program.events("fork-failed")).toBeGreaterThanOrEqual(3)
  },

  "node:cluster works beside the pool": async ({ start }) => {
    const program = start(fixture("beside-cluster.ts"))
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines.slice(-2)).toEqual(["message bystander false mine", "own exit"])
  },

  "a worker of somebody else's cluster serves, and ends gracefully": async ({ start }) => {
    for (const how of ["signal", "listens", "disconnect", "message", "gone"]) {
      const isPm2 = how === "message"
      const env: { [variable: string]: string } = isPm2 ? { pm_id: "0" } : {}
      const program = start(fixture("foreign-cluster.ts"), { args: [how], env })
      const [port = ""] = await program.untilPrinted("port")
      expect(await ask(Number(port.slice(5)))).toBe("answer")
      await program.untilGone()
      const exit = how === "gone" ? [] : ["exit 0 null"]
      expect(program.lines.filter((line) => !line.startsWith("port"))).toEqual([
        "called",
        "run 1 false running",
        `message "request"`,
        ...(how === "listens" ? [`message "SIGTERM"`] : []),
        ...exit,
      ])
      const by = isPm2 ? "pm2" : "the cluster that forked it"
      const lines = program.stderr.split("\n").map((line) => line.replace(/process \d+: /, ""))
      expect(lines).toEqual([
        expect.stringContaining(`[kamisama] warn: ${by} supervises it, so it runs as one worker, `),
        expect.stringContaining("[kamisama] warn: context.exclusive() stays pending"),
        expect.stringContaining("[kamisama] warn: context.recycle() does nothing"),
        "",
      ])
    }
  },

  "a worker of somebody else's cluster ends by itself if it does not stop": async ({ start }) => {
    const program = start(fixture("foreign-cluster.ts"), { args: ["hangs"] })
    const [port = ""] = await program.untilPrinted("port")
    const answer = ask(Number(port.slice(5)))
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines.at(-1)).toBe("exit 1 null")
    expect(program.stderr).toMatch(/: did not stop within 600 ms \(timeout\), ends with code 1\n/)
    await answer
  },

  "a process that the primary forks beside the pool says so": async ({ start }) => {
    const program = start(fixture("leftover-loop.ts"))
    await program.untilPrinted("run 1")
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await program.untilPrinted("run 1", 2)
    await program.untilPrinted("called false", 3)
    const text = /process (\d+) does nothing: cluster\.fork\(\) in the primary started it beside/
    const stray = await program.until("its line", () => text.exec(program.stderr)?.[1])
    expect(program.workerPids()).toContain(Number(stray))
    await stopsWith(program, 0)
    expect(printed(program, "run")).toHaveLength(2)
  },

  "messages of the program pass": async ({ start }) => {
    const program = start(fixture("messages.ts"))
    await program.untilPrinted('primary got {"answer":{"from":"primary"}}')
    await stopsWith(program, 0)
    expect(program.stderr).toBe("")
    expect(program.events("worker-exited")).toBe(1)
  },

  "what a process has written arrives before it ends": async ({ start }) => {
    for (const [who, code] of [
      ["shutdown", 0],
      ["run", 1],
      ["primary", 0],
    ] as const) {
      const program = start(fixture("output.ts"), { args: [who] })
      program.readSlowly()
      await program.untilPrinted("run")
      if (who !== "run") {
        await program.untilPrinted("ready")
        program.signal("SIGTERM")
      }
      expect(await program.untilExit()).toEqual({ code, signal: null })
      await program.untilGone()
      expect(printed(program, "line")).toHaveLength(20_000)
    }
  },

  "what shutdown has sent arrives before the worker ends": async ({ start }) => {
    const size = 10_000_000
    const program = start(fixture("output.ts"), { args: ["messages", String(size)] })
    await program.untilPrinted("ready")
    await stopsWith(program, 0)
    expect(printed(program, "part")).toEqual([1, 2, 3, 4].map((part) => `part ${part} ${size}`))
  },

  "an error of a worker cannot forge a line of the log": async ({ start }) => {
    const program = start(fixture("forging.ts"))
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toContain("\n  \\x5bkamisama] error: giving up\\x0d\\x1b[2J\\x1b[31mred")
    for (const line of program.stderr.split("\n")) {
      expect(line).toMatch(/^(\[kamisama\] \w+: | {2}|$)/)
      expect(line).toBe(stripVTControlCharacters(line))
    }
  },

  "the last line is printed if the program ends the primary itself": async ({ start }) => {
    for (const how of ["notice", "promise"]) {
      const program = start(fixture("own-exit.ts"), { args: [how] })
      await program.untilPrinted("run", 2)
      await stopsWith(program, 0)
      expect(program.stderr).toMatch(/^\[kamisama\] info: stopped, exit code 0$/m)
    }
  },

  "a log that nobody reads stops neither supervision nor service": async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("unread-log.ts"), { args: [String(port), "9"] })
    program.child.stderr?.pause()
    await program.untilPrinted("serves", 2)
    expect(await ask(port)).toBe("answer")
    program.child.stderr?.resume()
    await program.until("the count", () => /\d lines? w\w+ dropped/.test(program.stderr))
    await stopsWith(program, 0)
    expect(program.stderr).toMatch(/^\[kamisama\] info: stopped, exit code 0$/m)
  },

  "the last notice reaches a log function that writes later": async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-log-"))
    for (const how of ["promise", "stream"]) {
      const file = join(folder, how)
      const program = start(fixture("late-log.ts"), { args: [how, file] })
      await program.untilPrinted("ready")
      await stopsWith(program, 0)
      expect(readFileSync(file, "utf8")).toContain("done\n")
    }
    rmSync(folder, { recursive: true })
  },

  "a tracer sees every notice, and harms nothing": async ({ start }) => {
    const program = start(fixture("traced.ts"), { args: ["throws, handled"] })
    await program.untilPrinted("notice ready", 2)
    await program.untilPrinted("uncaught the tracer has a bug")
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await program.untilPrinted("notice ready true", 3)
    await stopsWith(program, 0)
    const notices = ["fork", "fork", "ready", "ready", "start", "exit", "fork", "ready", "stop"]
    expect(printed(program, "notice")).toEqual(
      [...notices, "exit", "exit", "done"].map((type) => `notice ${type} true`),
    )
  },

  "a recording is replayed": async ({ start }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-recording-"))
    const file = join(folder, "recording.jsonl")
    const program = start(fixture("recording.ts"), { args: [file] })
    await program.untilPrinted("ready", 2)
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await program.untilPrinted("ready", 3)
    await stopsWith(program, 0)
    const { steps } = replay(readFileSync(file, "utf8"))
    rmSync(folder, { recursive: true })
    const commands = program.log.flatMap((entry) =>
      entry.kind === "command" ? [entry.command] : [],
    )
    expect(steps.flatMap(({ commands }) => commands)).toEqual(commands)
    expect(commands.length).toBeGreaterThan(5)
  },

  "a supervised program runs within a worker": async ({ start }) => {
    const program = start(fixture("nested.ts"))
    await program.untilPrinted("inner exit 0")
    expect(program.lines[0]).toBe("outer run 1 false")
    await stopsWith(program, 0)
  },

  "a thread of a worker does nothing": async ({ start }) => {
    const program = start(fixture("thread.ts"))
    await program.untilPrinted("run")
    await program.until("the thread", () => program.lines.length === 2 || program.stderr !== "")
    await stopsWith(program, 0)
    expect(program.lines).toEqual(["run", "thread false"])
  },

  "an old runtime is refused in one line": async ({ runtime, start }) => {
    const [name = ""] = /^[a-z]+/.exec(runtime) ?? []
    const program = start(fixture("old-runtime.ts"), { args: [name, "1.3.9"] })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stdout).toBe("")
    expect(program.stderr).toMatch(
      /^\[kamisama\] error: \w+ must be [\d.]+ or newer, got 1\.3\.9\n$/,
    )
  },

  "an unsupported setup is refused in one line": async ({ runtime, start }) => {
    const port = await freePort()
    if (runtime === "deno" || runtime === "bun") {
      const program = start(fixture("server.ts"), { args: ["round-robin", String(port)] })
      expect((await program.untilExit()).code).toBe(1)
      expect(program.stderr).toMatch(
        /RangeError: kamisama: "scheduling" must be "os" on \w+, got "round-robin"/,
      )
    }
    if (runtime === "bun") {
      const hot = start(fixture("cores.ts"), { execArgv: ["--hot"] })
      expect((await hot.untilExit()).code).toBe(1)
      expect(hot.stdout).toBe("")
      expect(hot.stderr).toMatch(
        /^\[kamisama\] error: bun --hot cannot run a pool, .* Use bun --watch, .*\n$/,
      )
      const program = start(fixture("spawned-by-bun.ts"))
      expect((await program.untilExit()).code).toBe(1)
      expect(program.stdout).toBe("")
      expect(program.stderr).toMatch(
        /^\[kamisama\] error: this process has the environment of a worker, but is none\. .*\n$/,
      )
    }
    if (runtime.startsWith("node")) {
      const model = runtime === "node20" ? "--experimental-permission" : "--permission"
      const execArgv = ["--no-warnings", model, "--allow-fs-read=*", "--allow-fs-write=*"]
      const program = start(fixture("cores.ts"), { execArgv })
      expect((await program.untilExit()).code).toBe(1)
      const flags = `--allow-child-process${runtime === "node26" ? " --allow-net" : ""}`
      expect(program.stderr).toMatch(
        new RegExp(`^\\[kamisama\\] error: Node must be run with ${flags}: the .*\\n$`),
      )
    }
    if (runtime !== "deno") return
    const program = start("", {
      through: [programOf(runtime), "run", "--no-prompt", "--allow-env", fixture("cores.ts")],
    })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toMatch(
      /^\[kamisama\] error: Deno must be run with --allow-run --allow-read --allow-net --allow-sys: .*\n$/,
    )
  },
}
