/**
 * The latest notices of a pool, for those who come later.
 */
import { type Notice, noticeTypes } from "../core/notice.ts"
import { textAlone } from "./notice-text.ts"
import { countNotice, initialTotals, type Totals } from "./totals.ts"
import type { Supervisor } from "../pool/handle.ts"
import { mostNotices } from "./routes.ts"
import type { LastWord } from "./status.ts"

export class History {
  readonly #notices: Notice[] = []
  readonly #listeners = new Set<(notice: Notice) => void>()
  #wasReady = false
  #totals: Totals = initialTotals

  /** @param pool nothing has happened in it so far. */
  constructor(pool: Pick<Supervisor, "on">) {
    for (const type of noticeTypes) pool.on(type, (notice) => this.#take(notice))
  }

  /** Whether every worker has been ready once. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  /** Whether the pool has given up. */
  get hasGivenUp(): boolean {
    return this.#totals.gaveUp > 0
  }

  /** What has happened so far, in numbers. */
  get totals(): Totals {
    return this.#totals
  }

  /** The latest notices, the oldest first. */
  last(count: number): readonly Notice[] {
    return count === 0 ? [] : this.#notices.slice(-count)
  }

  /** Calls back with each notice from now on. @returns ends it. */
  follow(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * The latest notice that says why a worker is as it is: a failure, or else why it was started.
   *
   * @param pid its process: while it is being replaced, another one has the same number. Null if it has none.
   */
  about(id: number, pid: number | null): LastWord | null {
    const ofWorker = this.#notices.filter((notice) => "id" in notice && notice.id === id)
    const start = ofWorker.findLastIndex(
      (notice) => notice.type === "fork" && (pid === null || notice.pid === pid),
    )
    const next = ofWorker.findIndex(({ type }, index) => index > start && type === "fork")
    const begun = ofWorker[start]
    // What was before a worker that was not restarted, but started anew, says nothing about it.
    const isRestart = begun?.type === "fork" && begun.rule === "respawn"
    const from = isRestart ? 0 : Math.max(0, start)
    const since = ofWorker.slice(from, start === -1 || next === -1 ? undefined : next)
    const failure = since.findLast(({ type, level }) => level !== "info" && type !== "fork")
    const notice = failure ?? begun
    if (notice === undefined) return null
    return { at: notice.at, level: notice.level, text: textAlone(notice) }
  }

  #take(notice: Notice): void {
    this.#totals = countNotice(this.#totals, notice)
    this.#notices.push(notice)
    if (this.#notices.length > mostNotices) this.#notices.shift()
    if (notice.type === "start") this.#wasReady = true
    for (const listener of this.#listeners) listener(notice)
  }
}
