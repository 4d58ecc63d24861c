/**
 * Runs the soak: one life of a pool after the other, each under load and faults, until the time is over. life.ts and
 * excuses.ts judge what is right and wrong.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { startBegunLoad } from "./begun-load.ts"
import { type Ending, type EndingVerdict, judgeEndings } from "./endings.ts"
import { type Death, type Failure, judge, type Verdict } from "./excuses.ts"
import { startHeldLoad } from "./held-load.ts"
import { inflict } from "./inflict.ts"
import { allowanceMs, closeTimeoutMs, Life, timeoutMs, ways } from "./life.ts"
import { type SoakLoad, startSoakLoad } from "./load.ts"
import { describeFault, endsLife, type Fault, type FaultKind, faultsOf } from "./plan.ts"
import { soakPort } from "./port.ts"

export interface SoakOptions {
  readonly seed: number
  readonly workers: number
  readonly ms: number
  /** How many times as long the pauses between the faults are, and how long workers have to become ready. */
  readonly pace: number
  /** Prints a line at once. */
  print(line: string): void
}

/** The results, so far or at the end. */
export interface SoakReport {
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly lives: number
  readonly requests: number
  readonly answered: number
  /** How many answers the control sockets have given. */
  readonly operated: number
  readonly lost: Verdict
  /** How many connections clients have kept open, by what they were. */
  readonly held: ReadonlyMap<string, number>
  /** How they have ended. */
  readonly endings: EndingVerdict
  /** The violations of the lives. */
  readonly violations: readonly string[]
  /** How many processes were left behind. */
  readonly leftover: number
}

/** How long a worker may take to become ready, in ms, on a machine that is not busy otherwise. */
const startTimeoutMs = 4_000

const clients = 12
/** Those that keep connections open: half of them WebSockets, half event streams; and those that begin a head, or a hello. */
const heldClients = 8
const begunClients = 2
/** The ports of the pool: for requests, for heads, for hellos. */
const ports = 3
/** How far apart two looks are. What a dead worker has started must be gone by then. */
const lookEveryMs = 10_000

/** How long a primary may take to begin, and to end after a stop, even if it is suspended or waits for exits. */
const beginMs = 30_000
const endMs = 2_500 + timeoutMs + 5_000 + allowanceMs

/** The longest time from the break of its connections to the exit of a process, in ms. Half a second was seen. */
const longestEndMs = 1_000

/** How long before a lost request the printed faults begin, in ms. */
const faultsBeforeMs = 5_000

