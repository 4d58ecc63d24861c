/**
 * One program under measurement: started, watched, and ended with everything that it has started.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export type Kind = "raw" | "kamisama"

export class Subject {
  readonly startedAt: number = performance.now()
  readonly child: ChildProcess
  /** The workers that have said that they serve, in order, and when. */
  readonly up: { readonly pid: number; readonly at: number }[] = []
  #rest = ""
  #wake = (): void => undefined

  constructor(kind: Kind, workers: number, port: number, scheduling: string) {
    const script = fileURLToPath(new URL(`programs/${kind}.js`, import.meta.url))
    this.child = spawn(process.execPath, [script, String(workers), scheduling], {
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    })
    this.child.stdout?.on("data", (data: Buffer) => this.#read(data.toString()))
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n")
    this.#rest = lines.pop() ?? ""
    const at = performance.now()
    for (const line of lines) this.up.push({ pid: Number(line.split(" ")[1]), at })
    this.#wake()
  }

  /** Waits until so many workers have said that they serve. @returns when the last of them did. */
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

  /** Resident memory of the primary, in MiB. */
  primaryMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8")
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("close", resolve))
    this.child.kill("SIGTERM")
    await ended
  }
}
