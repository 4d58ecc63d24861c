/**
 * What a log tells so far, from its facts and orders alone: which processes there were, what was ordered of them, when
 * the pool began to stop. The rules read it; it never looks at the state of the core, and so tells what ought to be,
 * whatever the core believes. Which slots are wanted stands in wanted-slots.ts. Decides nothing about right and wrong.
 */
import type { Effect } from "../../../core/effect.ts"
import type { Event } from "../../../core/event.ts"
import type { Plan } from "../../../core/plan.ts"
import type { LogEntry } from "../../platform.ts"
import { isAlive, isLeaving, type ProcessRecord } from "./process-record.ts"
import { type SlotRecord, WantedSlots } from "./wanted-slots.ts"

export interface History {
  readonly plan: Plan
  /** `stopping` from the first stop on, `done` from the order to finish. */
  readonly phase: "starting" | "running" | "stopping" | "done"
  /** How many slots were asked for. */
  readonly target: number
  /** What those slots, and the ones being given up, ought to be. Empty unless running. */
  readonly slots: readonly SlotRecord[]
  /** Every fork so far, by its incarnation. */
  readonly processes: ReadonlyMap<number, ProcessRecord>
  /** Those that live, as far as their primary knows, in the order of their forks. */
  readonly living: ReadonlySet<ProcessRecord>
  /** When the latest end of a process was reported. */
  readonly latestEndAt: number | undefined
  /** t₀: the first of stop signal, `stop()` and giving up. */
  readonly stoppedAt: number | undefined
  readonly gaveUp: boolean
  /** How many exits reported since t₀ were neither code 0 nor, before hello, death by a stop signal. */
  readonly failedSinceStop: number
  /** Whether an exit that its respawn policy made final was not 0. */
  readonly finishedBadly: boolean
  readonly startFailedAt: number | undefined
  readonly doneAt: number | undefined
  /** The moment of the latest entry of the primary. */
  readonly now: number
}

/** The target once the event is taken in, in a pool that still listens; undefined where the event asks for none. */
export function targetAskedFor({ plan, target }: History, event: Event): number | undefined {
  if (event.type === "scale-requested") return event.target
  if (event.type !== "signal-received") return undefined
  const action = plan.signals[event.signal]
  if (action === "scale-up") return target + 1
  return action === "scale-down" ? Math.max(1, target - 1) : undefined
}

/** Follows a log. */
export class HistoryKeeper implements History {
  readonly plan: Plan
  readonly processes: Map<number, ProcessRecord> = new Map()
  readonly living: Set<ProcessRecord> = new Set()
  latestEndAt: number | undefined
  target: number
  stoppedAt: number | undefined
  gaveUp = false
  failedSinceStop = 0
  startFailedAt: number | undefined
  doneAt: number | undefined
  now = 0
  #isStarted = false
  readonly #wanted: WantedSlots

  constructor(plan: Plan) {
    this.plan = plan
    this.target = plan.workers
    this.#wanted = new WantedSlots(plan)
  }

  get phase(): History["phase"] {
    if (this.doneAt !== undefined) return "done"
    if (this.stoppedAt !== undefined) return "stopping"
    return this.#isStarted ? "running" : "starting"
  }

  get slots(): readonly SlotRecord[] {
    return this.#wanted.slots
  }

  get finishedBadly(): boolean {
    return this.#wanted.finishedBadly
  }

  /** Takes note of an entry; the rules have seen it before. */
  see(entry: LogEntry): void {
    switch (entry.kind) {
      case "plan":
        this.now = entry.at
        return
      case "event":
        this.now = entry.event.at
        return this.#event(entry.event)
      case "order":
        return this.#order(entry.order, entry.at)
      case "worker":
        return
    }
  }

  #event(event: Event): void {
    const { at } = event
    if ("worker" in event) return this.#report(event)
    if (this.phase === "done") return
    const target = this.phase === "stopping" ? undefined : targetAskedFor(this, event)
    if (target !== undefined) return this.#scale(target, event)
    switch (event.type) {
      case "started":
        if (this.phase !== "starting" || this.startFailedAt !== undefined) return
        this.#isStarted = true
        for (let count = 0; count < this.target; count += 1) this.#wanted.gain(at)
        return
      case "start-failed":
        if (this.phase === "starting") this.startFailedAt = at
        return
      case "signal-received":
        if (this.plan.signals[event.signal] === "stop") this.#stop(at)
        return
      case "stop-requested":
        return this.#stop(at)
      case "scale-requested":
      case "deadline-reached":
        return
    }
  }

  #report(event: Extract<Event, { worker: unknown }>): void {
    const { at } = event
    const process = this.processes.get(event.worker.incarnation)
    if (process === undefined || !isAlive(process)) return
    switch (event.type) {
      case "worker-said-hello":
        process.helloAt ??= at
        return
      case "worker-became-ready":
        // One that is on its way out serves nobody.
        if (!isLeaving(process)) process.readyAt ??= at
        return
      case "worker-was-signalled":
        if (this.plan.signals[event.signal] !== "stop") return
        process.signalledAt = at
        if (isLeaving(process)) return
        process.dueToStopAt = at
        return
      case "worker-exited":
        this.#ended(process, at)
        if (this.stoppedAt !== undefined && isFailure(this.plan, process, event)) {
          this.failedSinceStop += 1
        }
        return this.#wanted.exited(process, event)
      case "fork-failed":
        this.#ended(process, at)
        return this.#wanted.forkFailed(process, at)
    }
  }

  #ended(process: ProcessRecord, at: number): void {
    process.endedAt = at
    this.latestEndAt = at
    this.living.delete(process)
  }

  #scale(target: number, { type, at }: Event): void {
    if (this.phase === "running") {
      for (let size = this.target; size < target; size += 1) this.#wanted.gain(at)
      const choice = type === "scale-requested" ? "highest" : "oldest"
      for (let size = this.target; size > target; size -= 1) this.#wanted.lose(at, choice)
    }
    this.target = target
  }

  #stop(at: number): void {
    if (this.stoppedAt !== undefined) return
    this.stoppedAt = at
    for (const process of this.living) if (!isLeaving(process)) process.dueToStopAt = at
    this.#wanted.forget()
  }

  #order(order: Effect, at: number): void {
    switch (order.type) {
      case "fork-worker": {
        const { slot, incarnation } = order.worker
        const process: ProcessRecord = { slot, incarnation, forkedAt: at }
        this.processes.set(incarnation, process)
        this.living.add(process)
        return this.#wanted.filled(process)
      }
      case "stop-worker": {
        const process = this.processes.get(order.worker.incarnation)
        if (process !== undefined) process.askedAt ??= at
        return
      }
      case "kill-worker": {
        const process = this.processes.get(order.worker.incarnation)
        if (process !== undefined) process.killedAt ??= at
        return
      }
      case "announce-give-up":
        this.gaveUp = true
        return this.#stop(at)
      case "finish":
        this.doneAt ??= at
        return
      case "run-worker":
      case "announce-scale":
      case "announce-stop":
        return
    }
  }
}

function isFailure(
  plan: Plan,
  { helloAt }: ProcessRecord,
  { code, signal }: { readonly code: number | null; readonly signal: string | null },
): boolean {
  const byStopSignal = helloAt === undefined && signal !== null && plan.signals[signal] === "stop"
  return code !== 0 && !byStopSignal
}
