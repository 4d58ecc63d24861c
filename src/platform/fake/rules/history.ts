/**
 * What a log tells so far, from its facts and orders alone: which processes there were, what was ordered of them, and
 * when the pool began to stop. The rules read it; it never looks at the state of the core. Decides nothing.
 */
import type { Effect } from "../../../core/effect.ts"
import type { Event } from "../../../core/event.ts"
import type { Plan } from "../../../core/plan.ts"
import type { LogEntry } from "../../platform.ts"

/** One fork and what became of it. */
export interface ProcessRecord {
  readonly slot: number
  readonly incarnation: number
  readonly forkedAt: number
  helloAt?: number
  readyAt?: number
  /** When it was asked to stop, and why. */
  asked?: { readonly at: number; readonly cause: string }
  signalledAt?: number
  /** Whether the target became smaller while it lived: it may be the one that was given up. */
  mayBeGivenUp?: boolean
  killedAt?: number
  ended?: { readonly at: number; readonly code: number | null; readonly signal: string | null }
  forkFailed?: boolean
}

export interface History {
  readonly plan: Plan
  readonly processes: ReadonlyMap<number, ProcessRecord>
  /** The number of wanted slots. */
  readonly target: number
  /** The first of stop signal, `stop()` and giving up. */
  readonly stoppedAt: number | undefined
  /** Those whose exit was reported before that. */
  readonly exitedBeforeStop: ReadonlySet<number>
  readonly gaveUp: boolean
  readonly isStarted: boolean
  readonly startFailed: boolean
  readonly finished: { readonly at: number; readonly code: number } | undefined
  /** The moment of the latest entry of the primary. */
  readonly now: number
}

/** Follows a log. */
export class HistoryKeeper implements History {
  readonly plan: Plan
  readonly processes = new Map<number, ProcessRecord>()
  target: number
  stoppedAt: number | undefined
  readonly exitedBeforeStop = new Set<number>()
  gaveUp = false
  isStarted = false
  startFailed = false
  finished: { readonly at: number; readonly code: number } | undefined
  now = 0

  constructor(plan: Plan) {
    this.plan = plan
    this.target = plan.workers
  }

  /** Takes note of an entry; the rules have seen it before. */
  see(entry: LogEntry): void {
    if (entry.kind === "event") {
      this.now = entry.event.at
      this.#event(entry.event)
    } else if (entry.kind === "order") {
      this.now = entry.at
      this.#order(entry.order, entry.at)
    }
  }

  #event(event: Event): void {
    const { at } = event
    switch (event.type) {
      case "started":
        this.isStarted = true
        return
      case "start-failed":
        this.startFailed = true
        return
      case "signal-received":
        if (this.plan.signals[event.signal] === "stop") this.stoppedAt ??= at
        return
      case "stop-requested":
        this.stoppedAt ??= at
        return
      case "scale-requested":
      case "deadline-reached":
        return
    }
    const process = this.processes.get(event.worker.incarnation)
    if (process === undefined || process.ended !== undefined || process.forkFailed === true) return
    switch (event.type) {
      case "worker-said-hello":
        process.helloAt ??= at
        return
      case "worker-became-ready":
        process.readyAt ??= at
        return
      case "worker-was-signalled":
        if (this.plan.signals[event.signal] === "stop") process.signalledAt ??= at
        return
      case "worker-exited":
        process.ended = { at, code: event.code, signal: event.signal }
        if (this.stoppedAt === undefined) this.exitedBeforeStop.add(process.incarnation)
        return
      case "fork-failed":
        process.forkFailed = true
        return
    }
  }

  #order(order: Effect, at: number): void {
    switch (order.type) {
      case "fork-worker": {
        const { slot, incarnation } = order.worker
        this.processes.set(incarnation, { slot, incarnation, forkedAt: at })
        return
      }
      case "stop-worker": {
        const process = this.processes.get(order.worker.incarnation)
        if (process !== undefined) process.asked ??= { at, cause: order.cause }
        return
      }
      case "kill-worker": {
        const process = this.processes.get(order.worker.incarnation)
        if (process !== undefined) process.killedAt ??= at
        return
      }
      case "announce-scale":
        this.target = order.to
        if (order.to < order.from) for (const process of living(this)) process.mayBeGivenUp = true
        return
      case "announce-give-up":
        this.stoppedAt ??= at
        this.gaveUp = true
        return
      case "finish":
        this.finished ??= { at, code: order.code }
        return
      case "run-worker":
      case "announce-stop":
        return
    }
  }
}

/** Whether the process lives, as far as its primary knows. */
export function isAlive(process: ProcessRecord): boolean {
  return process.ended === undefined && process.forkFailed !== true
}

export function living(history: History): ProcessRecord[] {
  return [...history.processes.values()].filter(isAlive)
}
