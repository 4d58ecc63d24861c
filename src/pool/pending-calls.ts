/**
 * Keeps the promises of `reload()`: each when the reload that it asked for is over. One that is asked for while another
 * runs follows that one, which is decided in core/reload.ts; here it is only followed whose turn it is.
 */
import { describeReason } from "../core/describe.ts"
import type { Command } from "../core/command.ts"
import type { Event } from "../core/event.ts"
import type { ReloadOutcome } from "./handle.ts"

type Call = (outcome: ReloadOutcome) => void

export class ReloadCalls {
  /** Not taken in by the core yet: one made by a listener waits for its turn. */
  readonly #asked: Call[] = []
  #running: Call[] = []
  #following: Call[] = []
  #isRunning = false
  #finished = 0

  /** How many reloads have finished, whoever has asked for them. */
  get finished(): number {
    return this.#finished
  }

  ask(): Promise<ReloadOutcome> {
    return new Promise((resolve) => void this.#asked.push(resolve))
  }

  /** Takes note of a step. */
  stepped(event: Event, commands: readonly Command[]): void {
    if (event.type === "reload-requested") {
      const call = this.#asked.shift()
      const calls = this.#isRunning ? this.#following : this.#running
      if (call !== undefined) calls.push(call)
    }
    for (const command of commands) this.#follow(command)
  }

  #follow(command: Command): void {
    const reason = describeReason(command.reason)
    switch (command.type) {
      case "announce-reload":
        this.#isRunning = command.phase === "started"
        if (command.phase === "started") return
        if (command.phase === "finished") this.#finished += 1
        this.#end(command.phase === "finished" ? { ok: true } : { ok: false, reason })
        return
      case "announce-stop":
      case "announce-give-up":
      case "finish":
        // None follows any more.
        this.#running.push(...this.#following, ...this.#asked.splice(0))
        this.#following = []
        this.#end({ ok: false, reason })
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
