/**
 * The promises of `reload()` and `scale()`: each is settled when the request that it belongs to is over.
 */
import type { Command } from "../core/command.ts"
import type { Event } from "../core/event.ts"
import { isSettled, isStopping, type State } from "../core/state.ts"
import type { ReloadOutcome } from "./handle.ts"

/** A promise, and what settles it. */
export interface Deferred<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}

/** A promise whose rejection need not be handled. */
export function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<Value>((...settle) => ([resolve, reject] = settle))
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

/** A rejected promise that need not be handled. */
export function rejected<Value>(error: Error): Promise<Value> {
  const { promise, reject } = deferred<Value>()
  reject(error)
  return promise
}

type ReloadCall = (outcome: ReloadOutcome) => void

/** A reload that was requested during a reload follows it, as core/reload.ts decides. */
export class ReloadCalls {
  /** Not taken in by the core yet, because a listener made the call. */
  readonly #asked: ReloadCall[] = []
  #running: ReloadCall[] = []
  #following: ReloadCall[] = []
  #isRunning = false
  #finished = 0

  /** How many reloads have finished, including those that a signal requested. */
  get finished(): number {
    return this.#finished
  }

  add(): Promise<ReloadOutcome> {
    return new Promise((resolve) => void this.#asked.push(resolve))
  }

  /** Takes in a step. @param textOf says in words why a reload has ended. */
  stepped(
    event: Event,
    commands: readonly Command[],
    textOf: (reason: Command["reason"]) => string,
  ): void {
    if (event.type === "reload-requested") {
      const call = this.#asked.shift()
      const calls = this.#isRunning ? this.#following : this.#running
      if (call !== undefined) calls.push(call)
    }
    for (const command of commands) this.#follow(command, textOf)
  }

  #follow(command: Command, textOf: (reason: Command["reason"]) => string): void {
    const aborted = (): ReloadOutcome => ({ ok: false, reason: textOf(command.reason) })
    switch (command.type) {
      case "announce-reload":
        this.#isRunning = command.phase === "started"
        if (command.phase === "started") return
        if (command.phase === "finished") this.#finished += 1
        this.#end(command.phase === "finished" ? { ok: true } : aborted())
        return
      case "announce-stop-delay":
      case "announce-stop":
      case "announce-give-up":
      case "finish":
        // There will be no other reload.
        this.#running.push(...this.#following, ...this.#asked.splice(0))
        this.#following = []
        this.#end(aborted())
        return
      default:
    }
  }

  #end(outcome: ReloadOutcome): void {
    const ended = this.#running
    this.#running = this.#following
    this.#following = []
    for (const resolve of ended) resolve(outcome)
  }
}

interface ScaleCall extends Deferred<void> {
  readonly target: number
  /** Whether the core has taken it in. A call that a listener makes waits for its turn. */
  isTaken: boolean
}

/** A call is over when its target is reached, when another target is set, and when the pool stops. */
export class ScaleCalls {
  #calls: ScaleCall[] = []

  add(target: number): Promise<void> {
    const call = { ...deferred<void>(), target, isTaken: false }
    this.#calls.push(call)
    return call.promise
  }

  /** Takes in a step. */
  stepped(event: Event, state: State): void {
    if (event.type === "scale-requested") {
      const call = this.#calls.find(({ isTaken }) => !isTaken)
      if (call !== undefined) call.isTaken = true
    }
    this.#calls = this.#calls.filter((call) => !settle(call, state))
  }
}

/** Settles a call if it is over. */
function settle({ target, isTaken, resolve, reject }: ScaleCall, state: State): boolean {
  if (isStopping(state) || state.phase === "done") {
    reject(new Error(`pool.scale: cannot scale to ${target}, the pool is stopping`))
  } else if (isTaken && state.target !== target) {
    const why = `superseded, the target is now ${state.target} instead of ${target}`
    reject(new Error(`pool.scale: ${why}`))
  } else if (isTaken && isSettled(state)) {
    resolve()
  } else {
    return false
  }
  return true
}
