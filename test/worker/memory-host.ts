/**
 * A process that exists only in memory. It notes in words what its worker does. The test decides what happens to it, and
 * how time passes.
 */
import type { FromWorker, ToWorker } from "../../src/worker/message.ts"
import type { CalledListeners, WorkerHost } from "../../src/worker/host.ts"

interface Timer {
  readonly at: number
  readonly callback: () => void
  readonly isBackground: boolean
}

export class MemoryHost implements WorkerHost {
  readonly id = 2
  readonly incarnation = 5
  /** What the worker did, in order. */
  readonly actions: string[] = []
  /** How what `run` returned starts to listen, and how it is closed. */
  listens: () => Promise<void> = () => Promise.resolve()
  /** Whether it was found idle, and may turn out not to be. */
  maybeIdle = false
  listensFirst: () => Promise<void> = () => new Promise(() => undefined)
  closes: () => Promise<void> = () => Promise.resolve()
  tell: (command: ToWorker) => void = () => undefined
  losePrimary = (): void => undefined
  /** How long its exit may take. */
  exitMs: number | undefined
  /** Serves as many requests as it counts. */
  serveAll = (): void => undefined
  /** The signals that the program listens to itself, and what is known of its listeners once they were called. */
  ownSignals: readonly string[] = []
  called: CalledListeners = { promises: [], untold: false }
  /** The program ends its process during a stop. */
  end: (code: number) => void = () => undefined
  ownExitCode = 0
  becomeEmpty = (): void => undefined
  becomeIdle: (code: number) => void = () => undefined
  readonly #listeners = new Map<string, () => void>()
  readonly #timers = new Set<Timer>()
  #now = 0

  setHealthy(isHealthy: boolean): void {
    this.actions.push(isHealthy ? "healthy" : "unhealthy")
  }

  addMetrics(): void {
    this.actions.push("metrics added")
  }

  memoryBytes(): number {
    return 1_234
  }

  now(): number {
    return this.#now
  }

  send(message: FromWorker): void {
    const { type, ...fields } = message
    this.actions.push(["sent", type, ...Object.values(fields)].join(" "))
  }

  onCommand(listener: (command: ToWorker) => void): void {
    this.tell = listener
  }

  onPrimaryGone(listener: () => void): void {
    this.losePrimary = listener
  }

  onSignal(signal: string, listener: () => void): void {
    this.#listeners.set(signal, listener)
  }

  listensTo(signal: string): boolean {
    return this.ownSignals.includes(signal)
  }

  callListeners(signal: string, onEnd: (code: number) => void): Promise<CalledListeners> {
    this.actions.push(`calls listeners to ${signal}`)
    this.end = onEnd
    return Promise.resolve(this.called)
  }

  exitCode(): number {
    return this.ownExitCode
  }

  onEmpty(listener: () => void): void {
    this.actions.push("watches for emptiness")
    this.becomeEmpty = listener
  }

  after(ms: number, callback: () => void, background?: "background"): () => void {
    const timer = { at: this.#now + ms, callback, isBackground: background !== undefined }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  countRequests(upTo: number, listener: () => void): void {
    this.actions.push(`counts ${upTo} requests`)
    this.serveAll = listener
  }

  onIdle(listener: (code: number) => void): () => boolean {
    this.actions.push("watches for idleness")
    this.becomeIdle = listener
    return () => this.maybeIdle
  }

  beginClosing(closeTimeoutMs: number): void {
    this.actions.push(`begins closing, for ${closeTimeoutMs}`)
  }

  close(resource: unknown): Promise<void> {
    this.actions.push(`closes ${String(resource)}`)
    return this.closes()
  }

  drain(resource: unknown): Promise<void> {
    this.actions.push(`drains ${String(resource)}`)
    return this.closes()
  }

  listening(): Promise<void> {
    return this.listens()
  }

  firstListening(): Promise<void> {
    return this.listensFirst()
  }

  reportFailure(during: string, error: unknown): void {
    this.actions.push(`${during} failed: ${String(error)}`)
  }

  printError(line: string): void {
    this.actions.push(line)
  }

  observe(): void {}

  exit(code: number, withinMs: number): void {
    this.actions.push(`exited ${code}`)
    this.exitMs = withinMs
  }

  exitAtOnce(code: number): void {
    this.actions.push(`exited ${code} at once`)
  }

  /** The signals that the worker listens to. */
  get signals(): readonly string[] {
    return [...this.#listeners.keys()]
  }

  /** How many timers would keep the process alive. */
  get holdingTimers(): number {
    return [...this.#timers].filter(({ isBackground }) => !isBackground).length
  }

  signal(signal: string): void {
    this.#listeners.get(signal)?.()
  }

  /** Lets time pass, and runs everything that is due until then. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle()
    for (;;) {
      const [next] = [...this.#timers].toSorted((one, other) => one.at - other.at)
      if (next === undefined || next.at > end) break
      this.#timers.delete(next)
      this.#now = next.at
      next.callback()
      await settle()
    }
    this.#now = end
  }
}

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
