/**
 * Keeps the program's own listeners to the signals of the pool apart from kamisama's, so that a signal does not reach them. A worker
 * calls them at its stop instead. In the primary they are not called while the pool decides.
 *
 * The functions of `process` that add and remove listeners are wrapped for these signals. `process.emit` is not: on Deno and Bun,
 * signals do not pass through it. The listeners of kamisama stay visible, because a library such as signal-exit ends the process
 * at once if nobody else listens.
 */
import type { EventEmitter } from "node:events"
import { isOurListener } from "./signals.ts"

export type Listener = (...given: unknown[]) => unknown

interface Functions {
  [name: string]: (this: unknown, ...given: unknown[]) => unknown
}

interface Apart {
  readonly signals: ReadonlySet<string>
  /** The program's listeners. */
  readonly own: EventEmitter
  /** Restores the functions of `process`. */
  unwrap(): void
}

/** The functions that add and remove listeners. */
const changes = [
  ["on", "addListener", "once", "prependListener", "prependOnceListener"],
  ["off", "removeListener", "removeAllListeners"],
].flat()

/** The same on Deno, with the functions that do so here. */
const denoChanges = { addSignalListener: "on", removeSignalListener: "off" } as const

let apart: Apart | undefined

/** Keeps the program's listeners to these signals apart from now on, those that it has already added included. */
export function keepListenersApart(names: readonly string[]): void {
  const { EventEmitter: Emitter } = process.getBuiltinModule("node:events")
  const own = new Emitter()
  const signals = new Set(names)
  // Before the functions are wrapped, as those of Deno call one another.
  const earlier = names.map((signal) => [signal, takeAway(signal)] as const)
  apart = { signals, own, unwrap: wrapFunctions(signals, own as unknown as Functions) }
  for (const [signal, listeners] of earlier) {
    for (const listener of listeners) add(own, signal, listener)
  }
}

/** Lets signals reach the program's listeners again. */
export function putListenersBack(): void {
  if (apart === undefined) return
  const { signals, own, unwrap } = apart
  apart = undefined
  unwrap()
  for (const signal of signals) {
    for (const listener of own.rawListeners(signal)) add(process, signal, listener as Listener)
  }
}

/** The program's listeners to a signal. Those of signal-exit do nothing beside others, and kamisama is one. */
export function ownListeners(signal: string): readonly Listener[] {
  const listeners = listenersOfProgram(signal)
  return listeners.length > signalExits() ? listeners : []
}

function listenersOfProgram(signal: string): readonly Listener[] {
  const from: NodeJS.EventEmitter = apart?.signals.has(signal) === true ? apart.own : process
  return (from.rawListeners(signal) as Listener[]).filter((listener) => !isOurListener(listener))
}

/** How many copies of signal-exit, which many packages depend on, listen to each signal: they count themselves. */
function signalExits(): number {
  const counts = [
    (globalThis as { readonly [key: symbol]: unknown })[Symbol.for("signal-exit emitter")],
    (process as { readonly __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
  ].map((emitter) => (emitter as { readonly count?: number } | undefined)?.count ?? 0)
  return counts.reduce((one, other) => one + other)
}

/** @returns unwraps them. */
function wrapFunctions(signals: ReadonlySet<string>, own: Functions): () => void {
  const unwrap: (() => void)[] = []

  /** @param instead what is done for these signals, in place of calling the function. */
  function wrap(
    target: Functions,
    name: string,
    instead: (given: readonly unknown[], theirs: () => unknown) => unknown,
  ): void {
    const isInherited = !Object.hasOwn(target, name)
    const theirs = target[name] as Listener
    target[name] = function (this: unknown, ...given: unknown[]): unknown {
      const call = (): unknown => theirs.apply(this, given)
      const [event] = given
      return typeof event === "string" && signals.has(event) ? instead(given, call) : call()
    }
    unwrap.push(() => {
      if (isInherited) delete target[name]
      else target[name] = theirs
    })
  }

  const processFunctions = process as unknown as Functions
  for (const name of changes) {
    wrap(processFunctions, name, (given) => (own[name]?.(...given), process))
  }
  for (const name of ["listeners", "rawListeners"]) {
    wrap(processFunctions, name, (given, theirs) => [theirs(), own[name]?.(...given)].flat())
  }
  wrap(
    processFunctions,
    "listenerCount",
    (given, theirs) => Number(theirs()) + Number(own["listenerCount"]?.(...given)),
  )
  const { Deno: deno }: { readonly Deno?: Functions } = globalThis as object
  if (deno !== undefined) {
    for (const [name, ownName] of Object.entries(denoChanges)) {
      wrap(deno, name, (given) => void own[ownName]?.(...given))
    }
  }
  return () => unwrap.forEach((one) => one())
}

/** Removes the program's listeners to a signal from the process. */
function takeAway(signal: string): readonly Listener[] {
  const listeners = listenersOfProgram(signal)
  for (const listener of listeners) process.off(signal, onceListener(listener) ?? listener)
  return listeners
}

function add(target: NodeJS.EventEmitter, signal: string, listener: Listener): void {
  const once = onceListener(listener)
  if (once === undefined) target.on(signal, listener)
  else target.once(signal, once)
}

/** The listener in what `once` has made of it. */
function onceListener(raw: Listener): Listener | undefined {
  return (raw as { readonly listener?: Listener }).listener
}
