/**
 * A real program under test: started, watched, signalled, and at the end nowhere to be found.
 *
 * Waits for facts, each with a bound, and never for time to pass. When a test is over, every process that its program
 * has started must be gone by itself, and its log must keep to the rules.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { test as base, expect, inject } from "vitest"
import type { LogEntry } from "../../../src/platform/log-entry.ts"
import { checkLog } from "../../../src/proof/rules/check-log.ts"
import { rejectionsOf, type RunConditions } from "../../../src/proof/system/accept.ts"
import { builtFixture } from "./built-fixtures.ts"
import { entriesOf, type WrittenEntry } from "./log-file.ts"
import { allProcesses, hasVariable, type ProcessInfo } from "./processes.ts"
import { commandOf, type Runtime } from "./runtimes.ts"

export interface ProgramOptions {
  readonly args?: readonly string[]
  readonly env?: { readonly [variable: string]: string }
  /** The runtime, with the built package; on Deno with the sources. Default: what KAMISAMA_TEST_RUNTIME says, else Node 24. */
  readonly runtime?: Runtime
  /** Flags of the runtime. */
  readonly execArgv?: readonly string[]
  /** Another command in front, such as a shell; it gets the program's command as its last arguments. */
  readonly through?: readonly string[]
  readonly cwd?: string
  /** Whether a worker of it closes its channel. */
  readonly breaksChannels?: boolean
  /** Whether its workers load the trace, too. Default: true. */
  readonly tracesWorkers?: boolean
}

/** The runtime that all real tests are to run on, whatever promises.test.ts does. */
export const defaultRuntime = (process.env["KAMISAMA_TEST_RUNTIME"] ?? "node24") as Runtime

const boundMs = 30_000
const afterExitMs = 15_000

/** How late things may be on a busy machine before the rules call it wrong, in ms. */
const slackMs = 5_000

let runs = 0

export class Program {
  readonly child: ChildProcess
  readonly pid: number
  stdout = ""
  stderr = ""
  exit: { readonly code: number | null; readonly signal: string | null } | undefined
  #isClosed = false
  readonly #folder = mkdtempSync(join(tmpdir(), "kamisama-test-"))
  readonly #conditions: RunConditions
  readonly #mark = `KAMISAMA_TEST_RUN=${process.pid}-${(runs += 1)}`

