/**
 * Simulates the scenarios of test/proof/scenarios.ts, and pools with default options to which everything may happen, and prints how fast
 * that was. Run it with `npm run simulate`. `--runs 8000` is the number of runs of each, `--seed 1` the first seed, and `--threads 2`
 * the number of threads that share them (default: one a core). Words choose scenarios by a part of their name. The exit code is 1 if
 * one breaks a rule.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads"
import { type Simulation, simulate, SimulationError } from "../src/proof/simulate/simulate.ts"
import { checkOptions } from "../src/core/plan/checks.ts"
import { positive, seed as anySeed } from "../src/core/plan/forms.ts"
import type { Model } from "../src/proof/model/model.ts"
import type { PoolMove, PoolWorld } from "../src/proof/pool/pool-world.ts"
import { modelOf, poolModel } from "../src/proof/pool/pool-model.ts"
import { scenarios } from "../test/proof/scenarios.ts"

/** The work of one thread. */
interface Share {
  readonly name: string
  readonly runs: number
  readonly seed: number
}

const usual = [1, 2, 4, 16].map((workers) => ({
  name: `usual figures, ${workers} ${workers === 1 ? "worker" : "workers"}`,
  make: () => poolModel({ workers }),
}))
const narrow = scenarios.map(({ name, plan, bounds }) => ({
  name,
  make: () => modelOf(plan, bounds),
}))
const known = [...usual, ...narrow]

if (isMainThread) await lead()
else follow(workerData as Share)

async function lead(): Promise<void> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "8000" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  })
  const runs = Number(values.runs)
  const seed = Number(values.seed)
  const threads = Number(values.threads)
  const chosen = known.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  )
  if (chosen.length === 0) {
    for (const { name } of known) console.log(name)
    console.error(`simulate: a word must be part of one of these names, got ${words.join(" ")}`)
    process.exitCode = 1
    return
  }
  const given = { runs, threads, seed }
  checkOptions("simulate", given, { runs: positive, threads: positive, seed: anySeed })
  console.log(`${runs} runs each, in ${threads} ${threads === 1 ? "thread" : "threads"}`)
  const head = ["moves", "seconds", "1/s", "hours/s"]
  console.log("".padEnd(82), ...head.map((word) => word.padStart(9)))
  for (const { name } of chosen) {
    const shares: Share[] = []
    const mostRuns = Math.ceil(runs / threads)
    for (let from = 0; from < runs; from += mostRuns) {
      shares.push({ name, runs: Math.min(mostRuns, runs - from), seed: seed + from })
    }
    console.log(name.padEnd(82), await inThreads(shares))
  }
  if (process.exitCode === undefined) console.log("No run breaks a rule.")
}

/** Simulates each share in a thread of its own, all at the same time. @returns the figures, or the violation. */
async function inThreads(shares: readonly Share[]): Promise<string> {
  const workers = shares.map((share) => new Worker(new URL(import.meta.url), { workerData: share }))
  await Promise.all(workers.map(answerOf))
  const startedAt = performance.now()
  const answers = workers.map((worker) => answerOf(worker) as Promise<Simulation | string>)
  for (const worker of workers) worker.postMessage("begin")
  const simulations = await Promise.all(answers)
  const seconds = (performance.now() - startedAt) / 1_000
  let [events, simulatedMs] = [0, 0]
  let uncovered: readonly string[] | undefined
  for (const simulation of simulations) {
    if (typeof simulation === "string") {
      process.exitCode = 1
      return `WRONG\n${simulation}`
    }
    events += simulation.events
    simulatedMs += simulation.simulatedMs
    uncovered = simulation.uncovered.filter(
      (goal) => uncovered === undefined || uncovered.includes(goal),
    )
  }
  const figures = [
    events,
    seconds.toFixed(1),
    Math.round(events / seconds),
    Math.round(simulatedMs / 3_600_000 / seconds),
  ]
  const unseen =
    uncovered === undefined || uncovered.length === 0
      ? ""
      : `  never reached: ${uncovered.join(", ")}`
  return figures.map((figure) => String(figure).padStart(9)).join(" ") + unseen
}

/** The next message of a thread. */
function answerOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve)
    worker.once("error", reject)
    worker.once("exit", (code) => reject(new Error(`A thread has ended with ${code}`)))
  })
}

function follow({ name, runs, seed }: Share): void {
  const model = known.find((candidate) => candidate.name === name)?.make()
  const port = parentPort
  if (model === undefined || port === null) throw new Error(`[BUG] no scenario ${name}`)
  // The first runs are slower, because the runtime has not compiled the code yet.
  const first = attempt(model, Math.ceil(runs / 4), seed)
  port.once("message", () => {
    port.postMessage(typeof first === "string" ? first : attempt(model, runs, seed))
    port.close()
  })
  port.postMessage("ready")
}

/** @returns what was seen, or the violation. */
function attempt(
  model: Model<PoolWorld, PoolMove>,
  runs: number,
  seed: number,
): Simulation | string {
  try {
    return simulate(model, { runs, seed })
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error
    return error.message
  }
}
