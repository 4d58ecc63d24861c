/**
 * Compares kamisama with a short respawn loop on raw node:cluster. `npm run bench` measures each figure for both in turn, in
 * several rounds, and prints the medians and their ratio. It is not a test, because machines are noisy.
 */
import { startLoad } from "../test/real/harness/load.ts"
import { freePort } from "../test/real/harness/ports.ts"
import { type Kind, Subject } from "./subject.ts"

const kinds: readonly Kind[] = ["raw", "kamisama"]
/** The number of rounds, and a part of the name of each figure to measure. Default: 7 rounds, all figures. */
const [given = "7", wanted = ""] = process.argv.slice(2)
const rounds = Number(given)

interface Figure {
  readonly name: string
  readonly unit: string
  readonly rounds: number
  measure(kind: Kind): Promise<number>
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

async function withSubject<Value>(
  kind: Kind,
  workers: number,
  scheduling: string,
  act: (subject: Subject, port: number) => Promise<Value>,
  heartbeatTimeout = 0,
): Promise<Value> {
  const port = await freePort()
  const subject = new Subject(kind, workers, port, scheduling, heartbeatTimeout)
  try {
    return await act(subject, port)
  } finally {
    await subject.end()
  }
}

function start(workers: number, times = rounds): Figure {
  return {
    name: `start of ${workers} workers`,
    unit: "ms",
    rounds: times,
    measure: (kind) =>
      withSubject(kind, workers, "round-robin", async (subject) => {
        return (await subject.untilUp(workers)) - subject.startedAt
      }),
  }
}

function restore(workers: number, killed: number, times = rounds): Figure {
  return {
    name: killed === 1 ? "kill -9 → replacement serves" : `restore ${killed} of ${workers} killed`,
    unit: "ms",
    rounds: times,
    measure: (kind) =>
      withSubject(kind, workers, "round-robin", async (subject) => {
        await subject.untilUp(workers)
        const killedAt = performance.now()
        for (const { pid } of subject.up.slice(0, killed)) process.kill(pid, "SIGKILL")
        return (await subject.untilUp(workers + killed)) - killedAt
      }),
  }
}

function throughput(keepAlive: boolean, scheduling: string): Figure {
  const what = keepAlive ? "keep-alive" : "a connection per request"
  return {
    name: `throughput, ${what}, ${scheduling}`,
    unit: "requests/s",
    rounds,
    measure: (kind) =>
      withSubject(kind, 2, scheduling, async (subject, port) => {
        await subject.untilUp(2)
        const load = startLoad({ port, clients: 32, keepAlive })
        await new Promise((resolve) => setTimeout(resolve, 500))
        const before = load.report.answered
        const startedAt = performance.now()
        await new Promise((resolve) => setTimeout(resolve, 1_500))
        const answered = load.report.answered - before
        const seconds = (performance.now() - startedAt) / 1_000
        await load.end()
        return answered / seconds
      }),
  }
}

const memory: Figure = {
  name: "memory of the primary, 4 workers",
  unit: "MiB",
  rounds,
  measure: (kind) =>
    withSubject(kind, 4, "round-robin", async (subject) => {
      await subject.untilUp(4)
      await new Promise((resolve) => setTimeout(resolve, 300))
      return subject.primaryMiB()
    }),
}

/** What heartbeats cost the primary: each worker sends four within a timeout. */
function heartbeats(workers: number, heartbeatTimeout: number, forMs: number): Figure {
  return {
    name: `primary of ${workers} idle workers, heartbeat of ${heartbeatTimeout / 1_000} s`,
    unit: "% of a core",
    rounds: 3,
    measure: (kind) =>
      withSubject(
        kind,
        workers,
        "round-robin",
        async (subject) => {
          await subject.untilUp(workers)
          await new Promise((resolve) => setTimeout(resolve, 3_000))
          const before = subject.primaryCpuMs()
          const startedAt = performance.now()
          await new Promise((resolve) => setTimeout(resolve, forMs))
          const passedMs = performance.now() - startedAt
          return (100 * (subject.primaryCpuMs() - before)) / passedMs
        },
        heartbeatTimeout,
      ),
  }
}

const figures: readonly Figure[] = [
  start(2),
  start(4),
  start(16),
  restore(4, 1),
  memory,
  throughput(true, "round-robin"),
  throughput(true, "os"),
  throughput(false, "round-robin"),
  throughput(false, "os"),
  start(100, 3),
  restore(100, 50, 3),
  heartbeats(100, 10_000, 30_000),
]

console.log(
  "figure".padEnd(46),
  "unit".padEnd(12),
  ...["raw", "raw again", "kamisama", "ratio", "no-op"].map((head) => head.padStart(10)),
)
for (const figure of figures.filter(({ name }) => name.includes(wanted))) {
  const values: { raw: number[]; again: number[]; kamisama: number[] } = {
    raw: [],
    again: [],
    kamisama: [],
  }
  for (const kind of kinds) await figure.measure(kind)
  for (let round = 0; round < figure.rounds; round += 1) {
    values.raw.push(await figure.measure("raw"))
    values.kamisama.push(await figure.measure("kamisama"))
    values.again.push(await figure.measure("raw"))
  }
  const raw = median(values.raw)
  const again = median(values.again)
  const both = median([...values.raw, ...values.again])
  const ours = median(values.kamisama)
  const shown = [raw, again, ours].map((value) => value.toFixed(value < 1_000 ? 1 : 0))
  const ratios = [ours / both, again / raw].map((ratio) => ratio.toFixed(2))
  console.log(
    figure.name.padEnd(46),
    figure.unit.padEnd(12),
    ...[...shown, ...ratios].map((cell) => cell.padStart(10)),
  )
}
