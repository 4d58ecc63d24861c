/**
 * Global timers that know their owner: a timer of a simulated worker is not called once the worker is dead, waits while its event
 * loop is blocked, and ends the worker if it throws. So the user's code ends with its process at its next timer, although all
 * processes share one.
 *
 * If the runtime cannot tell whose code is running, no timer has an owner.
 */
import { type FakeClock, globalClock } from "../../platform/fake/clock.ts"
import type { FakeProcess } from "../../platform/fake/process.ts"
import type { Outside } from "./program-under-test.ts"

/** The global timers, `Date` and `performance` of a simulation, one run after the other. */
export interface OwnedGlobals {
  readonly clock: FakeClock
  /** Runs code as that of a process, which owns the timers that the code sets, now and later. */
  within(process: FakeProcess, code: () => void): void
  /** Makes a function whose timers have no owner, whatever calls it. */
  readonly outside: Outside
  /** Starts again at 0, with no timer. */
  reset(): void
  /** Restores what was there before. */
  restore(): void
}

type Setter = (callback: (...given: unknown[]) => unknown, ...more: unknown[]) => unknown
type Functions = { [name: string]: unknown }

const setters = ["setTimeout", "setInterval", "setImmediate"]
const promisified = Symbol.for("nodejs.util.promisify.custom")

/**
 * Takes the global timers, and those of `node:timers` and `node:timers/promises`, until they are restored.
 *
 * @throws {TypeError} if they are replaced already.
 */
export function takeGlobals(): OwnedGlobals {
  const storage = ownerStorage()
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
  updateImports()
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
      updateImports()
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

/** Knows which process runs, also across promises. */
interface Storage {
  getStore(): FakeProcess | undefined
  run<Result>(process: FakeProcess | undefined, code: () => Result): Result
}

function ownerStorage(): Storage | undefined {
  const { AsyncLocalStorage } = builtin("node:async_hooks") as {
    readonly AsyncLocalStorage?: new () => Storage
  }
  return AsyncLocalStorage && new AsyncLocalStorage()
}

/** Lets what was imported from a module of the runtime follow what is there now. */
function updateImports(): void {
  const { syncBuiltinESMExports } = builtin("node:module")
  if (typeof syncBuiltinESMExports === "function") syncBuiltinESMExports()
}

/** A module of the runtime; an empty one if it does not exist. */
function builtin(name: string): Functions {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): object } }
  return (process?.getBuiltinModule?.(name) ?? {}) as Functions
}
