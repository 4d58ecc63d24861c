/**
 * The soak: life after life of a pool, each under load and faults, until the time is over. Decides nothing about right and
 * wrong: that is done by the rules, in life.ts and in excuses.ts.
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
  /** Gets a line for people to read, at once. */
  tell(line: string): void
}

/** What came of it, also while it runs. */
export interface SoakReport {
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly lives: number
  readonly requests: number
  readonly answered: number
  readonly lost: Verdict
  /** What is wrong with the lives. */
  readonly violations: readonly string[]
  /** How many processes were left behind. */
  readonly leftover: number
}

const clients = 12
const tellEveryMs = 10_000

/** How long a primary may take to begin, and to end when it was stopped: also suspended, and waiting for exits. */
const beginMs = 30_000
const endMs = 2_500 + timeoutMs + 5_000 + allowanceMs

/** How long a process takes at most to be gone once its connections break, in ms: half a second was seen. */
const longestEndMs = 1_000

/** From how long before a request that was lost the faults are told, in ms. */
const storyMs = 5_000

/** Soaks until the time is over. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = new Soak(options, await soakPort())
  // Whatever breaks the soak itself leaves nothing behind.
  const clear = (): void => run.clear()
  process.once("exit", clear)
  const telling = setInterval(() => options.tell(run.progress()), tellEveryMs)
  try {
    await run.toEnd()
  } finally {
    clearInterval(telling)
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
  readonly #outages: { readonly from: number; until: number; readonly wasKilled: boolean }[] = []
  readonly #violations: string[] = []
  /** What was inflicted on the current life, and when. */
  #inflicted: { readonly at: number; readonly pid: number; readonly fault: Fault }[] = []
  /** The lost requests that were told of. */
  readonly #told = new Set<Failure>()
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
      if (endsLife(kind)) this.#beginOutage(kind === "kill primary")
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

  /** Ends by force what lives. */
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
          if (isServing) this.#endOutage()
          else this.#beginOutage(false)
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

  /** Waits until a life is over, which it is to be soon, and looks at it. */
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
    this.#tellLost(life)
    this.#inflicted = []
    life.forget()
  }

  /** Tells of each request that was lost without an excuse, and what happened to the worker that had it. */
  #tellLost(life: Life): void {
    for (const failure of this.report().lost.violations) {
      if (this.#told.has(failure)) continue
      this.#told.add(failure)
      const { pid = life.pid, startedAt, failedAt } = failure
      const { number, scheduling } = life.settings
      const faults = this.#inflicted
        .filter((fault) => fault.at > startedAt - storyMs && fault.at < failedAt)
        .map((fault) => `${Math.round(fault.at)} to ${fault.pid}: ${describeFault(fault.fault)}`)
      const lost = `life ${number} (${scheduling}): lost ${JSON.stringify(failure)}`
      this.#options.tell([lost, ...faults, ...life.entriesAbout(pid)].join("\n"))
    }
  }

  /** Tells what is wrong with a life, and all that may say why. */
  #blame(life: Life, violation: readonly string[]): void {
    if (violation.length === 0) return
    const { number, scheduling } = life.settings
    const named = violation.map((text) => `life ${number} (${scheduling}): ${text}`)
    this.#violations.push(...named)
    const transcript = ["what it printed:", life.output, "the end of its log:", ...life.tail()]
    this.#options.tell([...named, ...transcript].join("\n"))
  }

  /** What is lost by a stop is not excused by a death of the next primary before anybody serves. */
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
