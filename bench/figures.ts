/**
 * What is measured: for each figure the raw program, which is measured twice in each round, and the others that are compared
 * with it.
 */
import { execFileSync } from "node:child_process"
import { get } from "node:http"
import { startLoad } from "../test/real/harness/load.ts"
import { freePort } from "../test/real/harness/ports.ts"
import { peers, type ProgramName, type Settings, Subject } from "./subject.ts"

/** One program in one figure. */
export interface Variant {
  readonly name: string
  measure(): Promise<number>
}

/** A figure: the first variant is the one that the others are compared with. */
export interface Figure {
  readonly name: string
  readonly unit: string
  /** How many rounds, at most. */
  readonly rounds: number
  readonly variants: readonly [Variant, ...Variant[]]
  /** The same with what others have written. */
  readonly peers?: readonly Variant[]
}

type Act = (subject: Subject, port: number) => Promise<number>

function variant(name: string, program: ProgramName, settings: Settings, act: Act): Variant {
  return {
    name,
    async measure() {
      const port = await freePort()
      const subject = new Subject(program, settings, port)
      try {
        return await act(subject, port)
      } finally {
        await subject.end()
      }
    },
  }
}

/** The raw program and kamisama, with the same settings. */
function both(settings: Settings, act: Act): [Variant, ...Variant[]] {
  return [variant("raw", "raw", settings, act), variant("kamisama", "kamisama", settings, act)]
}

/** The same, with each way to hand out connections. */
function bothSchedulings(settings: Settings, act: Act): [Variant, ...Variant[]] {
  const os: Settings = { ...settings, scheduling: "os" }
  return [
    variant("raw, round-robin", "raw", settings, act),
    variant("raw, os", "raw", os, act),
    variant("kamisama, round-robin", "kamisama", settings, act),
    variant("kamisama, os", "kamisama", os, act),
  ]
}

/** The same programs by others. */
function byPeers(settings: Settings, act: Act): Variant[] {
  return peers.map((name) => variant(name, name, settings, act))
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Until so many workers listen. */
function started(workers: number): Act {
  return async (subject) => (await subject.untilUp(workers)) - subject.startedAt
}

function start(workers: number, rounds = Infinity): Figure {
  const act = started(workers)
  return {
    name: `start of ${workers} workers`,
    unit: "ms",
    rounds,
    variants: both({ workers }, act),
    peers: byPeers({ workers }, act),
  }
}

/** Until the first request is answered. */
const firstAnswer: Act = async (subject, port) => {
  await subject.untilUp(1)
  await took(port, "/")
  return performance.now() - subject.startedAt
}

/** How long a request on a new connection takes. */
function took(port: number, path: string): Promise<number> {
  const askedAt = performance.now()
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path, agent: false }, (response) => {
      response.resume().on("end", () => resolve(performance.now() - askedAt))
    }).on("error", reject)
  })
}

const startOfApp: Figure = {
  name: "start of 2 workers, real app, to the first answer",
  unit: "ms",
  rounds: Infinity,
  variants: [
    variant("raw", "app-raw", { workers: 2 }, firstAnswer),
    variant("kamisama, run imports the app", "app-kamisama-run", { workers: 2 }, firstAnswer),
    variant("kamisama, the script imports it", "app-kamisama", { workers: 2 }, firstAnswer),
  ],
}

/** Kills workers, and waits until as many others listen. */
function restored(workers: number, killed: number, spares = 0): Act {
  return async (subject) => {
    await subject.untilUp(workers)
    await untilForked(subject, workers, spares)
    const killedAt = performance.now()
    for (const { pid } of subject.up.slice(0, killed)) process.kill(pid, "SIGKILL")
    return (await subject.untilUp(workers + killed)) - killedAt
  }
}

/** Waits until spares are there, too, and have had the time to load the program. */
async function untilForked(subject: Subject, workers: number, spares: number): Promise<void> {
  if (spares === 0) return
  const deadline = performance.now() + 30_000
  // The reaper is one more.
  while (subject.children().length < workers + spares + 1) {
    if (performance.now() > deadline) throw new Error("no spare was forked")
    await pause(20)
  }
  await pause(2_000)
}

