/**
 * One life of the soaked pool, from the start of its primary until all of its processes are gone. It finds violations of
 * the rules, a wrong exit, and deaths of workers that no fault explains. soak.ts chooses the faults.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { checkLog } from "../src/proof/rules/check-log.ts"
import type { LogEntry } from "../src/platform/log-entry.ts"
import { entriesOf, type WrittenEntry } from "../test/real/harness/log-file.ts"
import { allProcesses, hasVariable, type ProcessInfo } from "../test/real/harness/processes.ts"
import { Control, type ControlListener } from "./control.ts"
import { type Outside, startOutside } from "./outside.ts"

export interface LifeSettings {
  /** Its number among the lives of this soak, from 1. */
  readonly number: number
  readonly workers: number
  readonly port: number
  readonly scheduling: "round-robin" | "os"
  /** How kamisama gets the servers of a worker: `run` returns them, or nothing, or a module that listens by itself. */
  readonly way: Way
  /** How long a worker may take to become ready, in ms. */
  readonly startTimeoutMs: number
  /** How many processes wait to take the place of a worker. */
  readonly spares: number
  /** How many workers a reload replaces side by side. */
  readonly atOnce: number | "all"
  /** Whether workers keep what they have compiled. */
  readonly compileCache: boolean
}

export const ways = ["returned", "nothing", "module"] as const
type Way = (typeof ways)[number]

/** How long a worker may take to stop, in ms. A killed primary leaves nothing behind after this time and the allowance. */
export const timeoutMs = 3_000

/** How long a client may keep a connection open after the stop of its worker: the default. */
export const closeTimeoutMs: number = timeoutMs / 2

/** How late an event may be on a busy machine before it is a violation, in ms. */
export const allowanceMs = 5_000

const script = fileURLToPath(new URL("programs/pool.js", import.meta.url))

/** What some workers start. The pool ends it after its worker. */
const helper = ["sleep", "86397"]

/** Every policy is on, and the pool never gives up. */
const policies = {
  timeout: timeoutMs,
  heartbeatTimeout: 2_000,
  respawnLimit: 100_000,
  backoff: { min: 20, max: 300 },
  recycle: { maxRequests: 300 },
}

/** How much of the pool's output is kept, in characters. */
const keptOutput = 20_000

export class Life {
  readonly settings: LifeSettings
  readonly control: Control
  readonly pid: number
  exit: { readonly code: number | null; readonly signal: string | null } | undefined
  /** When a fault first hit each worker. */
  readonly #hurtAt = new Map<number, number>()
  /** Whether a fault has killed the primary. */
  wasKilled = false
  /** When the primary goes on, if a fault has suspended it. */
  primaryResumesAt = 0
  /** The end of its output. */
  output = ""
  readonly #child: ChildProcess
  readonly #outside: Outside
  readonly #folder: string
  readonly #mark: string

