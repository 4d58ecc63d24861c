/**
 * A machine without real processes: a table of them, a clock, and what happens between two calls of a reaper. All of it
 * follows from a seed and from the calls, so that two reapers that make the same calls meet the same machine.
 */
import type { Identity } from "../../../src/platform/reaper-command.ts"
import type { ReaperProcess } from "../../../src/platform/reaper-search.ts"
import type { Random } from "../../../src/proof/simulate/random.ts"

/** A process of the machine. */
export interface SimulatedProcess extends ReaperProcess {
  /** The letter of /proc. */
  readonly state: string
  /** May look like other parts of its line in /proc. */
  readonly name: string
  /** Whether this reaper may signal it. */
  readonly isOurs: boolean
  /** Whether SIGTERM ends it. */
  readonly obeys: boolean
}

/** What stays as it is while a reaper lives. */
export interface Machine {
  readonly hasClock: boolean
  /** `sleep` takes a part of a second. */
  readonly sleepsShortly: boolean
  /** Something begins or ends after one of so many signals. */
  readonly calm: number
  /** The session of the primary. */
  readonly session: number
}

/** Process ids are few, so that they are reused. */
const mostPids = 12

const names = ["node", "a b", "x) S 1 1 1", "(sd-pam)", "a) (b"]
/** A moment may take so many ms. */
const moments = [0, 10, 90, 100, 110, 120, 500, 1_990, 2_000, 2_010, 60_000]

export class World {
  readonly processes = new Map<number, SimulatedProcess>()
  readonly machine: Machine
  uptimeMs: number
  readonly #random: Random
  #startedAt: number

  constructor(machine: Machine, random: Random) {
    this.machine = machine
    this.#random = random
    this.uptimeMs = 10 * random.below(20_000)
    this.#startedAt = 1_000
    for (let count = random.below(8); count > 0; count -= 1) this.#begin()
  }

  /** Takes a call: "sleep 0.1", or a signal as "TERM 12". Says whether it succeeds. */
  call(text: string): boolean {
    const [what = "", argument = ""] = text.split(" ")
    if (what === "sleep") return this.#sleep(argument)
    const succeeds = this.reaches(Number(argument))
    if (succeeds) this.#signal(Number(argument), what)
    if (this.#isOneIn(4)) this.uptimeMs += 10 * this.#random.below(30)
    if (this.#isOneIn(this.machine.calm)) this.#happen()
    return succeeds
  }

  /** Whether a signal to it succeeds. */
  reaches(pid: number): boolean {
    return this.processes.get(pid)?.isOurs === true
  }

  /** The process id of an identity whose process lives. */
  living(identity: Identity): number | undefined {
    const process = this.listed().find(({ pid, startedAt }) => `${pid}:${startedAt}` === identity)
    return process?.pid
  }

  /** What lives, in the order of names of files. */
  listed(): readonly SimulatedProcess[] {
    const alive = [...this.processes.values()].filter(({ state }) => !/[ZX]/.test(state))
    return alive.sort((one, other) => (String(one.pid) < String(other.pid) ? -1 : 1))
  }

  /** Any process id. */
  anyPid(): number {
    return 1 + this.#random.below(mostPids)
  }

  /** Any identity, mostly of a process that is there. */
  anyIdentity(): Identity {
    const pid = this.anyPid()
    const startedAt = this.processes.get(pid)?.startedAt
    return `${pid}:${this.#isOneIn(5) ? 1_000 : (startedAt ?? 1_001)}`
  }

  #sleep(seconds: string): boolean {
    if (seconds !== "1" && !this.machine.sleepsShortly) return false
    this.uptimeMs += moments[this.#random.below(moments.length)] ?? 0
    for (let count = this.#random.below(3); count > 0; count -= 1) this.#happen()
    return true
  }

  #signal(pid: number, signal: string): void {
    const process = this.processes.get(pid)
    if (process === undefined) return
    if (signal === "KILL" ? !this.#isOneIn(8) : signal === "TERM" && process.obeys) this.#end(pid)
    else if (signal === "STOP") this.#set({ ...process, state: "T" })
    else if (signal === "CONT") this.#set({ ...process, state: "S" })
  }

  #happen(): void {
    const pid = this.anyPid()
    const process = this.processes.get(pid)
    if (process === undefined) this.#begin()
    else if (this.#isOneIn(4)) this.#set({ ...process, state: this.#isOneIn(5) ? "X" : "Z" })
    else this.#end(pid)
  }

  /** Half of what begins has a parent. Most of it is in the session of the primary. */
  #begin(): void {
    const pid = this.anyPid()
    if (this.processes.has(pid)) return
    const parent = this.#isOneIn(2) ? this.anyPid() : 1
    this.#startedAt += this.#random.below(3)
    this.#set({
      pid,
      parent,
      session: this.#isOneIn(6) ? pid : this.machine.session,
      startedAt: this.#startedAt,
      isMarked: this.#isOneIn(2),
      state: "RSDT"[this.#random.below(4)] ?? "S",
      name: names[this.#random.below(names.length)] ?? "",
      isOurs: !this.#isOneIn(12),
      obeys: this.#isOneIn(2),
    })
  }

  /** Its children become those of pid 1. */
  #end(pid: number): void {
    this.processes.delete(pid)
    for (const process of this.processes.values()) {
      if (process.parent === pid) this.#set({ ...process, parent: 1 })
    }
  }

  #set(process: SimulatedProcess): void {
    this.processes.set(process.pid, process)
  }

  #isOneIn(count: number): boolean {
    return this.#random.below(count) === 0
  }
}
