/**
 * One simulated process: what can happen to it from outside, and what it reports.
 *
 * Holds what every process has in common: it boots, hears its primary once it has said hello, takes signals, and dies
 * once. What it does in between is its program: a script (scripted-program.ts) or the user's own code
 * (live-program.ts).
 */
import type { StopCause } from "../../core/effect.ts"
import type { WorkerRef } from "../../core/event.ts"
import type { Message, Order } from "../../worker/message.ts"
import type { WorkerFailure, WorkerProcess, WorkerReport } from "../platform.ts"
import { type FakeClock, Timers } from "./fake-clock.ts"

/** What a process does by itself. */
export interface FakeProgram {
  /** The process has been forked. It says hello when it pleases. */
  booted(process: FakeProcess): void
  /** The primary says something. Never before the hello. */
  told(order: Order): void
  /** A signal that it could listen to has come. @returns whether it listens; if not, the signal ends the process. */
  signalled(signal: string): boolean
  /** The primary is dead. */
  primaryGone(): void
}

/** What is seen of a process. */
export type FakeProcessState = "booting" | "starting" | "ready" | "stopping" | "dead"

export class FakeProcess implements WorkerProcess {
  readonly pid: number
  readonly worker: WorkerRef
  readonly timers: Timers
  readonly #program: FakeProgram
  readonly #exitReportedAfter: number
  readonly #world: FakeWorld
  #state: FakeProcessState = "booting"
  #isChannelOpen = true

  constructor(
    worker: WorkerRef,
    pid: number,
    clock: FakeClock,
    program: FakeProgram,
    exitReportedAfter: number,
    world: FakeWorld,
  ) {
    this.worker = worker
    this.pid = pid
    this.timers = new Timers(clock)
    this.#program = program
    this.#exitReportedAfter = exitReportedAfter
    this.#world = world
    program.booted(this)
  }

  get state(): FakeProcessState {
    return this.#state
  }

  /** Says something to the primary; it arrives in a later turn. */
  send(message: Message): void {
    if (this.#state === "dead" || !this.#isChannelOpen) return
    const { worker } = this
    switch (message.type) {
      case "hello":
        this.#state = "starting"
        return this.#world.deliver(0, { type: "worker-said-hello", worker })
      case "ready":
        if (this.#state === "starting") this.#state = "ready"
        return this.#world.deliver(0, { type: "worker-became-ready", worker })
      case "signalled": {
        const { signal } = message
        return this.#world.deliver(0, { type: "worker-was-signalled", worker, signal })
      }
      case "ran":
        return
    }
  }

  /** Tells the primary what the user's code threw. */
  reportFailure(during: WorkerFailure["during"], error: string): void {
    this.#world.deliver(0, { type: "worker-failed", worker: this.worker, during, error })
  }

  /** Dies by itself. */
  exit(code: number | null, signal: string | null = null): void {
    if (this.#state === "dead") return
    this.#state = "dead"
    this.timers.cancelAll()
    this.#world.died(this)
    const { worker } = this
    this.#world.deliver(this.#exitReportedAfter, { type: "worker-exited", worker, code, signal })
  }

  run(): void {
    this.#tell({ type: "run" })
  }

  stop(signal: string, cause: StopCause): void {
    if (this.#isChannelOpen) this.#tell({ type: "stop", signal, cause })
    else this.receive(signal)
  }

  kill(): void {
    this.exit(null, "SIGKILL")
  }

  /** A signal comes, from whomever. */
  receive(signal: string): void {
    if (this.#state === "dead") return
    const isHeard = signal !== "SIGKILL" && this.#state !== "booting"
    if (!isHeard || !this.#program.signalled(signal)) this.exit(null, signal)
  }

  /** The primary has died, and the channel with it. A process that boots ends with it. */
  losePrimary(): void {
    if (this.#state === "dead") return
    this.#isChannelOpen = false
    if (this.#state === "booting") this.exit(0)
    else {
      this.#state = "stopping"
      this.#program.primaryGone()
    }
  }

  /** What is said to a process that boots is lost. */
  #tell(order: Order): void {
    if (this.#state === "booting" || this.#state === "dead") return
    if (order.type === "stop") this.#state = "stopping"
    this.timers.after(0, () => this.#program.told(order))
  }
}

/** What a process reaches of the world around it. */
export interface FakeWorld {
  /** Lets the primary learn of something some ms from now. */
  deliver(afterMs: number, report: WorkerReport): void
  /** The process lives no more. */
  died(process: FakeProcess): void
}
