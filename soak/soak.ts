/**
 * Runs the soak: one life of a pool after the other, each under load and faults, until the time is over. life.ts and
 * excuses.ts judge what is right and wrong.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { type Death, type Failure, judge, type Verdict } from "./excuses.ts"
import { inflict } from "./inflict.ts"
import { allowanceMs, Life, timeoutMs } from "./life.ts"
import { type SoakLoad, startSoakLoad } from "./load.ts"
import { describeFault, endsLife, type Fault, type FaultKind, faultsOf } from "./plan.ts"
import { soakPort } from "./port.ts"

export interface SoakOptions {
  readonly seed: number
  readonly workers: number
  readonly ms: number
  /** Prints a line at once. */
  print(line: string): void
}

/** The results, so far or at the end. */
export interface SoakReport {
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly lives: number
  readonly requests: number
  readonly answered: number
  readonly lost: Verdict
  /** The violations of the lives. */
  readonly violations: readonly string[]
  /** How many processes were left behind. */
  readonly leftover: number
}

const clients = 12
const printEveryMs = 10_000

/** How long a primary may take to begin, and to end after a stop, even if it is suspended or waits for exits. */
const beginMs = 30_000
const endMs = 2_500 + timeoutMs + 5_000 + allowanceMs

/** The longest time from the break of its connections to the exit of a process, in ms. Half a second was seen. */
const longestEndMs = 1_000

/** How long before a lost request the printed faults begin, in ms. */
const faultsBeforeMs = 5_000

