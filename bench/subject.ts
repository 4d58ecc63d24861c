/** Runs a program that is measured: starts it, watches its output, and ends it together with its processes. */
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** What others have written for the same. They are in bench/peers. */
export const peers = ["throng", "recluster", "cfork", "graceful-cluster", "pm2"] as const

/** A program of bench/programs, or of bench/peers. */
export type ProgramName =
  | (typeof peers)[number]
  | "raw"
  | "kamisama"
  | "kamisama-loaded"
  | "app-raw"
  | "app-kamisama"
  | "app-kamisama-run"

/** What a program is told. The raw ones ignore what they do not have. */
export interface Settings {
  readonly workers: number
  readonly scheduling?: "round-robin" | "os"
  /** In ms; 0 for none. */
  readonly heartbeatTimeout?: number
  readonly spares?: number
  readonly atOnce?: number | "all"
  /** Whether somebody can read metrics, so that requests are measured. */
  readonly metrics?: boolean
}

export class Subject {
  readonly startedAt: number = performance.now()
  readonly child: ChildProcess
  /** The workers that listen, in the order in which they began, and since when. */
  readonly up: { readonly pid: number; readonly at: number }[] = []
  #rest = ""
  #wake = (): void => undefined

  constructor(name: ProgramName, settings: Settings, port: number) {
    const isPeer = (peers as readonly string[]).includes(name)
    const path = isPeer ? `peers/${name}.mjs` : `programs/${name}.js`
    const script = fileURLToPath(new URL(path, import.meta.url))
    const told = { scheduling: "round-robin", heartbeatTimeout: 0, ...settings }
    this.child = spawn(process.execPath, [script, JSON.stringify(told)], {
      env: { ...process.env, PORT: String(port) },
      // Others complain at their end.
      stdio: ["ignore", "pipe", isPeer ? "ignore" : "inherit"],
    })
    this.child.stdout?.on("data", (data: Buffer) => this.#read(data.toString()))
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    const at = performance.now()
    for (const line of lines) {
      // Others print more than that, and some put something before it.
      const [, pid] = /\bup (\d+)\s*$/.exec(line) ?? []
      if (pid !== undefined) this.up.push({ pid: Number(pid), at })
    }
    this.#wake()
  }

  /** Waits until this many workers have listened. @returns when the last of them began to. */
  async untilUp(count: number): Promise<number> {
    while (this.up.length < count) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${count} workers did not come up`)),
          60_000,
        )
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.up[count - 1]?.at ?? Number.NaN
  }

  /** The processes that it has started and that live. */
  children(): readonly number[] {
    return readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number)
  }

  /** The resident memory of the primary that is no page of a file, in MiB. */
  primaryMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8")
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1_024
  }

  /** The processor time that the primary has used so far, in ms. */
  primaryCpuMs(): number {
    return Subject.cpuMsOf(this.child.pid ?? 0)
  }

  /** The processor time that a process has used so far, in ms. */
  static cpuMsOf(pid: number): number {
    // In hundredths of a second, behind the name in parentheses: see proc(5).
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
    return (Number(user) + Number(system)) * 10
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("close", resolve))
    this.child.kill("SIGTERM")
    await ended
  }
}
