/**
 * One simulated process: what can happen to it from outside, and what it reports.
 *
 * It has what all processes have in common: it boots, hears its primary once it has said hello, takes signals, and dies once. The
 * rest is up to its program: a script (scripted-program.ts) or the user's own code (live-program.ts).
 */
import { errorText } from "../../worker/error-text.ts"
import type { StopCause } from "../../core/state.ts"
import type { WorkerRef } from "../../core/event.ts"
import { type FromWorker, reportOf, type ToWorker } from "../../worker/message.ts"
import { heard, newLink } from "../link.ts"
import { processName } from "../process-name.ts"
import { closedChannelMs, type WorkerProcess, type WorkerReport } from "../platform.ts"
import { type FakeClock, Timers } from "./clock.ts"
import { arrivalOf, endsProcess } from "./signals.ts"
import type { FakeProcessState, FakeSystemName } from "./handle.ts"

/** What a process does by itself. */
export interface FakeProgram {
  /** The process was forked. It says hello when it likes. */
  booted(process: FakeProcess): void
  /** A message of the primary. Never before the hello. */
  told(command: ToWorker): void
  /** A signal that can be handled. @returns whether it is; if not, the signal ends the process. */
  signaled(signal: string): boolean
  /** The primary is dead, or the channel to it is closed. */
  primaryGone(): void
}

export class FakeProcess implements WorkerProcess {
  readonly pid: number
  readonly timers: Timers
  #worker: WorkerRef
  readonly #program: FakeProgram
  #exitReportedAfter: number
  #isBlocked = false
  /** Code to run once the event loop is free. */
  #waiting: (() => void)[] = []
  readonly #world: FakeWorld
  #state: FakeProcessState = "booting"
  #isChannelOpen = true
  #link = newLink
  #isHealthy = true
  readonly #asked: string[] = []

  constructor(
    worker: WorkerRef,
    pid: number,
    clock: FakeClock,
    program: FakeProgram,
    exitReportedAfter: number,
    world: FakeWorld,
  ) {
    this.#worker = worker
    this.pid = pid
    this.timers = new Timers(clock)
    this.#program = program
    this.#exitReportedAfter = exitReportedAfter
    this.#world = world
    program.booted(this)
  }

  /** The worker that it is. A spare is of slot 0 until it is told to run. */
  get worker(): WorkerRef {
    return this.#worker
  }

  get state(): FakeProcessState {
    return this.#state
  }

  /** The signals of the stop requests that reached it from its primary. */
  get asked(): readonly string[] {
    return this.#asked
  }

  /** Whether messages reach the primary. */
  get isConnected(): boolean {
    return this.#state !== "dead" && this.#isChannelOpen
  }

  /** Whether its program says that it can serve clients. */
  get isHealthy(): boolean {
    return this.#isHealthy
  }

  setHealthy(isHealthy: boolean): void {
    if (this.isConnected) this.#isHealthy = isHealthy
  }

  /** Sends a message to the primary. It arrives in a later turn of the event loop. */
  send(message: FromWorker): void {
    if (!this.isConnected) return
    const next = heard(this.#link, message)
    if (next === undefined) return
    this.#link = next
    if (message.type === "worker-said-hello") {
      this.#state = this.#worker.slot === 0 ? "loaded" : "starting"
    }
    if (message.type === "worker-became-ready" && this.#state === "starting") this.#state = "ready"
    this.#world.deliver(0, reportOf(this.worker, message))
  }

  /** Exits by itself. */
  exit(code: number | null, signal: string | null = null): void {
    if (this.#state === "dead") return
    this.#state = "dead"
    this.timers.end()
    this.#world.died(this, code, signal)
    const { worker } = this
    this.#world.deliver(this.#exitReportedAfter, { type: "worker-exited", worker, code, signal })
  }

  /** Sets how late its exit is reported, in ms. */
  reportExitAfter(ms: number): void {
    this.#exitReportedAfter = ms
  }

  /** Blocks its event loop until it is unblocked: everything but SIGKILL waits. */
  block(): void {
    this.#isBlocked = true
  }

  unblock(): void {
    this.#isBlocked = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const code of waiting) this.perform(code)
  }

  /** Runs code of this process once its event loop is free, and never after its death. */
  perform(code: () => void): void {
    if (this.#state === "dead") return
    if (this.#isBlocked) this.#waiting.push(code)
    else this.#world.within(this, code)
  }

  /** An uncaught error ends it, like a real process. */
  fail(error: unknown): void {
    if (this.#state === "dead") return
    const text = errorText(error)
    this.#world.failed(`${processName(this.worker.slot, this.pid)}: uncaught ${text}`)
    this.exit(1)
  }

  run(worker: WorkerRef): void {
    this.#worker = worker
    if (this.#state === "loaded") this.#state = "starting"
    this.#say({ type: "run", slot: worker.slot, willListen: false })
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

  /** Receives a signal from any sender. One that would suspend a process does nothing. */
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

  /** Closes the channel. Earlier messages still arrive. A booting process ends with it. */
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

  /** Sends a message to the process. A booting process loses it. */
  #say(command: ToWorker): void {
    if (this.#state === "booting" || !this.isConnected) return
    if (command.type === "stop") {
      this.#state = "stopping"
      this.#asked.push(command.signal)
    }
    this.timers.after(0, () => this.perform(() => this.#program.told(command)))
  }
}

/** What a process can reach of the world around it. */
export interface FakeWorld {
  readonly system: FakeSystemName
  /** Runs code as that of the process. */
  within(process: FakeProcess, code: () => void): void
  /** Its code threw an error that nothing caught. */
  failed(text: string): void
  /** Delivers a report to the primary after some ms. */
  deliver(afterMs: number, report: WorkerReport): void
  /** The process has lived without a channel for a while. */
  hungUp(process: FakeProcess): void
  /** The process is dead. */
  died(process: FakeProcess, code: number | null, signal: string | null): void
}