/** Soaks until the time is over. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const run = new Soak(options, await soakPort(ports))
  // Even if the soak itself breaks, it leaves nothing behind.
  const clear = (): void => run.clear()
  process.once("exit", clear)
  const printing = setInterval(() => {
    run.lookForOrphans()
    options.print(run.progress())
  }, lookEveryMs)
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
  /** Let the clients go that keep connections open. */
  readonly #letGo: readonly (() => Promise<void>)[]
  readonly #startedAt = performance.now()
  readonly #faults = new Map<FaultKind, number>()
  readonly #deaths: Death[] = []
  readonly #stops = new Map<number, number>()
  /** The attempts to open a connection that have failed. */
  readonly #failures: Failure[] = []
  readonly #held = new Map<string, number>()
  readonly #endings: Ending[] = []
  /** The workers that have the connections on which something is begun, by the ports of their clients. */
  readonly #begun = new Map<number, number>()
  /** The life that a fault has ended. */
  #ending: Life | undefined
  readonly #outages: { readonly from: number; until: number; readonly wasKilled: boolean }[] = []
  readonly #violations: string[] = []
  /** The faults that were inflicted on the current life, and when. */
  #inflicted: { readonly at: number; readonly pid: number; readonly fault: Fault }[] = []
  /** The lost requests and the wrong endings that were printed. */
  readonly #printed = new Set<Failure | Ending>()
  /** What was left by dead workers at the last look. */
  #orphans: readonly number[] = []
  #lives = 0
  #life: Life | undefined
  #leftover = 0
  #operated = 0

  constructor(options: SoakOptions, port: number) {
    this.#options = options
    this.#port = port
    this.#beginOutage(false)
    this.#load = startSoakLoad(port, clients)
    const onOpened = (kind: string): void => {
      this.#held.set(kind, (this.#held.get(kind) ?? 0) + 1)
    }
    this.#letGo = [
      startHeldLoad(port, heldClients, {
        onOpened,
        onEnded: (ending) => this.#endings.push(ending),
        onFailed: (failure) => this.#failures.push(failure),
      }),
      startBegunLoad({ head: port + 1, hello: port + 2 }, begunClients, {
        onOpened,
        onEnded: (kind, clientPort, openedAt, endedAt) => {
          const pid = this.#begun.get(clientPort)
          this.#begun.delete(clientPort)
          // If no worker had it, it was not accepted.
          if (pid !== undefined) this.#endings.push({ kind, pid, openedAt, endedAt })
        },
      }),
    ]
  }

  async toEnd(): Promise<void> {
    const { seed, workers, ms, pace } = this.#options
    let life = await this.#begin()
    for (const fault of faultsOf(seed, workers)) {
      await sleep(pace * fault.afterMs)
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
    await Promise.all([this.#load.end(), ...this.#letGo.map((letGo) => letGo())])
    this.#beginOutage(false)
    life.signal("SIGTERM")
    await this.#end(life)
  }

  /** Kills all processes of the current life. */
  clear(): void {
    this.#life?.clear()
    this.#life?.forget()
  }

  /** Blames a life for what dead workers have left, if it is still there after two looks. */
  lookForOrphans(): void {
    if (this.#life === undefined) return
    const orphans = this.#life.orphans()
    const left = orphans.filter((pid) => this.#orphans.includes(pid))
    this.#orphans = orphans.filter((pid) => !left.includes(pid))
    this.#blame(
      this.#life,
      left.map((pid) => `${pid} was left by a worker that died ${lookEveryMs} ms ago or more`),
    )
  }

  report(): SoakReport {
    const { requests, answered, failures } = this.#load
    return {
      faults: this.#faults,
      lives: this.#lives,
      requests,
      answered,
      operated: this.#operated,
      lost: judge([...failures, ...this.#failures], this.#deaths, this.#outages),
      held: this.#held,
      endings: judgeEndings(this.#endings, closeTimeoutMs, {
        deaths: this.#deaths,
        outages: this.#outages,
        stops: this.#stops,
      }),
      violations: this.#violations,
      leftover: this.#leftover,
    }
  }

  progress(): string {
    const { faults, lives, requests, lost, endings, violations, leftover } = this.report()
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000)
    const inflicted = [...faults.values()].reduce((sum, count) => sum + count, 0)
    const violation =
      violations.length + lost.violations.length + endings.violations.length + leftover
    return `${seconds} s: ${inflicted} faults, ${lives} lives, ${requests} requests, ${lost.excused} lost and excused, ${endings.right} of ${endings.right + endings.excused} connections ended as promised, ${violation} wrong`
  }

  #note(fault: Fault, pid: number): void {
    const { kind } = fault
    this.#inflicted.push({ at: performance.now(), pid, fault })
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  async #begin(): Promise<Life> {
    const { workers, pace } = this.#options
    this.#lives += 1
    const number = this.#lives
    const scheduling = number % 2 === 0 ? "os" : "round-robin"
    const way = ways[number % ways.length] ?? "returned"
    // Each life has another combination of them.
    const spares = [1, 0, 2][number % 3] ?? 0
    const atOnce = ([2, "all", 1, "all"] as const)[number % 4] ?? 1
    const compileCache = number % 5 !== 0
    const life = await Life.begin(
      {
        number,
        workers,
        port: this.#port,
        scheduling,
        way,
        spares,
        atOnce,
        compileCache,
        startTimeoutMs: pace * startTimeoutMs,
      },
      {
        onServing: (isServing) => {
          if (!isServing) this.#beginOutage(false)
          // What a life that ends still reports as it boots no longer brings the port back.
          else if (this.#ending !== life) this.#endOutage()
        },
        onStopping: (pid) => this.#stops.set(pid, performance.now()),
        onBegun: (pid, clientPort) => this.#begun.set(clientPort, pid),
        onWorkerEnded: (pid) => {
          const doomedAt = life.doomedAt(pid)
          if (doomedAt === undefined) return
          const at = performance.now()
          const from = Math.max(doomedAt, at - longestEndMs)
          const isHandedConnections = scheduling === "round-robin"
          const closedAt = isHandedConnections ? Math.max(at, life.primaryResumesAt) : at
          this.#deaths.push({ pid, from, at, closedAt, isHandedConnections })
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
    this.#operated += life.answers
    life.forget()
  }

  /** Prints each request that was lost without an excuse, and what happened to the worker that had it. */
  #printLost(life: Life): void {
    const { lost, endings } = this.report()
    for (const failure of [...lost.violations, ...endings.violations]) {
      if (this.#printed.has(failure)) continue
      this.#printed.add(failure)
      const { pid = life.pid } = failure
      const [from, until] =
        "how" in failure && "startedAt" in failure
          ? [failure.startedAt, failure.failedAt]
          : [failure.endedAt, failure.endedAt]
      const faults = this.#inflicted
        .filter((fault) => fault.at > from - faultsBeforeMs && fault.at < until)
        .map((fault) => `${Math.round(fault.at)} to ${fault.pid}: ${describeFault(fault.fault)}`)
      const stoppedAt = this.#stops.get(pid)
      const stop = stoppedAt === undefined ? [] : [`stopping at ${Math.round(stoppedAt)}`]
      const text = `${nameOf(life)}: lost ${JSON.stringify(failure)}`
      this.#options.print([text, ...faults, ...stop, ...life.entriesAbout(pid)].join("\n"))
    }
  }

  /** Prints the violations of a life, and all that can explain them. */
  #blame(life: Life, violation: readonly string[]): void {
    if (violation.length === 0) return
    const named = violation.map((text) => `${nameOf(life)}: ${text}`)
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

function nameOf({ settings: { number, scheduling, way } }: Life): string {
  return `life ${number} (${scheduling}, ${way})`
}