const restore: Figure = {
  name: "kill -9 → replacement serves",
  unit: "ms",
  rounds: Infinity,
  variants: [
    ...both({ workers: 4 }, restored(4, 1)),
    variant("kamisama, a spare", "kamisama-loaded", { workers: 4, spares: 1 }, restored(4, 1, 1)),
  ],
  peers: byPeers({ workers: 4 }, restored(4, 1)),
}

const restoreOfApp: Figure = {
  name: "kill -9 → replacement serves, real app",
  unit: "ms",
  rounds: Infinity,
  variants: [
    variant("raw", "app-raw", { workers: 2 }, restored(2, 1)),
    variant("kamisama", "app-kamisama", { workers: 2 }, restored(2, 1)),
    variant("kamisama, a spare", "app-kamisama", { workers: 2, spares: 1 }, restored(2, 1, 1)),
  ],
}

function restoreMany(workers: number, killed: number, rounds: number): Figure {
  const variants = both({ workers }, restored(workers, killed))
  return { name: `restore ${killed} of ${workers} killed`, unit: "ms", rounds, variants }
}

/** A raw program has no reload: it is compared with its start, which a reload cannot do without. */
function reload(workers: number): Figure {
  const reloaded: Act = async (subject) => {
    await subject.untilUp(workers)
    // All of them have to be ready, and a little later they are.
    await pause(500)
    const askedAt = performance.now()
    subject.child.kill("SIGHUP")
    await subject.untilUp(2 * workers)
    const old = subject.up.slice(0, workers).map(({ pid }) => pid)
    const deadline = askedAt + 60_000
    while (subject.children().some((pid) => old.includes(pid))) {
      if (performance.now() > deadline) throw new Error("the reload did not end")
      await pause(2)
    }
    return performance.now() - askedAt
  }
  return {
    name: `reload of ${workers} workers, compared with a start`,
    unit: "ms",
    rounds: Infinity,
    variants: [
      variant("raw, start", "raw", { workers }, started(workers)),
      variant("kamisama, one by one", "kamisama", { workers }, reloaded),
      variant("kamisama, all at once", "kamisama", { workers, atOnce: "all" }, reloaded),
    ],
  }
}

function throughput(keepAlive: boolean, scheduling: "round-robin" | "os"): Figure {
  const what = keepAlive ? "keep-alive" : "a connection per request"
  const act: Act = async (subject, port) => {
    await subject.untilUp(2)
    const load = startLoad({ port, clients: 32, keepAlive })
    await pause(500)
    const before = load.report.answered
    const startedAt = performance.now()
    await pause(1_500)
    const answered = load.report.answered - before
    const seconds = (performance.now() - startedAt) / 1_000
    await load.end()
    return answered / seconds
  }
  return {
    name: `throughput, ${what}, ${scheduling}`,
    unit: "requests/s",
    rounds: Infinity,
    variants: both({ workers: 2, scheduling }, act),
    ...(scheduling === "round-robin" && { peers: byPeers({ workers: 2 }, act) }),
  }
}

/** What the workers use for a request on a connection that stays, which is steadier than how many they answer. */
const costOfMetrics: Figure = {
  name: "processor time of a request, keep-alive",
  unit: "µs",
  rounds: Infinity,
  variants: [
    variant("kamisama", "kamisama", { workers: 2 }, cpuOfRequest),
    variant("kamisama, metrics", "kamisama", { workers: 2, metrics: true }, cpuOfRequest),
  ],
}

async function cpuOfRequest(subject: Subject, port: number): Promise<number> {
  await subject.untilUp(2)
  const load = startLoad({ port, clients: 32, keepAlive: true })
  await pause(1_000)
  const used = (): number => subject.up.reduce((sum, { pid }) => sum + Subject.cpuMsOf(pid), 0)
  const [before, usedBefore] = [load.report.answered, used()]
  await pause(3_000)
  const [answered, usedMs] = [load.report.answered - before, used() - usedBefore]
  await load.end()
  return (1_000 * usedMs) / answered
}

/** What it takes to load the package, compared with the parts of Node that every pool needs. */
function importing(what: "ms" | "MiB"): Figure {
  const measured = (name: string, specifiers: readonly string[]): Variant => ({
    name,
    measure: () => Promise.resolve(importOf(specifiers)[what]),
  })
  const ofNode = ["node:cluster", "node:http"]
  return {
    name: what === "ms" ? "import" : "memory of an import",
    unit: what,
    rounds: Infinity,
    variants: [measured("raw", ofNode), measured("kamisama", [...ofNode, "kamisama"])],
  }
}

