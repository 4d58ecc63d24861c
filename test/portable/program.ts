/**
 * A program under test: started, asked, steered, and at the end nowhere to be found. Waits for facts, each with a bound.
 */
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { closeSync, openSync, readFileSync } from "node:fs"
import { get } from "node:http"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { System } from "./system.ts"

/** What a program is started with. */
export interface Started {
  readonly system: System
  readonly folder: string
  /** A script and its arguments, or what the command is given. */
  readonly words: readonly string[]
  /** The folder of commands, if `kamisama` is started from there. */
  readonly commands?: string
  readonly port: number
  readonly steering?: number
}

/** How long something may take, in ms. */
const boundMs = 100_000

/** How long an answer may take, in ms. */
const answerMs = 20_000

export class Program {
  readonly #started: Started
  readonly #child: ChildProcess
  /** Its exit code; undefined while it runs. */
  exitCode: number | undefined

  constructor(started: Started) {
    const { system, folder, words, commands } = started
    this.#started = started
    const stdout = openSync(join(folder, "stdout.txt"), "a")
    const stderr = openSync(join(folder, "stderr.txt"), "a")
    const environment = { WEB_CONCURRENCY: undefined, NODE_OPTIONS: undefined }
    this.#child = system.launch({ folder, words, commands, environment, stdout, stderr })
    closeSync(stdout)
    closeSync(stderr)
    void once(this.#child, "exit").then(([code]) => (this.exitCode = Number(code ?? -1)))
  }

  /** What it has printed, and its log. */
  get output(): string {
    return this.#read("stdout.txt")
  }

  get log(): string {
    return this.#read("stderr.txt")
  }

  /** Waits until something is so. */
  async until<Value>(
    what: string,
    look: () => Value | undefined | false | Promise<Value | undefined | false>,
  ): Promise<Value> {
    for (const until = performance.now() + boundMs; ;) {
      const found = await look()
      if (found !== undefined && found !== false) return found
      if (performance.now() > until) {
        throw new Error(`${what} did not come:\n${this.output}\n${this.log}`)
      }
      await sleep(50)
    }
  }

  /** Waits until its log has a text so many times. */
  untilLogged(text: string | RegExp, times = 1): Promise<boolean> {
    return this.until(`${times} × ${text}`, () => this.log.split(text).length > times)
  }

  /** Waits for its end. */
  untilEnd(): Promise<number> {
    return this.until("its end", () => this.exitCode ?? false)
  }

  /** Waits until none of its processes lives. */
  untilGone(): Promise<boolean> {
    return this.until("the end of its processes", () => this.processes().length === 0)
  }

  /** What its port answers; the error of the connection if there is none. */
  ask(path = "/"): Promise<string> {
    return answerOf(this.#started.port, path)
  }

  /** Begins a request whose answer comes in parts. @returns once the first one has come, or nothing more can. */
  begin(path: string): Promise<{ readonly answer: Promise<string> }> {
    return new Promise((resolve) => {
      const answer = answerOf(this.#started.port, path, () => resolve({ answer }))
      void answer.then(() => resolve({ answer }))
    })
  }

  /** Asks the pool for something, in its primary. */
  async steer(path: string): Promise<unknown> {
    const { steering = 0 } = this.#started
    const text = await answerOf(steering, path)
    if (!/^(?:null|[{[])/.test(text)) throw new Error(`${path} was not answered: ${text}`)
    return JSON.parse(text)
  }

  /** Asks the pool to stop. It may end before it answers. */
  stop(): void {
    void this.steer("/stop").catch(() => undefined)
  }

  processes(): readonly number[] {
    const { system, folder } = this.#started
    const pids = [...this.log.matchAll(/\(pid (\d+)\)/g)].map(([, pid]) => Number(pid))
    return system.processes({ folder, pids })
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#started.system.interrupt(this.#child)
  }

  /** Ends the primary by force. */
  kill(): void {
    this.#started.system.kill(this.#child)
  }

  /** Ends what is left. @returns how many processes were. */
  endLeft(): number {
    const others = this.processes().filter((pid) => pid !== this.#child.pid)
    for (const pid of others) endByForce(pid)
    if (this.exitCode !== undefined) return others.length
    this.#child.kill("SIGKILL")
    return others.length + 1
  }

  #read(file: string): string {
    return readFileSync(join(this.#started.folder, file), "utf8").replaceAll("\r\n", "\n")
  }
}

function endByForce(pid: number): void {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It has ended meanwhile.
  }
}

function answerOf(port: number, path: string, begun?: () => void): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ port, path, host: "127.0.0.1", agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        text += chunk
        begun?.()
      })
      response.on("end", () => resolve(text))
      response.on("error", ({ message }) => resolve(message))
    })
    request.setTimeout(answerMs, () => request.destroy(new Error("no answer in time")))
    request.on("error", ({ message }) => resolve(message))
  })
}
