/**
 * Random histories of a pool: a small world of processes around the core's own `step`, driven by a seed. It boots, crashes,
 * ignores stops, fails forks, signals, scales, and lets deadlines be reached late; the log has all of it.
 */
import {
  type Effect,
  type Event,
  type Fact,
  initialState,
  nextDeadline,
  type Plan,
  type PlanOptions,
  type State,
  step,
  type WorkerRef,
} from "../../src/core/index.ts"
import type { LogEntry } from "../../src/platform/platform.ts"
import { planOf } from "./pool-in-steps.ts"

/** A number in [0, 1) from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface FakeWorker {
  readonly worker: WorkerRef
  hasSaidHello: boolean
  isReady: boolean
  isAsked: boolean
  isKilled: boolean
}

const planChoices: readonly PlanOptions[] = [
  {},
  { workers: 1, respawnLimit: 2, respawnInterval: 500, backoff: false },
  { workers: 3, respawnLimit: 5, respawnInterval: 2_000, backoff: { min: 50, max: 400 } },
  { workers: 2, respawnLimit: Infinity, backoff: { min: 20, max: 50 } },
  { workers: 2, respawn: "on-failure", respawnLimit: Infinity, timeout: 300 },
  { workers: 3, respawn: "never", startTimeout: 200, timeout: 300 },
  { workers: 2, waitForWorkers: false, timeout: 200, respawnLimit: 3 },
  { workers: 2, startTimeout: 150, timeout: 400, backoff: { min: 10, max: 100 } },
]

/** A plan for the seed. Its long constants are shortened, so that histories of a minute reach them. */
export function randomPlan(seed: number): Plan {
  const plan = planOf(planChoices[seed % planChoices.length])
  return { ...plan, stablePeriodMs: 300, stallMs: 200, killReportMs: 500 }
}

export class RandomPool {
  readonly plan: Plan
  readonly log: LogEntry[]
  state: State
  now = 0
  readonly #random: () => number
  readonly #living = new Map<number, FakeWorker>()
  readonly #dead: WorkerRef[] = []

  constructor(plan: Plan, seed: number) {
    this.plan = plan
    this.#random = randomOf(seed)
    this.state = initialState(plan)
    this.log = [{ kind: "plan", at: 0, plan }]
  }

  /** Lets something happen: an event at some moment not before now. Undefined where nothing can happen any more. */
  nextEvent(): Event | undefined {
    if (this.state.phase === "done") return undefined
    const deadline = nextDeadline(this.state)
    const roll = this.#random()
    if (roll < 0.25) this.now += Math.floor(this.#random() * 120)
    // Deadlines are reached in time, now and then late, and now and then too early.
    if (deadline !== null && (deadline <= this.now || roll > 0.8)) {
      this.now = Math.max(this.now, deadline + (roll > 0.99 ? 300 : 0))
      return this.#at({ type: "deadline-reached" })
    }
    return this.#at(this.#randomFact())
  }

  /** Takes the event in. */
  take(event: Event): readonly Effect[] {
    this.log.push({ kind: "event", event })
    const { state, effects } = step(this.plan, this.state, event)
    this.state = state
    if (event.type === "worker-exited" || event.type === "fork-failed") {
      this.#living.delete(event.worker.incarnation)
      this.#dead.push(event.worker)
    }
    for (const order of effects) {
      this.log.push({ kind: "order", at: event.at, order })
      this.#obey(order)
    }
    return effects
  }

  #at(fact: Fact): Event {
    return { ...fact, at: this.now }
  }

  #randomFact(): Fact {
    if (this.state.phase === "starting") {
      return this.#random() < 0.9 ? { type: "started" } : this.#fromOperator()
    }
    const roll = this.#random()
    if (roll < 0.06) return this.#fromOperator()
    if (roll < 0.09) return this.#stale()
    const living = [...this.#living.values()]
    const chosen = living[Math.floor(this.#random() * living.length)]
    if (chosen === undefined) return { type: "deadline-reached" }
    return this.#fromWorker(chosen)
  }

  #fromOperator(): Fact {
    const roll = this.#random()
    if (roll < 0.04) return { type: "signal-received", signal: "SIGTERM" }
    if (roll < 0.06) return { type: "stop-requested", signal: "SIGINT" }
    if (roll < 0.4)
      return { type: "signal-received", signal: this.state.target < 5 ? "SIGTTIN" : "SIGWINCH" }
    if (roll < 0.75) return { type: "signal-received", signal: "SIGTTOU" }
    return { type: "scale-requested", target: 1 + Math.floor(this.#random() * 4) }
  }

  /** A report that comes too late. */
  #stale(): Fact {
    const worker = this.#dead[Math.floor(this.#random() * this.#dead.length)]
    if (worker === undefined) return { type: "deadline-reached" }
    const roll = this.#random()
    if (roll < 0.3) return { type: "worker-said-hello", worker }
    if (roll < 0.6) return { type: "worker-became-ready", worker }
    return { type: "worker-was-signalled", worker, signal: "SIGTERM" }
  }

  #fromWorker(chosen: FakeWorker): Fact {
    const { worker } = chosen
    const roll = this.#random()
    if (chosen.isKilled) return { type: "worker-exited", worker, code: null, signal: "SIGKILL" }
    if (!chosen.hasSaidHello) {
      if (roll < 0.7) {
        chosen.hasSaidHello = true
        return { type: "worker-said-hello", worker }
      }
      if (roll < 0.8) return { type: "fork-failed", worker, error: "EAGAIN" }
      if (roll < 0.9) return { type: "worker-exited", worker, code: null, signal: "SIGTERM" }
      return { type: "worker-exited", worker, code: 1, signal: null }
    }
    if (chosen.isAsked) {
      if (roll < 0.5)
        return { type: "worker-exited", worker, code: roll < 0.4 ? 0 : 1, signal: null }
      return { type: "worker-was-signalled", worker, signal: "SIGTERM" }
    }
    if (!chosen.isReady && roll < 0.6) {
      chosen.isReady = true
      return { type: "worker-became-ready", worker }
    }
    if (roll < 0.66) return { type: "worker-was-signalled", worker, signal: "SIGTERM" }
    if (roll < 0.68) return { type: "worker-was-signalled", worker, signal: "SIGTTIN" }
    if (roll < 0.8)
      return { type: "worker-exited", worker, code: roll < 0.74 ? 0 : 1, signal: null }
    return { type: "deadline-reached" }
  }

  #obey(order: Effect): void {
    if (order.type === "fork-worker") {
      this.#living.set(order.worker.incarnation, {
        worker: order.worker,
        hasSaidHello: false,
        isReady: false,
        isAsked: false,
        isKilled: false,
      })
      return
    }
    if (!("worker" in order)) return
    const living = this.#living.get(order.worker.incarnation)
    if (living === undefined) return
    if (order.type === "stop-worker") living.isAsked = true
    if (order.type === "kill-worker") living.isKilled = true
  }
}