function importOf(specifiers: readonly string[]): { readonly ms: number; readonly MiB: number } {
  const imports = specifiers.map((specifier) => `await import("${specifier}")`).join("\n")
  const code = `const startedAt = performance.now()
${imports}
const ms = performance.now() - startedAt
console.log(JSON.stringify({ ms, MiB: process.memoryUsage().rss / 2 ** 20 }))`
  const args = ["--input-type=module", "--eval", code]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as {
    readonly ms: number
    readonly MiB: number
  }
}

/** The requests of the least and the most loaded worker of four, by new connections. */
function evenness(clients: number): Figure {
  const act: Act = async (subject, port) => {
    await subject.untilUp(4)
    const before = new Map(subject.children().map((pid) => [pid, Subject.cpuMsOf(pid)] as const))
    const load = startLoad({ port, clients, keepAlive: false })
    await pause(2_000)
    await load.end()
    const used = subject.up.map(({ pid }) => Subject.cpuMsOf(pid) - (before.get(pid) ?? 0))
    return Math.min(...used) / Math.max(...used)
  }
  return {
    name: `evenness, ${clients} clients: least / most processor time`,
    unit: "ratio",
    rounds: 5,
    variants: bothSchedulings({ workers: 4 }, act),
  }
}

/** How long new connections take while one worker of four computes for 3 s. */
function tail(): Figure {
  const act: Act = async (subject, port) => {
    await subject.untilUp(4)
    const blocked = took(port, "/block").catch(() => Number.NaN)
    await pause(200)
    const until = performance.now() + 2_000
    const times: number[] = []
    const client = async (): Promise<void> => {
      while (performance.now() < until) times.push(await took(port, "/"))
    }
    await Promise.all(Array.from({ length: 16 }, client))
    await blocked
    const sorted = times.toSorted((one, other) => one - other)
    return sorted[Math.floor(0.99 * sorted.length)] ?? Number.NaN
  }
  return {
    name: "p99 of new connections while one of 4 workers is blocked",
    unit: "ms",
    rounds: 5,
    variants: bothSchedulings({ workers: 4 }, act),
    peers: byPeers({ workers: 4 }, act),
  }
}

const memoryOfPrimary: Act = async (subject) => {
  await subject.untilUp(4)
  await pause(300)
  return subject.primaryMiB()
}

/** The memory that the primary shares with no other process: the rest is the runtime, which the workers use, too. */
const memory: Figure = {
  name: "memory of the primary alone, 4 workers",
  unit: "MiB",
  rounds: Infinity,
  variants: both({ workers: 4 }, memoryOfPrimary),
  peers: byPeers({ workers: 4 }, memoryOfPrimary),
}

/** What the primary uses, in percent of a core. */
function idle(workers: number, heartbeatTimeout: number, forMs: number): Figure {
  return {
    name: `primary of ${workers} idle workers, heartbeat of ${heartbeatTimeout / 1_000} s`,
    unit: "% of a core",
    rounds: 3,
    variants: both({ workers, heartbeatTimeout }, async (subject) => {
      await subject.untilUp(workers)
      await pause(3_000)
      const before = subject.primaryCpuMs()
      const startedAt = performance.now()
      await pause(forMs)
      return (100 * (subject.primaryCpuMs() - before)) / (performance.now() - startedAt)
    }),
  }
}

/** What the primary uses until so many workers are up. */
function cpuOfStart(workers: number): Figure {
  return {
    name: `processor time of the primary, start of ${workers} workers`,
    unit: "ms",
    rounds: 3,
    variants: both({ workers }, async (subject) => {
      await subject.untilUp(workers)
      return subject.primaryCpuMs()
    }),
  }
}

/** Every figure, in the order of the table. */
export const figures: readonly Figure[] = [
  importing("ms"),
  importing("MiB"),
  start(2),
  start(4),
  start(16),
  startOfApp,
  restore,
  restoreOfApp,
  reload(4),
  memory,
  throughput(true, "round-robin"),
  throughput(true, "os"),
  throughput(false, "round-robin"),
  throughput(false, "os"),
  costOfMetrics,
  evenness(4),
  evenness(32),
  tail(),
  start(100, 3),
  cpuOfStart(100),
  restoreMany(100, 50, 3),
  idle(100, 5_000, 30_000),
]
