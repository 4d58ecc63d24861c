/**
 * A process that exists only in memory: what its worker does is noted in words, and what happens to it, the passing of
 * time included, is up to the test.
 */
import type { FromWorker, ToWorker } from "../../src/worker/message.ts"
import type { WorkerHost } from "../../src/worker/host.ts"

interface Timer {
  readonly at: number
  readonly callback: () => void
  readonly isBackground: boolean
}

export class MemoryHost implements WorkerHost {
  readonly id = 2
  readonly incarnation = 5
  /** What the worker did, in order. */
  readonly deeds: string[] = []
  /** How what `run` has returned comes to listen, and is closed. */
  listens: () => Promise<void> = () => Promise.resolve()
  closes: () => Promise<void> = () => Promise.resolve()
  tell: (command: ToWorker) => void = () => undefined
  losePrimary = (): void => undefined
  becomeIdle: (code: number) => void = () => undefined
  readonly #listeners = new Map<string, () => void>()
  readonly #timers = new Set<Timer>()
  #now = 0

  memoryBytes(): number {
    return 1_234
  }

  now(): number {
    return this.#now
  }

  send(message: FromWorker): void {
    this.deeds.push(message.type === "signaled" ? `said ${message.signal}` : `said ${message.type}`)
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

  after(ms: number, callback: () => void, background?: "background"): () => void {
    const timer = { at: this.#now + ms, callback, isBackground: background !== undefined }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  onIdle(listener: (code: number) => void): void {
    this.deeds.push("watches for idleness")
    this.becomeIdle = listener
  }

  beginClosingConnections(): void {
    this.deeds.push("closes connections")
  }

  close(resource: unknown): Promise<void> {
    this.deeds.push(`closes ${String(resource)}`)
    return this.closes()
  }

  drain(resource: unknown): Promise<void> {
    this.deeds.push(`drains ${String(resource)}`)
    return this.closes()
  }

  listening(): Promise<void> {
    return this.listens()
  }

  reportFailure(during: string, error: unknown): void {
    this.deeds.push(`${during} failed: ${String(error)}`)
  }

  printError(line: string): void {
    this.deeds.push(line)
  }

  observe(): void {}

  exit(code: number): void {
    this.deeds.push(`exited ${code}`)
  }

  /** The signals that are listened to. */
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

  /** Lets time pass, and everything happen that is due until then. */
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
