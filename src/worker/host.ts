/**
 * What the worker's side needs from the process that it runs in. Each platform implements it; test/worker drives the same
 * code on an implementation in memory.
 */
import type { FromWorker, ToWorker } from "./message.ts"

export interface WorkerHost {
  /** The number of the slot. That of a spare is 0 until it is told to run. */
  readonly id: number
  readonly incarnation: number

  /** The memory of this process: its resident set, in bytes. */
  memoryBytes(): number

  /** ms since some fixed moment; never goes back. */
  now(): number

  /** Sends a message to the primary. Does nothing if the channel is closed. */
  send(message: FromWorker): void

  /** Listens to the commands of the primary. Called once, before the first message is sent. */
  onCommand(listener: (command: ToWorker) => void): void

  /** Listens to the end of the primary, or of the channel to it. Reported at once if it has already gone. */
  onPrimaryGone(listener: () => void): void

  /** Listens to a signal to this process. From then on, the signal has no other effect. */
  onSignal(signal: string, listener: () => void): void

  /** Whether the program itself listens to a signal. */
  listensTo(signal: string): boolean

  /**
   * Calls the program's own listeners to a signal. Called once. From then on, the process does not end when the program ends
   * it.
   *
   * @param onEnd is called with the exit code instead: 0 also if the program ends the process by the signal.
   * @returns what can be told of them once the code that runs at once has run.
   */
  callListeners(signal: string, onEnd: (code: number) => void): Promise<CalledListeners>

  /** The exit code that the program has set. */
  exitCode(): number

  /** Calls back after a number of ms. A `background` timer does not keep the process alive. @returns cancels it. */
  after(ms: number, callback: () => void, background?: "background"): () => void

  /** Calls back when the servers of this process have begun so many requests from now on. Called at most once. */
  countRequests(upTo: number, listener: () => void): void

  /**
   * Calls back with the exit code once nothing keeps the process alive. A worker that may end on its own asks for it a
   * moment after `run` has settled.
   *
   * @returns whether it was found idle, and may turn out not to be.
   */
  onIdle(listener: (code: number) => void): () => boolean

  /** Calls back once nothing but the channel to the primary keeps the process alive. Nothing listens any more. */
  onEmpty(listener: () => void): void

  /**
   * From now on, the responses of this process's HTTP servers end their connections, and clients that keep a connection
   * open, such as a WebSocket, are told to go. What is still open after the time is cut.
   */
  beginClosing(closeTimeoutMs: number): void

  /** Drains like `drain`, then closes what `run` returned (close.ts). */
  close(resource: unknown): Promise<void>

  /**
   * Drains every server of this process, whether or not `run` returned it: no request that has begun is lost. Resolves once
   * nothing is open. Never rejects.
   */
  drain(resource: unknown): Promise<void>

  /**
   * Resolves once every server that `run` returned listens, and every other one that was told to; at once if there is none.
   * Rejects if one that was returned cannot listen.
   */
  listening(resource: unknown): Promise<void>

  /** Resolves once any server of this process listens. */
  firstListening(): Promise<void>

  /** Tells the primary whether this worker can serve clients. */
  setHealthy(isHealthy: boolean): void

  /** Adds metrics of the program to those of the pool. The function is called whenever somebody asks for them. */
  addMetrics(read: () => unknown): void

  /** Reports an error of the user's code to the primary, or prints it if the primary cannot be reached. */
  reportFailure(during: "run" | "shutdown", error: unknown): void

  /** Writes a line to stderr. */
  printError(line: string): void

  /** Shows an action to observers of this process. */
  observe(action: WorkerAction): void

  /**
   * Ends the process, once connections that are still on their way to it were turned back, and what it has written and sent
   * has arrived. It waits for that no longer than `withinMs`.
   */
  exit(code: number, withinMs: number): void

  /** Ends the process. */
  exitAtOnce(code: number): void
}

/** What is known of listeners that were called. */
export interface CalledListeners {
  /** The promises that they returned. */
  readonly promises: readonly PromiseLike<unknown>[]
  /** Whether work may be left that no promise tells of. */
  readonly untold: boolean
}

/** What a worker did that no event reports. */
export type WorkerAction = "called-run" | "called-shutdown" | "called-listeners" | "exited"