  constructor(script: string, options: ProgramOptions = {}) {
    const { args = [], env = {}, runtime = defaultRuntime, execArgv = [], through = [] } = options
    const command = [...commandOf(runtime), ...execArgv, builtScript(runtime, script), ...args]
    const { breaksChannels, tracesWorkers } = options
    this.#conditions = { breaksChannels, tracesWorkers }
    const [program = "", ...rest] = [...through, ...command]
    const [name = "", value = ""] = this.#mark.split("=")
    this.child = spawn(program, rest, {
      cwd: options.cwd,
      detached: true,
      env: { ...process.env, ...env, [name]: value, KAMISAMA_TEST_LOG: this.#file },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.pid = this.child.pid ?? 0
    this.child.stdout?.on("data", (text: Buffer) => (this.stdout += text.toString()))
    this.child.stderr?.on("data", (text: Buffer) => (this.stderr += text.toString()))
    this.child.on("exit", (code, signal) => (this.exit = { code, signal }))
    this.child.on("close", () => (this.#isClosed = true))
  }

  get #file(): string {
    return join(this.#folder, "log")
  }

  /** Waits until something is there. */
  async until<Value>(
    what: string,
    look: () => Value | undefined | false,
    withinMs = boundMs,
  ): Promise<Value> {
    let deadline = performance.now() + withinMs
    for (let hasExited = false; ;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      // What is dead prints no more, but its processes and pipes may take a moment.
      if (this.exit !== undefined && !hasExited) {
        hasExited = true
        deadline = Math.min(deadline, performance.now() + afterExitMs)
      }
      if (performance.now() > deadline)
        throw new Error(`${what} did not come:\n${this.#transcript()}`)
      await sleep(10)
    }
  }

  /** Waits for a number of lines on stdout that begin like this. */
  untilPrinted(beginning: string, count = 1): Promise<string[]> {
    return this.until(`${count} × "${beginning}"`, () => {
      const lines = this.lines.filter((line) => line.startsWith(beginning))
      return lines.length >= count ? lines : undefined
    })
  }

  /** Waits for its end, and for all that it has printed where nothing of it is left that may print. */
  async untilExit(
    withinMs?: number,
  ): Promise<{ readonly code: number | null; readonly signal: string | null }> {
    const exit = await this.until("its exit", () => this.exit, withinMs)
    await this.until("its last words", () => this.#isClosed || this.processes().length > 0)
    return exit
  }

  /** Waits until nothing of it lives, and for all that it has printed. */
  async untilGone(): Promise<void> {
    await this.until("the end of all of its processes", () => this.processes().length === 0)
    await this.until("its last words", () => this.#isClosed)
  }

  /** From now on, reads what it prints in pieces, with a pause after each. */
  readSlowly(): void {
    const { stdout } = this.child
    stdout?.on("data", () => {
      stdout.pause()
      setTimeout(() => stdout.resume(), 5)
    })
  }

  get lines(): string[] {
    return this.stdout.split("\n").filter((line) => line !== "")
  }

  get written(): WrittenEntry[] {
    const text = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : ""
    // The last line may be in the making.
    return entriesOf(text.slice(0, text.lastIndexOf("\n") + 1))
  }

  get log(): LogEntry[] {
    return this.written.map(({ entry }) => entry)
  }

  /** How many orders of a type there were. */
  commands(type: string): number {
    return this.log.filter((entry) => entry.kind === "command" && entry.command.type === type)
      .length
  }

  /** How many events of a type there were. */
  events(type: string): number {
    return this.log.filter((entry) => entry.kind === "event" && entry.event.type === type).length
  }

  signal(signal: NodeJS.Signals, pid: number = this.pid): void {
    process.kill(pid, signal)
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** What lives of the program, the reaper included. */
  processes(): ProcessInfo[] {
    return allProcesses().filter(
      ({ pid, command }) =>
        hasVariable(pid, this.#mark) ||
        (command.includes(`kamisama-reaper`) && this.#isOurs(command)),
    )
  }

  #isOurs(command: string): boolean {
    const primary = Number(command.split(" ").at(-1))
    return primary === this.pid || this.written.some(({ pid }) => pid === primary)
  }

  /** The processes that run the script, in the order of their ids: its workers. */
  workerPids(primary: number = this.pid): number[] {
    return allProcesses()
      .filter(({ parent, command }) => parent === primary && !command.includes("kamisama-reaper"))
      .map(({ pid }) => pid)
  }

  reaperPid(): number | undefined {
    return allProcesses().find(
      ({ command }) => command.includes("kamisama-reaper") && command.endsWith(` ${this.pid}`),
    )?.pid
  }

  /** What the monitor finds wrong with the log. */
  violations(): unknown[] {
    // A program may be a wrapper of several primaries, each with its own log.
    const primaries = new Set(
      this.written.filter(({ entry }) => entry.kind === "plan").map(({ pid }) => pid),
    )
    return [...primaries].flatMap((primary) => {
      const log = logOf(primary, this.written, primaries.size === 1)
      const isComplete = log.some(
        ({ entry }) => entry.kind === "command" && entry.command.type === "finish",
      )
      const entries = log.map(({ entry }) => entry)
      return [
        ...checkLog(entries, { slackMs, isComplete }),
        ...rejectionsOf(entries, this.#conditions),
      ]
    })
  }

  /** Ends what is left, which is a failure of the test unless it is expected. */
  async clear(): Promise<ProcessInfo[]> {
    const deadline = performance.now() + 10_000
    while (this.processes().length > 0 && performance.now() < deadline) await sleep(20)
    const left = this.processes()
    for (const { pid } of left) {
      try {
        process.kill(pid, "SIGKILL")
      } catch {
        // It has ended meanwhile.
      }
    }
    return left
  }

  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #transcript(): string {
    const left = this.processes().map(({ pid, command }) => `${pid} ${command.slice(0, 80)}`)
    const parts = ["stdout:", this.stdout, "stderr:", this.stderr, "processes:", ...left]
    return [...parts, "log:", ...this.log.slice(-30).map((entry) => JSON.stringify(entry))].join(
      "\n",
    )
  }
}

/**
 * The log of one primary and its workers.
 *
 * @param isOnly whether there is no other one. A worker that outlives its primary may not know whose it was.
 */
function logOf(
  primary: number,
  written: readonly WrittenEntry[],
  isOnly: boolean,
): readonly WrittenEntry[] {
  /** A process that the program forks beside its pool may take itself for worker 1 of no pool once its parent is dead. */
  const processes = new Map<number, number>()
  return written.filter(({ pid, parent, entry }) => {
    if (entry.kind !== "worker") return pid === primary
    if (!isOnly && parent !== primary) return false
    const { incarnation } = entry.worker
    if (!processes.has(incarnation)) processes.set(incarnation, pid)
    return processes.get(incarnation) === pid
  })
}

/** A script of the fixtures as the runtime can run it; any other one as it is. */
function builtScript(runtime: Runtime, script: string): string {
  return script.startsWith(fixture(""))
    ? builtFixture(inject("builtFixtures"), runtime, script)
    : script
}

/** The path of a fixture. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
}

/** What a fixture pool is told by its first argument. */
export interface PoolSettings {
  readonly options?: { readonly [name: string]: unknown }
  readonly run?: string
  readonly shutdown?: string
  readonly port?: number
  /** What the primary does once all are ready. */
  readonly primary?: "stay" | "throws"
}

export const test = base.extend<{
  start(script: string, options?: ProgramOptions): Program
  startPool(settings: PoolSettings, options?: ProgramOptions): Program
}>({
  start: async ({}, use) => {
    const programs: Program[] = []
    await use((script, options) => {
      const program = new Program(script, options)
      programs.push(program)
      return program
    })
    const left: ProcessInfo[] = []
    for (const program of programs) left.push(...(await program.clear()))
    const violations = programs.flatMap((program) => program.violations())
    for (const program of programs) program.forget()
    const named = left.map(({ pid, command }) => `${pid} ${command.slice(-80)}`)
    expect(named, "processes that were left behind").toEqual([])
    expect(violations, "what the monitor found").toEqual([])
  },
  startPool: async ({ start }, use) => {
    await use((settings, options = {}) =>
      start(fixture("pool.ts"), {
        ...options,
        args: [JSON.stringify(settings), ...(options.args ?? [])],
      }),
    )
  },
})

export { expect }

/** Stops a program by a signal, and expects the exit code. */
export async function stopsWith(
  program: Program,
  code: number,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  program.signal(signal)
  const exit = await program.untilExit()
  expect(exit, program.stderr).toEqual({ code, signal: null })
}
