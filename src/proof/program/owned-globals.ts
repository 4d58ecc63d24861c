/**
 * Global timers that know whose they are: what a simulated worker has set is not called once it is dead, waits while its
 * event loop is blocked, and ends it where it throws. So the user's code ends with its process, at its next timer, though
 * all of them live in one. Decides whose a timer is, and nothing else.
 *
 * Where the runtime cannot tell whose code is running, all timers belong to nobody.
 */
import { type FakeClock, globalClock } from "../../platform/fake/clock.ts"
import type { FakeProcess } from "../../platform/fake/process.ts"
import type { Outside } from "./program-under-test.ts"

/** The global timers, `Date` and `performance` of a simulation, one history after the other. */
export interface OwnedGlobals {
  readonly clock: FakeClock
  /** Runs code as that of a process: so are the timers that it sets, now and later. */
  within(process: FakeProcess, code: () => void): void
  /** Makes a function whose timers belong to nobody, whoever calls it. */
  readonly outside: Outside
  /** Begins anew at 0, with no timer. */
  reset(): void
  /** Gives back what was there before. */
  restore(): void
}

type Setter = (callback: (...given: unknown[]) => unknown, ...more: unknown[]) => unknown
type Functions = { [name: string]: unknown }

const setters = ["setTimeout", "setInterval", "setImmediate"]
const promisified = Symbol.for("nodejs.util.promisify.custom")

/**
 * Takes the global timers, and those of `node:timers` and `node:timers/promises`, until they are restored.
 *
 * @throws {TypeError} where somebody else has taken them.
 */
export function takeGlobals(): OwnedGlobals {
  const storage = whoseCode()
  const timers: Functions = builtin("node:timers")
  const promises: Functions = builtin("node:timers/promises")
  const timersBefore = setters.map((name) => [name, timers[name]] as const)
  const sleepBefore = promises["setTimeout"]
  const scheduler = promises["scheduler"] as Functions | undefined
  const waitBefore = scheduler?.["wait"]
  const { clock, reset, uninstall } = globalClock()

  function owned(name: string, set: Setter): Setter {
    return (callback, ...more) => {
      const owner = storage?.getStore()
      if (owner === undefined) return set(callback, ...more)
      const timer = set(
        (...given) => {
          if (owner.state === "dead" && name === "setInterval") clearInterval(timer as never)
          owner.perform(() => {
            try {
              callback(...given)
            } catch (error) {
              owner.fail(error)
            }
          })
        },
        ...more,
      )
      return timer
    }
  }

  const globals: Functions = globalThis
  for (const name of setters) {
    globals[name] = timers[name] = owned(name, globals[name] as Setter)
  }
  promises["setTimeout"] = sleep
  if (scheduler !== undefined) scheduler["wait"] = wait
  Object.assign(globals["setTimeout"] as Setter, { [promisified]: sleep })
  tellImports()
  return {
    clock,
    within: (process, code) => (storage === undefined ? code() : storage.run(process, code)),
    outside:
      (code) =>
      (...given) =>
        storage === undefined ? code(...given) : storage.run(undefined, () => code(...given)),
    reset,
    restore() {
      uninstall()
      Object.assign(timers, Object.fromEntries(timersBefore))
      promises["setTimeout"] = sleepBefore
      if (scheduler !== undefined) scheduler["wait"] = waitBefore
      tellImports()
    },
  }
}

/** `setTimeout` of `node:timers/promises`, by the global one. */
function sleep(
  ms?: number,
  value?: unknown,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort)
      resolve(value)
    }, ms)
    function abort(): void {
      clearTimeout(timer)
      const error = new Error("The operation was aborted", { cause: signal?.reason })
      reject(Object.assign(error, { name: "AbortError", code: "ABORT_ERR" }))
    }
    if (signal?.aborted === true) abort()
    else signal?.addEventListener("abort", abort, { once: true })
  })
}

/** `scheduler.wait` of `node:timers/promises`. */
function wait(ms: number, options?: { readonly signal?: AbortSignal }): Promise<unknown> {
  return sleep(ms, undefined, options)
}

/** Remembers which process runs, also across promises. */
interface Storage {
  getStore(): FakeProcess | undefined
  run<Result>(process: FakeProcess | undefined, code: () => Result): Result
}

function whoseCode(): Storage | undefined {
  const { AsyncLocalStorage } = builtin("node:async_hooks") as {
    readonly AsyncLocalStorage?: new () => Storage
  }
  return AsyncLocalStorage && new AsyncLocalStorage()
}

/** What was imported from a module of the runtime follows what is there now. */
function tellImports(): void {
  const { syncBuiltinESMExports } = builtin("node:module")
  if (typeof syncBuiltinESMExports === "function") syncBuiltinESMExports()
}

/** A module of the runtime; an empty one where there is none. */
function builtin(name: string): Functions {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): object } }
  return (process?.getBuiltinModule?.(name) ?? {}) as Functions
}
