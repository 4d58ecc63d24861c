/** One pod: a program in a network namespace of its own, started and ended as a kubelet does. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { killIn, type Network, type Place } from "./network.ts"
import type { Variant } from "./variants.ts"

export class Pod {
  readonly name: string
  readonly address: string
  readonly #place: Place
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #output = ""

  constructor(network: Network, { program, settings }: Variant) {
    this.#place = network.place()
    this.name = this.#place.namespace
    this.address = this.#place.address
    const script = fileURLToPath(new URL(`programs/${program}`, import.meta.url))
    const command = [process.execPath, script, JSON.stringify(settings)]
    // It gets no Ctrl-C of the terminal: the rehearsal ends it.
    this.#child = spawn("ip", ["netns", "exec", this.name, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (part: Buffer) => {
        this.#output = `${this.#output}${part.toString()}`.slice(-4_000)
      })
    }
    this.#exited = once(this.#child, "exit")
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** What it has written of late. */
  get output(): string {
    return this.#output
  }

  /** Asks it to stop, and waits until it has exited. @returns whether it had to be killed. */
  async terminate(graceMs: number): Promise<boolean> {
    let wasKilled = false
    const killing = setTimeout(() => {
      wasKilled = true
      killIn(this.name)
    }, graceMs)
    this.#child.kill("SIGTERM")
    await this.#exited
    clearTimeout(killing)
    return wasKilled
  }

  /** Removes it with its namespace, and whatever still runs in it. */
  remove(): void {
    this.#place.remove()
  }
}
