/**
 * One simulated process: what can happen to it from outside, and what it reports.
 *
 * Holds what every process has in common: it boots, hears its primary once it has said hello, takes signals, and dies
 * once. What it does in between is its program: a script (scripted-program.ts) or the user's own code
 * (live-program.ts).
 */
import { errorText } from "../../worker/error-text.ts"
import type { StopCause } from "../../core/state.ts"
import type { WorkerRef } from "../../core/event.ts"
import { type FromWorker, needsReady, reportOf, type ToWorker } from "../../worker/message.ts"
import { closedChannelMs, type WorkerProcess, type WorkerReport } from "../platform.ts"
import { type FakeClock, Timers } from "./clock.ts"
import { arrivalOf, endsProcess } from "./signals.ts"
import type { FakeProcessState, FakeSystemName } from "./handle.ts"

/** What a process does by itself. */
export interface FakeProgram {
  /** The process has been forked. It says hello when it pleases. */
  booted(process: FakeProcess): void
  /** The primary says something. Never before the hello. */
  told(command: ToWorker): void
  /** A signal that it could listen to has come. @returns whether it listens; if not, the signal ends the process. */
  signaled(signal: string): boolean
  /** The primary is dead, or the channel to it is closed. */
  primaryGone(): void
}

export class FakeProcess implements WorkerProcess {
  readonly pid: number
  readonly worker: WorkerRef
  readonly timers: Timers
  readonly #program: FakeProgram
  #exitReportedAfter: number
  #isBlocked = false
  /** What is to be done once the event loop is free. */
  #waiting: (() => void)[] = []
  readonly #world: FakeWorld
  #state: FakeProcessState = "booting"
  #isChannelOpen = true
  readonly #asked: string[] = []

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

  /** The signals of the stops that have reached it, from its primary. */
  get asked(): readonly string[] {
    return this.#asked
  }

  /** Whether the primary can be told anything. */
  get isConnected(): boolean {
    return this.#state !== "dead" && this.#isChannelOpen
  }

  /** Sends a message to the primary. It arrives in a later turn of the event loop. */
  send(message: FromWorker): void {
    if (!this.isConnected || message.type === "ran") return
    if (needsReady(message) && this.#state !== "ready") return
    if (message.type === "worker-said-hello") this.#state = "starting"
    if (message.type === "worker-became-ready" && this.#state === "starting") this.#state = "ready"
    this.#world.deliver(0, reportOf(this.worker, message))
  }

  /** Dies by itself. */
  exit(code: number | null, signal: string | null = null): void {
    if (this.#state === "dead") return
    this.#state = "dead"
    this.timers.end()
    this.#world.died(this, code, signal)
    const { worker } = this
    this.#world.deliver(this.#exitReportedAfter, { type: "worker-exited", worker, code, signal })
  }

  /** From now on its exit is reported so late. */
  reportExitAfter(ms: number): void {
    this.#exitReportedAfter = ms
  }

  /** Its event loop is blocked until it is unblocked: whatever is for it to do waits, only SIGKILL does not. */
  block(): void {
    this.#isBlocked = true
  }

  unblock(): void {
    this.#isBlocked = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const code of waiting) this.perform(code)
  }

  /** Runs code of this process, once its event loop is free; never once it is dead. */
  perform(code: () => void): void {
    if (this.#state === "dead") return
    if (this.#isBlocked) this.#waiting.push(code)
    else this.#world.within(this, code)
  }

  /** An error that nothing has caught ends it, as it ends a process. */
  fail(error: unknown): void {
    if (this.#state === "dead") return
    const text = errorText(error)
    this.#world.failed(`worker ${this.worker.slot} (pid ${this.pid}): uncaught ${text}`)
    this.exit(1)
  }

  run(): void {
    this.#say({ type: "run" })
  }

  grantLeadership(): void {
    this.#say({ type: "grant-leadership" })
  }

  stop(signal: string, cause: StopCause): void {
    if (this.#isChannelOpen) this.#say({ type: "stop", signal, cause })
    else {
      this.#asked.push(signal)
      this.receive(signal)
    }
  }

  kill(): void {
    this.exit(null, "SIGKILL")
  }

  /** A signal comes, from whomever. One that would suspend a process does nothing. */
  receive(signal: string): void {
    const arrival = arrivalOf(signal, this.#world.system)
    if (arrival === "nothing") return
    if (arrival === "end") return this.exit(1)
    if (signal === "SIGKILL" || this.#state === "booting") return this.#endBy(signal)
    this.perform(() => {
      if (!this.#program.signaled(signal)) this.#endBy(signal)
    })
  }

  #endBy(signal: string): void {
    if (endsProcess(signal)) this.exit(null, signal)
  }

  /** The channel closes, and what was said on it before arrives first. A process that boots ends with it. */
  loseChannel(): void {
    if (!this.isConnected) return
    this.#isChannelOpen = false
    if (this.#state === "booting") return this.exit(0)
    this.timers.after(0, () => {
      this.#state = "stopping"
      this.perform(() => this.#program.primaryGone())
    })
    this.timers.after(closedChannelMs, () => this.#world.hungUp(this))
  }

  /** What is said to a process that boots is lost. */
  #say(command: ToWorker): void {
    if (this.#state === "booting" || !this.isConnected) return
    if (command.type === "stop") {
      this.#state = "stopping"
      this.#asked.push(command.signal)
    }
    this.timers.after(0, () => this.perform(() => this.#program.told(command)))
  }
}

/** What a process reaches of the world around it. */
export interface FakeWorld {
  readonly system: FakeSystemName
  /** Runs code as that of the process. */
  within(process: FakeProcess, code: () => void): void
  /** Nobody has caught what its code threw. */
  failed(text: string): void
  /** Lets the primary learn of something some ms from now. */
  deliver(afterMs: number, report: WorkerReport): void
  /** The process has had no channel for a while, and lives. */
  hungUp(process: FakeProcess): void
  /** The process lives no more. */
  died(process: FakeProcess, code: number | null, signal: string | null): void
}
