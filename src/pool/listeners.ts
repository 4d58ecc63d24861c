/**
 * Delivers notices: to the log, to tools that trace the process, and to the listeners of `pool.on()`.
 */
import { check, shown } from "../core/plan/checks.ts"
import { func } from "../core/plan/forms.ts"
import { type Notice, noticeTypes } from "../core/notice.ts"
import { didYouMean } from "../core/plan/suggestion.ts"
import type { Host } from "../platform/platform.ts"
import { errorText } from "../worker/error-text.ts"
import type { Logger } from "./log.ts"

type Listener = (notice: Notice) => unknown

export class Listeners {
  readonly #logger: Logger
  readonly #publish: Host["publish"]
  readonly #ofType = new Map<unknown, Set<Listener>>()
  readonly #pending = new Set<Promise<void>>()

  constructor(logger: Logger, platform: Host) {
    this.#logger = logger
    this.#publish = platform.publish?.bind(platform)
  }

  /** @returns ends the listening. @throws {TypeError} if the type does not exist, or the listener is no function. */
  add(type: unknown, listener: unknown): () => void {
    checkType(type)
    check("pool.on", "listener", func, listener)
    const ofType = this.#ofType.get(type) ?? new Set()
    this.#ofType.set(type, ofType.add(listener as Listener))
    return () => void ofType.delete(listener as Listener)
  }

  /** A listener that is added meanwhile gets the next notice. */
  emit(notice: Notice): void {
    this.#call(this.#logger.notice, notice)
    this.#publish?.(notice)
    const present = [...(this.#ofType.get(notice.type) ?? [])]
    for (const listener of present) this.#call(listener, notice)
  }

  /** Resolves once all that listeners have returned has settled. Undefined if it has. */
  settled(): Promise<unknown> | undefined {
    return this.#pending.size === 0 ? undefined : Promise.all(this.#pending)
  }

  /** If the listener throws or rejects, that is printed, and changes nothing else. */
  #call(listener: Listener, notice: Notice): void {
    const report = (error: unknown): void => {
      this.#logger.always("warn", `a listener to "${notice.type}" failed: ${errorText(error)}`)
    }
    try {
      const result = listener(notice)
      if (!(result instanceof Promise)) return
      const settled = result.then(() => undefined, report)
      this.#pending.add(settled)
      void settled.then(() => this.#pending.delete(settled))
    } catch (error) {
      report(error)
    }
  }
}

function checkType(type: unknown): void {
  if (noticeTypes.some((known) => known === type)) return
  const advice = didYouMean(type, noticeTypes) ?? `Events: ${noticeTypes.join(", ")}.`
  throw new TypeError(`pool.on: unknown event ${shown(type)}. ${advice}`)
}