/** Soaks until the time is over. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = new Soak(options, await soakPort())
  // Even if the soak itself breaks, it leaves nothing behind.
  const clear = (): void => run.clear()
  process.once("exit", clear)
  const printing = setInterval(() => options.print(run.progress()), printEveryMs)
  try {
    await run.toEnd()
  } finally {
    clearInterval(printing)
    process.off("exit", clear)
  }
  return run.report()
}

class Soak {
  readonly #options: SoakOptions
  readonly #port: number
  readonly #load: SoakLoad
  readonly #startedAt = performance.now()
  readonly #faults = new Map<FaultKind, number>()
  readonly #deaths: Death[] = []
  /** The life that a fault has ended. */
  #ending: Life | undefined
  readonly #outages: { readonly from: number; until: number; readonly wasKilled: boolean }[] = []
  readonly #violations: string[] = []
  /** The faults that were inflicted on the current life, and when. */
  #inflicted: { readonly at: number; readonly pid: number; readonly fault: Fault }[] = []
  /** The lost requests that were printed. */
  readonly #printed = new Set<Failure>()
  #lives = 0
  #life: Life | undefined
  #leftover = 0

  constructor(options: SoakOptions, port: number) {
    this.#options = options
    this.#port = port
    this.#beginOutage(false)
    this.#load = startSoakLoad(port, clients)
  }

  async toEnd(): Promise<void> {
    const { seed, workers, ms } = this.#options
    let life = await this.#begin()
    for (const fault of faultsOf(seed, workers)) {
      await sleep(fault.afterMs)
      if (performance.now() - this.#startedAt >= ms) break
      const { kind } = fault
      if (endsLife(kind)) {
        this.#ending = life
        this.#beginOutage(kind === "kill primary")
      }
      const pid = await inflict(fault, life)
      if (pid !== undefined) this.#note(fault, pid)
      if (!endsLife(kind) && life.exit === undefined) continue
      await this.#end(life)
      life = await this.#begin()
    }
    await this.#load.end()
    this.#beginOutage(false)
    life.signal("SIGTERM")
    await this.#end(life)
  }

  /** Kills all processes of the current life. */
  clear(): void {
    this.#life?.clear()
    this.#life?.forget()
  }

  report(): SoakReport {
    const { requests, answered, failures } = this.#load
    return {
      faults: this.#faults,
      lives: this.#lives,
      requests,
      answered,
      lost: judge(failures, this.#deaths, this.#outages),
      violations: this.#violations,
      leftover: this.#leftover,
    }
  }

  progress(): string {
    const { faults, lives, requests, lost, violations, leftover } = this.report()
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000)
    const inflicted = [...faults.values()].reduce((sum, count) => sum + count, 0)
    const violation = violations.length + lost.violations.length + leftover
    return `${seconds} s: ${inflicted} faults, ${lives} lives, ${requests} requests, ${lost.excused} lost and excused, ${violation} wrong`
  }

  #note(fault: Fault, pid: number): void {
    const { kind } = fault
    this.#inflicted.push({ at: performance.now(), pid, fault })
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  async #begin(): Promise<Life> {
    const { workers } = this.#options
    this.#lives += 1
    const number = this.#lives
    const scheduling = number % 2 === 0 ? "os" : "round-robin"
    const life = await Life.begin(
      { number, workers, port: this.#port, scheduling },
      {
        onServing: (isServing) => {
          if (!isServing) this.#beginOutage(false)
          // What a life that ends still reports as it boots no longer brings the port back.
          else if (this.#ending !== life) this.#endOutage()
        },
        onWorkerEnded: (pid) => {
          const doomedAt = life.doomedAt(pid)
          if (doomedAt === undefined) return
          const at = performance.now()
          const from = Math.max(doomedAt, at - longestEndMs)
          this.#deaths.push({ pid, from, at, isHandedConnections: scheduling === "round-robin" })
        },
        onReloadOver: () => life.deploy("good"),
      },
    )
    this.#life = life
    await life.within(beginMs, () => life.control.hasPrimary || life.exit !== undefined)
    if (!life.control.hasPrimary) this.#blame(life, ["its primary did not begin"])
    return life
  }

  /** Waits until a life is over, within its time, and checks it. */
  async #end(life: Life): Promise<void> {
    const violation: string[] = []
    if (!(await life.within(endMs, () => life.exit !== undefined))) {
      violation.push(`its primary did not end within ${endMs} ms`)
    }
    if (!(await life.within(timeoutMs + allowanceMs, () => life.processes().length === 0))) {
      const left = life.processes()
      this.#leftover += left.length
      for (const { pid, command } of left)
        violation.push(`${pid} was left: ${command.slice(0, 80)}`)
      life.clear()
    }
    this.#blame(life, [...violation, ...life.violations()])
    this.#printLost(life)
    this.#inflicted = []
    life.forget()
  }

  /** Prints each request that was lost without an excuse, and what happened to the worker that had it. */
  #printLost(life: Life): void {
    for (const failure of this.report().lost.violations) {
      if (this.#printed.has(failure)) continue
      this.#printed.add(failure)
      const { pid = life.pid, startedAt, failedAt } = failure
      const { number, scheduling } = life.settings
      const faults = this.#inflicted
        .filter((fault) => fault.at > startedAt - faultsBeforeMs && fault.at < failedAt)
        .map((fault) => `${Math.round(fault.at)} to ${fault.pid}: ${describeFault(fault.fault)}`)
      const lost = `life ${number} (${scheduling}): lost ${JSON.stringify(failure)}`
      this.#options.print([lost, ...faults, ...life.entriesAbout(pid)].join("\n"))
    }
  }

  /** Prints the violations of a life, and all that can explain them. */
  #blame(life: Life, violation: readonly string[]): void {
    if (violation.length === 0) return
    const { number, scheduling } = life.settings
    const named = violation.map((text) => `life ${number} (${scheduling}): ${text}`)
    this.#violations.push(...named)
    const transcript = ["its output:", life.output, "the end of its log:", ...life.tail()]
    this.#options.print([...named, ...transcript].join("\n"))
  }

  /** Losses by a stop are not excused by the death of the next primary before one of its workers serves. */
  #beginOutage(wasKilled: boolean): void {
    const current = this.#outages.at(-1)
    if (current?.until === Infinity && (current.wasKilled || !wasKilled)) return
    this.#endOutage()
    this.#outages.push({ from: performance.now(), until: Infinity, wasKilled })
  }

  #endOutage(): void {
    const current = this.#outages.at(-1)
    if (current?.until === Infinity) current.until = performance.now()
  }
}