  private constructor(settings: LifeSettings, folder: string, control: Control) {
    const { number, workers, port, scheduling, way, startTimeoutMs } = settings
    const { spares, atOnce, compileCache } = settings
    this.settings = settings
    this.control = control
    this.#folder = folder
    this.#mark = `KAMISAMA_SOAK_LIFE=${process.pid}-${number}`
    const [name = "", value] = this.#mark.split("=")
    const reload = { minReadyTime: 200, atOnce }
    const options = {
      ...policies,
      workers,
      startTimeout: startTimeoutMs,
      spares,
      reload,
      compileCache,
      control: join(folder, "pool.sock"),
    }
    const settingsOfPool = { folder, port, scheduling, way, helper, options }
    this.#child = spawn(process.execPath, [script, JSON.stringify(settingsOfPool)], {
      cwd: folder,
      detached: true,
      env: { ...process.env, [name]: value },
      stdio: ["ignore", "ignore", "pipe"],
    })
    this.pid = this.#child.pid ?? 0
    this.#outside = startOutside(options.control, workers)
    this.#child.stderr?.on("data", (text: Buffer) => {
      this.output = (this.output + text.toString()).slice(-keptOutput)
    })
    this.#child.on("exit", (code, signal) => (this.exit = { code, signal }))
  }

  static async begin(settings: LifeSettings, listener: ControlListener): Promise<Life> {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-soak-"))
    writeFileSync(join(folder, "version"), "good")
    const control = await Control.at(join(folder, "control"), listener)
    return new Life(settings, folder, control)
  }

  /** Sets the version of the program that workers load from now on: `good`, or how it is broken. */
  deploy(version: string): void {
    if (existsSync(this.#folder)) writeFileSync(join(this.#folder, "version"), version)
  }

  /** Notes that a fault makes a worker end, or not end when it should. */
  hurt(pid: number): void {
    if (!this.#hurtAt.has(pid)) this.#hurtAt.set(pid, performance.now())
  }

  /** When a worker began to end without warning, by a fault or a broken version; undefined if it did not. */
  doomedAt(pid: number): number | undefined {
    return this.#hurtAt.get(pid) ?? (this.#doomed().has(pid) ? -Infinity : undefined)
  }

  #doomed(): ReadonlySet<number> {
    return new Set(this.#read("doomed").split("\n").filter(Boolean).map(Number))
  }

  /** The living processes that the primary has forked, including those that boot. */
  children(): number[] {
    return this.processes()
      .filter(({ parent, command }) => parent === this.pid && !isSidecar(command))
      .map(({ pid }) => pid)
      .sort((one, other) => one - other)
  }

  /** The living processes that workers have started which are dead. */
  orphans(): number[] {
    const all = this.processes()
    const isAlive = (pid: number): boolean => all.some((one) => one.pid === pid)
    return all
      .filter(({ command, parent }) => command === helper.join(" ") && !isAlive(parent))
      .map(({ pid }) => pid)
  }

  /** Its living processes, including the reaper, and what its workers have started. */
  processes(): ProcessInfo[] {
    return allProcesses().filter(
      ({ pid, command }) =>
        hasVariable(pid, this.#mark) || (isSidecar(command) && command.endsWith(` ${this.pid}`)),
    )
  }

  /** Sends a signal to a process of this life, if it still lives. */
  signal(signal: NodeJS.Signals, pid: number = this.pid): void {
    if (hasVariable(pid, this.#mark)) send(pid, signal)
  }

  /** Sends a signal to the process group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void {
    if (hasVariable(this.pid, this.#mark)) send(-this.pid, signal)
  }

  /** Waits until a condition holds, or for `ms`. @returns whether it holds. */
  async within(ms: number, isSo: () => boolean): Promise<boolean> {
    const deadline = performance.now() + ms
    while (!isSo()) {
      if (performance.now() > deadline) return false
      await sleep(20)
    }
    return true
  }

  /** Kills all processes that are left. */
  clear(): void {
    for (const { pid } of this.processes()) send(pid, "SIGKILL")
  }

  /** Ends what is left of it, closes its socket and deletes its folder. Its log cannot be read afterwards. */
  forget(): void {
    this.#outside.end()
    this.clear()
    this.control.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The end of its log, one line per entry. */
  tail(): string[] {
    return this.#written()
      .slice(-40)
      .map((written) => JSON.stringify(written))
  }

  /** The log entries about one worker, without its heartbeats. */
  entriesAbout(worker: number): string[] {
    const written = this.#written()
    const incarnation = written
      .flatMap(({ pid, entry }) =>
        pid === worker && entry.kind === "worker" ? [entry.worker.incarnation] : [],
      )
      .at(0)
    return written
      .map((entry) => JSON.stringify(entry))
      .filter((line) => line.includes(`"incarnation":${incarnation}}`))
      .filter((line) => !line.includes("worker-sent-heartbeat"))
  }

  /** How many answers its control socket has given. */
  get answers(): number {
    return this.#outside.answers
  }

  /** Its violations, once it is over. */
  violations(): string[] {
    const written = this.#written()
    const log = written.map(({ entry }) => entry)
    if (!log.some(({ kind }) => kind === "plan")) return ["it has left no log"]
    const isComplete = log.some(
      (entry) => entry.kind === "command" && entry.command.type === "finish",
    )
    const broken = checkLog(log, { slackMs: allowanceMs, isComplete })
    return [
      ...broken.map(({ rule, text, at }) => `rule ${rule} at ${at}: ${text}`),
      ...this.#outside.violations,
      ...this.#wrongWithExit(log),
      ...this.#unexplainedDeaths(written),
    ]
  }

  #wrongWithExit(log: readonly LogEntry[]): string[] {
    const codes = log.flatMap((entry) =>
      entry.kind === "command" && entry.command.type === "finish" ? [entry.command.code] : [],
    )
    const { code = null, signal = null } = this.exit ?? {}
    if (signal !== null) return this.wasKilled ? [] : [`its primary died of ${signal}`]
    if (codes.length === 0) return [`its primary exited with ${code} without being done`]
    return code === codes[0] ? [] : [`its primary exited with ${code}, not with ${codes[0]}`]
  }

  /** Workers whose `run` was called and that did not exit with code 0, though no fault had hit them. */
  #unexplainedDeaths(written: readonly WrittenEntry[]): string[] {
    const pids = new Map<number, number>()
    const doomed = this.#doomed()
    return written.flatMap(({ pid, entry }) => {
      if (entry.kind === "worker") pids.set(entry.worker.incarnation, pid)
      if (entry.kind !== "event" || entry.event.type !== "worker-exited") return []
      const { worker, code, signal } = entry.event
      const ended = pids.get(worker.incarnation)
      if (ended === undefined || code === 0 || this.#hurtAt.has(ended) || doomed.has(ended))
        return []
      return [
        `worker ${worker.slot} (#${worker.incarnation}, pid ${ended}) ended by ${signal ?? code} though no fault hurt it`,
      ]
    })
  }

  #written(): WrittenEntry[] {
    const text = this.#read("log")
    return entriesOf(text.slice(0, text.lastIndexOf("\n") + 1))
  }

  #read(name: string): string {
    const path = join(this.#folder, name)
    return existsSync(path) ? readFileSync(path, "utf8") : ""
  }
}

function isSidecar(command: string): boolean {
  return command.includes("kamisama-reaper")
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has just exited.
  }
}
