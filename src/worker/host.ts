/**
 * All that the worker's side needs of the process it runs in. A platform implements it once for real processes and once
 * for simulated ones; test/worker drives the same code over either.
 */
import type { WorkerRef } from "../core/event.ts"
import type { ToWorker, FromWorker } from "./message.ts"

export interface WorkerHost {
  readonly id: number
  readonly incarnation: number

  /** How much memory this process takes: its resident set, in bytes. */
  memoryBytes(): number

  /** ms since some fixed moment; never goes back. */
  now(): number

  /** Sends a message to the primary. Where the channel is closed nothing happens. */
  send(message: FromWorker): void

  /** Listens to the orders of the primary. Called once, before the first message is sent. */
  onCommand(listener: (command: ToWorker) => void): void

  /** Listens to the end of the primary, or of the channel to it. Reported at once where it has gone already. */
  onPrimaryGone(listener: () => void): void

  /** Listens to a signal to this process; the signal has no other effect from then on. */
  onSignal(signal: string, listener: () => void): void

  /** Calls back after a number of ms. @returns cancels it. A `background` timer does not keep the process alive. */
  after(ms: number, callback: () => void, background?: "background"): () => void

  /**
   * Calls back once nothing keeps the process alive any more, with the exit code that it would end with. A worker whose
   * respawn policy lets it end by itself asks for it a moment after `run` has settled.
   */
  onIdle(listener: (code: number) => void): void

  /** From now on the responses of this process's HTTP/1.1 servers end their connections. */
  beginClosingConnections(): void

  /**
   * Closes what `run` has returned: calls a function, drains a server (no request that was accepted is lost), disposes
   * a disposable, closes anything with `close`, and each of an array. Resolves once it is closed; at once for anything
   * else.
   */
  close(resource: unknown): Promise<void>

  /** Drains the servers among what `run` has returned that still listen. Touches nothing else. Never rejects. */
  drain(resource: unknown): Promise<void>

  /** Resolves once the server that `run` has returned listens; at once where it returned none. Rejects if it cannot. */
  listening(resource: unknown): Promise<void>

  /** Hands an error of the user's code to the primary, or prints it where the primary cannot be reached. */
  reportFailure(during: WorkerFailure["during"], error: unknown): void

  /** Writes a line to where errors go. */
  printError(line: string): void

  /** Shows a deed to whoever observes this process. */
  observe(action: WorkerAction): void

  /** Ends the process, once connections that are still on their way to it have been turned back. */
  exit(code: number): void
}

/** The user's code in a worker has thrown or rejected. Its exit is reported apart from this. */
export interface WorkerFailure {
  /** What this is. */
  readonly type: "worker-failed"
  /** The process in which it happened. */
  readonly worker: WorkerRef
  /** Which of the user's functions it was. */
  readonly during: "run" | "shutdown"
  /** The error with its stack, as the runtime prints it. */
  readonly error: string
}

/** What a worker did that no fact tells. */
export type WorkerAction = "called-run" | "called-shutdown" | "exited"
