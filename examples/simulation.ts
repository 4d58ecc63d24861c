/**
 * Do these workers ever lose a job, whatever happens to them? Run it with Node 22.18 or later:
 * `node examples/simulation.ts`. With `ACKNOWLEDGE=first` they do, and it prints the shortest run that loses one;
 * `SVG=lost.svg` draws that run into a file.
 */
import { writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import kamisama, { type Host, type Supervisor, type WorkerContext } from "kamisama"
import {
  type Outside,
  type ProgramUnderTest,
  simulateProgram,
  SimulationError,
} from "kamisama/fake"

const acknowledgesFirst = process.env["ACKNOWLEDGE"] === "first"

/** A broker that hands a job out again unless it is acknowledged within 5 s. */
class Broker {
  readonly waiting: number[] = []
  readonly done = new Set<number>()
  arrived = 0
  readonly take: () => { job: number; acknowledge: () => void } | undefined

  constructor(outside: Outside) {
    // These timers belong to the broker. They outlive a worker that dies with a job.
    this.take = outside(() => {
      const job = this.waiting.shift()
      if (job === undefined) return undefined
      const lease = setTimeout(() => this.waiting.push(job), 5_000)
      return { job, acknowledge: () => clearTimeout(lease) }
    })
  }

  arrive(): void {
    this.arrived += 1
    this.waiting.push(this.arrived)
  }
}

/** Starts the program as its entry script does. */
function start(broker: Broker, platform: Host): Supervisor {
  return kamisama({
    workers: 2,
    log: "silent",
    platform,
    async run(_id: number, { ready, signal }: WorkerContext) {
      ready()
      while (!signal.aborted) {
        const taken = broker.take()
        if (acknowledgesFirst) taken?.acknowledge()
        await sleep(200)
        if (taken === undefined) continue
        broker.done.add(taken.job)
        taken.acknowledge()
      }
    },
  })
}

try {
  const { runs, events, simulatedMs } = await simulateProgram(
    (os, outside): ProgramUnderTest => {
      const broker = new Broker(outside)
      return {
        pool: start(broker, os),
        actions: { "a job arrives": () => broker.arrive() },
        isWell: () => broker.done.size === broker.arrived,
      }
    },
    { runs: Number(process.env["RUNS"] ?? 150) },
  )
  const hours = Math.floor(simulatedMs / 3_600_000)
  console.log(`no job was lost in ${runs} runs, ${events} actions and ${hours} simulated hours`)
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
  const file = process.env["SVG"]
  const svg = error instanceof SimulationError ? error.svg : undefined
  if (file !== undefined && svg !== undefined) writeFileSync(file, svg)
  process.exitCode = 1
}
