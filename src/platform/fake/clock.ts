/**
 * The time of the simulation: a clock of @sinonjs/fake-timers, and timers on it that end with the process that owns them.
 */
import FakeTimers from "@sinonjs/fake-timers"

/** What the simulation needs of a clock. A clock of @sinonjs/fake-timers has all of it. */
export interface FakeClock {
  /** ms since the epoch. */
  readonly now: number
  /** The monotonic time. */
  readonly performance: { now(): number }
  /** Calls back after so many ms. */
  setTimeout(callback: () => void, ms: number): unknown
  /** Cancels that. */
  clearTimeout(timer: never): void
  /** Lets time pass, running what is due on the way. */
  tickAsync(ms: number): Promise<unknown>
  /** Lets time pass as on a suspended machine: what is due runs once, late. */
  jump(ms: number): unknown
}

/** A clock of its own. It starts at 0. */
export function ownClock(): FakeClock {
  return FakeTimers.createClock(0)
}

/** A clock that the global timers, `Date` and `performance` follow until it is uninstalled. */
export function globalClock(): GlobalClock {
  const clock = install()
  const globals: { setInterval: unknown } = globalThis
  const setInterval = globals.setInterval as (...given: unknown[]) => unknown
  // As in every runtime, an interval is at least 1 ms: the clock would never get past an interval of 0.
  globals.setInterval = (callback: unknown, ms: unknown, ...given: unknown[]) =>
    setInterval(callback, Math.max(1, Math.trunc(Number(ms)) || 1), ...given)
  return { clock, reset: () => clock.reset(), uninstall: () => clock.uninstall() }
}

/** @throws {TypeError} if the global timers are not those of the runtime. */
function install(): FakeTimers.Clock {
  if ((Date as { readonly isFake?: boolean }).isFake === true) {
    throw new TypeError(
      "the global timers are already faked, by jest.useFakeTimers, vi.useFakeTimers or a simulation that has not ended. Restore them first, or await that.",
    )
  }
  return FakeTimers.install({
    now: 0,
    toFake: [
      "setTimeout",
      "clearTimeout",
      "setInterval",
      "clearInterval",
      "setImmediate",
      "clearImmediate",
      "Date",
      "performance",
    ],
  })
}

interface GlobalClock {
  readonly clock: FakeClock
  /** Starts again at 0, with no timer. */
  reset(): void
  uninstall(): void
}

/** The timers of one process. They end with it, and it can set no others then. */
export class Timers {
  readonly #clock: FakeClock
  /** When each is due. */
  readonly #pending = new Map<unknown, number>()
  #isEnded = false

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  /** How many are pending. */
  get size(): number {
    return this.#pending.size
  }

  /** When the first of them is due, by the monotonic time of the clock; Infinity if there is none. */
  get nextAt(): number {
    return Math.min(...this.#pending.values())
  }

  /** Calls back after some ms, in a later turn. @returns cancels it. */
  after(ms: number, callback: () => void): () => void {
    if (this.#isEnded) return () => undefined
    // The clock drops fractions of a ms, and a wake-up must not come early because of that.
    const wholeMs = Math.ceil(ms)
    const timer = this.#clock.setTimeout(() => {
      this.#pending.delete(timer)
      callback()
    }, wholeMs)
    this.#pending.set(timer, this.#clock.performance.now() + wholeMs)
    return () => this.#cancel(timer)
  }

  cancelAll(): void {
    for (const timer of this.#pending.keys()) this.#cancel(timer)
  }

  /** The process is dead. */
  end(): void {
    this.#isEnded = true
    this.cancelAll()
  }

  #cancel(timer: unknown): void {
    this.#pending.delete(timer)
    this.#clock.clearTimeout(timer as never)
  }
}
