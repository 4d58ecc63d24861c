/**
 * A running pool, as a page knows it from what it is told: its state and all that led to it, its figures over time, its notices. Pure,
 * but for the moment that it is given.
 */
import type { FeedMessage } from "../../src/command/dashboard/message.ts"
import type { Notice } from "../../src/core/notice.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import { readEvent, readRecording } from "../../src/core/recording/read-recording.ts"
import { writeRecording } from "../../src/core/recording/recording.ts"
import { stepsOf } from "../../src/core/recording/replay.ts"
import type { ReplayedStep } from "../../src/core/run.ts"
import type { State } from "../../src/core/state.ts"
import { step } from "../../src/core/step.ts"
import { heirIn } from "../../src/operator/notice-text.ts"
import type { About, OperatorStatus } from "../../src/operator/status.ts"
import { ChartMaker } from "../timeline/chart.ts"
import type { Past } from "../viewer/incident.ts"

/** What is kept of the past: after twice as many events, the first ones are forgotten. */
const mostEvents = 10_000
const mostNotices = 1_000
/** So many figures are kept of each worker: a few minutes. */
const mostFigures = 240

/** Figures of a worker, one a second; null where it has not answered. */
export interface Figures {
  readonly loopUse: (number | null)[]
  readonly requests: (number | null)[]
  readonly memory: (number | null)[]
}

export class LivePool {
  readonly about: About
  readonly notices: Notice[] = []
  /** By process id. */
  readonly figures = new Map<number, Figures>()
  status: OperatorStatus | undefined
  /** Whether it has not answered the last question. */
  isSilent = false
  #plan: Plan | undefined
  #before: State | undefined
  /** The moment of its clock that is 0, in ms since the epoch. */
  #epochOfZero = 0
  #steps: ReplayedStep[] = []
  #maker: ChartMaker | undefined
  /** The lines of the recording, until they are as many as its header says. */
  #lines: string[] = []
  #linesAwaited = 0
  #linesRead = 0
  #leftOut = 0

  constructor(about: About) {
    this.about = about
  }

  get epochOfZero(): number {
    return this.#epochOfZero
  }

  /** What is known of its past; undefined until its recording is there. */
  get past(): Past | undefined {
    const [plan, before, chart] = [this.#plan, this.#before, this.#maker?.chart]
    if (plan === undefined || before === undefined || chart === undefined) return undefined
    return { plan, before, steps: this.#steps, chart }
  }

  /** Its recording as far as it is known, as a file. */
  get recording(): string {
    const past = this.past
    if (past === undefined) return ""
    const { plan, before, steps } = past
    const firstAt = steps[0]?.event.at ?? 0
    return writeRecording({
      plan,
      leftOut: this.#leftOut,
      before,
      events: steps.map(({ event }) => event),
      from: new Date(this.#epochOfZero + firstAt).toISOString(),
    })
  }

  /** The process id of the primary that it was handed over to; undefined if it was not. */
  get heir(): number | undefined {
    const last = this.notices.findLast(({ type }) => type === "upgrade")
    return last && heirIn(last)
  }

  /** The last word of a pool that is done; undefined if there is none. */
  get lastWord(): string | undefined {
    const last = this.notices.at(-1)
    return last?.type === "done" ? last.text : undefined
  }

  /**
   * Takes in what the page is told.
   *
   * @param now ms since the epoch.
   * @returns how many of the first events it has forgotten for that.
   * @throws {TypeError} if the pool speaks another language than the page.
   */
  take(message: FeedMessage, now: number): number {
    switch (message.type) {
      case "recording":
        return this.#takeLine(message.line, now)
      case "notice":
        this.notices.push(message.notice)
        if (this.notices.length > mostNotices) this.notices.shift()
        return 0
      case "status":
        this.isSilent = false
        this.#takeStatus(message.status)
        return 0
      case "silent":
        this.isSilent = true
        return 0
      case "failed":
      case "pool":
        return 0
    }
  }

  #takeLine(line: string, now: number): number {
    this.#linesRead += 1
    if (this.#maker === undefined) {
      this.#lines.push(line)
      if (this.#lines.length === 1) {
        this.#linesAwaited = (JSON.parse(line) as { readonly events: number }).events + 3
      }
      if (this.#lines.length >= this.#linesAwaited) this.#begin(now)
      return 0
    }
    const latest = this.#steps.at(-1)
    const event = readEvent(line, this.#linesRead, latest?.event.at ?? -Infinity)
    const state = latest?.state ?? this.#before
    if (this.#plan === undefined || state === undefined) return 0
    if (this.#steps.length === 0) this.#epochOfZero = now - event.at
    this.#add({ event, ...step(this.#plan, state, event) })
    return this.#forget()
  }

  #begin(now: number): void {
    const recording = readRecording(this.#lines.join("\n"))
    this.#lines = []
    const { plan, before, events, from, leftOut } = recording
    this.#leftOut = leftOut
    const firstAt = events[0]?.at
    this.#plan = plan
    this.#before = before
    this.#epochOfZero = firstAt === undefined ? now : Date.parse(from) - firstAt
    this.#maker = new ChartMaker(before, firstAt ?? 0)
    for (const one of stepsOf(recording)) this.#add(one)
  }

  #add(one: ReplayedStep): void {
    this.#steps.push(one)
    this.#maker?.take(one)
  }

  /** @returns how many events. */
  #forget(): number {
    const excess = this.#steps.length - mostEvents
    if (excess < mostEvents) return 0
    const before = this.#steps[excess - 1]?.state
    const kept = this.#steps.slice(excess)
    if (before === undefined) return 0
    this.#before = before
    this.#leftOut += excess
    this.#maker = new ChartMaker(before, kept[0]?.event.at ?? 0)
    this.#steps = []
    for (const one of kept) this.#add(one)
    return excess
  }

  #takeStatus(status: OperatorStatus): void {
    this.status = status
    const pids = new Set(status.workers.map(({ pid }) => pid))
    for (const pid of this.figures.keys()) if (!pids.has(pid)) this.figures.delete(pid)
    for (const { pid, load, memoryBytes } of status.workers) {
      if (pid === null) continue
      const figures = this.figures.get(pid) ?? { loopUse: [], requests: [], memory: [] }
      this.figures.set(pid, figures)
      for (const [values, value] of [
        [figures.loopUse, load?.loopUse ?? null],
        [figures.requests, load?.requestsPerSecond ?? null],
        [figures.memory, memoryBytes],
      ] as const) {
        values.push(value)
        if (values.length > mostFigures) values.shift()
      }
    }
  }
}
