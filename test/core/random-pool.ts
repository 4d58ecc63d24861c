/**
 * Random runs of a pool: a small world of processes around the core's own `step`, driven by a seed. Each run has its own
 * plan and weights, so that what is rare in one is common in another. The log records everything.
 */
import {
  type Command,
  type Event,
  type Fact,
  initialState,
  nextDeadline,
  type Plan,
  type State,
  step,
  type WorkerRef,
} from "../../src/core/index.ts"
import type { LogEntry } from "../../src/platform/log-entry.ts"
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

/** A plan for the seed. Its long constants are shortened, so that runs of a few seconds reach them. */
export function randomPlan(seed: number): Plan {
  const random = randomOf(seed ^ 0x5eed)
  const one = <T>(choices: readonly T[]): T => pick(random, choices)
  const plan = planOf({
    workers: one([1, 1, 2, 3]),
    timeout: one([50, 200, 400]),
    stopDelay: one([0, 0, 120]),
    waitForWorkers: random() < 0.85,
    respawn: one(["always", "always", "on-failure", "never"]),
    respawnLimit: one([0, 1, 2, 5, 20, Infinity, Infinity]),
    respawnInterval: one([100, 500, 2_000]),
    backoff: one([false, { min: 1, max: 1 }, { min: 20, max: 50 }, { min: 50, max: 400 }]),
    startTimeout: one([false, false, 100, 300]),
    heartbeatTimeout: one([false, false, 100, 400]),
    recycle: one([
      false,
      false,
      { maxAge: 500 },
      { maxAge: 300, maxMemory: 1_000, maxRequests: 90 },
    ]),
    reload: { minReadyTime: one([0, 0, 20, 400]) },
    signals: one([
      {},
      {},
      { SIGHUP: "reload" },
      { SIGTERM: "ignore" },
      { SIGWINCH: "scale-up", SIGHUP: false },
    ]),
  })
  return {
    ...plan,
    reloadStartTimeoutMs: 250,
    recycleHoldMs: 50,
    requestHoldMs: 40,
    recycleRetryMs: 150,
    stablePeriodMs: 300,
    stallMs: 200,
    killReportMs: 500,
  }
}

/** How likely each action is in one run. */
interface MoveWeights {
  /** How much later than due a deadline may be reached. */
  readonly latenessMs: number
  /** The longest time that passes at once. */
  readonly pauseMs: number
  readonly operator: number
  readonly stop: number
  readonly stale: number
  readonly crash: number
  readonly directSignal: number
  readonly forkFails: number
  /** That a worker does not react to a stop. */
  readonly stubborn: number
  /** That the exit of a killed worker is never reported. */
  readonly lost: number
}

function randomWeights(random: () => number, latenessMs: number): MoveWeights {
  const maybe = (most: number): number => (random() < 0.4 ? 0 : random() * most)
  return {
    latenessMs,
    pauseMs: pick(random, [10, 60, 150]),
    operator: maybe(0.15),
    stop: maybe(0.1),
    stale: maybe(0.1),
    crash: maybe(0.5),
    directSignal: maybe(0.2),
    forkFails: maybe(0.5),
    stubborn: maybe(1),
    lost: random() < 0.2 ? random() : 0,
  }
}

interface FakeWorker {
  readonly worker: WorkerRef
  readonly isStubborn: boolean
  readonly isLost: boolean
  hasSaidHello: boolean
  isRunning: boolean
  isReady: boolean
  isAsked: boolean
  isKilled: boolean
}

const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"]

export class RandomPool {
  readonly plan: Plan
  readonly log: LogEntry[]
  state: State
  now = 0
  readonly #random: () => number
  readonly #weights: MoveWeights
  readonly #living = new Map<number, FakeWorker>()
  readonly #dead: WorkerRef[] = []
  #reachedWithoutEffect: number | undefined
  /** Pending events: a signal to a whole process group reaches one process after the other. */
  readonly #queue: (() => Fact | undefined)[] = []

  /** @param latenessMs how much later than due a deadline may be reached. */
  constructor(plan: Plan, seed: number, latenessMs = 0) {
    this.plan = plan
    this.#random = randomOf(seed)
    this.#weights = randomWeights(this.#random, latenessMs)
    this.state = initialState(plan)
    this.log = [{ kind: "plan", at: 0, plan }]
  }

  /** The next event, at some moment not before now. Undefined if nothing more can happen. */
  nextEvent(): Event | undefined {
    if (this.state.phase === "done") return undefined
    const { latenessMs, pauseMs } = this.#weights
    const next = nextDeadline(this.state)
    // A deadline that had no effect does not hold time up.
    const deadline = next !== null && next === this.#reachedWithoutEffect ? null : next
    if (this.#random() < 0.4) {
      const latest = deadline === null ? Infinity : Math.max(this.now, deadline + latenessMs)
      this.now = Math.min(this.now + Math.floor(this.#random() * pauseMs), latest)
    }
    // At the moment of a deadline, or while it is late, other events can come before it and after it.
    if (deadline !== null && deadline <= this.now && this.#random() < 0.6) {
      if (this.#chance(0.35)) {
        this.now = Math.max(this.now, deadline + Math.floor(this.#random() * (latenessMs + 1)))
      }
      return this.#at({ type: "deadline-reached" })
    }
    return this.#at(this.#queue.shift()?.() ?? this.#randomFact())
  }

  /** Takes the event. @returns the commands that follow. */
  take(event: Event): readonly Command[] {
    if (event.type === "worker-exited" && this.#living.get(event.worker.incarnation)?.isRunning) {
      this.#action(event.worker, "exited")
    }
    this.log.push({ kind: "event", event })
    const { state, commands } = step(this.plan, this.state, event)
    const deadline = nextDeadline(state)
    if (event.type === "deadline-reached" && deadline !== null && deadline <= event.at) {
      this.#reachedWithoutEffect = deadline
    }
    this.state = state
    if (event.type === "worker-exited" || event.type === "fork-failed") {
      if (this.#living.delete(event.worker.incarnation)) this.#dead.push(event.worker)
    }
    for (const command of commands) {
      this.log.push({ kind: "command", at: event.at, command })
      this.#obey(command)
    }
    return commands
  }

  #at(fact: Fact): Event {
    return { ...fact, at: this.now }
  }

  #chance(probability: number): boolean {
    return this.#random() < probability
  }

  #action(worker: WorkerRef, action: "called-run" | "called-shutdown" | "exited"): void {
    this.log.push({ kind: "worker", at: this.now, worker, action })
  }

  #randomFact(): Fact {
    const { operator, stale } = this.#weights
    if (this.state.phase === "starting") {
      if (this.#chance(0.04)) return { type: "start-failed" }
      return this.#chance(0.8) ? { type: "started" } : this.#fromOperator()
    }
    if (this.#chance(operator)) return this.#fromOperator()
    if (this.#chance(stale)) return this.#stale()
    if (this.#living.size === 0) return { type: "deadline-reached" }
    return this.#fromWorker(pick(this.#random, [...this.#living.values()]))
  }

  #fromOperator(): Fact {
    const isStopping = this.state.phase === "stopping"
    if (this.#chance(isStopping ? 0.5 : this.#weights.stop)) {
      const signal = pick(this.#random, stopSignals)
      if (this.#chance(0.3)) return { type: "stop-requested", signal }
      if (this.#chance(0.5)) this.#storm(signal)
      return this.#queue.shift()?.() ?? { type: "signal-received", signal }
    }
    if (this.#chance(0.3)) {
      return { type: "scale-requested", target: 1 + Math.floor(this.#random() * 4) }
    }
    if (this.#chance(0.3)) return { type: "reload-requested" }
    const signal = pick(this.#random, ["SIGTTIN", "SIGTTOU", "SIGWINCH", "SIGQUIT"])
    const isUp = this.plan.signals[signal] === "scale-up"
    return { type: "signal-received", signal: isUp && this.state.target >= 5 ? "SIGTTOU" : signal }
  }

  /** One signal to the primary and to each worker, in any order. */
  #storm(signal: string): void {
    const toWorkers = [...this.#living.values()].map((one) => () => this.#signaled(one, signal))
    const toPrimary = (): Fact => ({ type: "signal-received", signal })
    this.#queue.push(...toWorkers)
    this.#queue.splice(Math.floor(this.#random() * (toWorkers.length + 1)), 0, toPrimary)
  }

  #signaled({ worker, hasSaidHello, isKilled }: FakeWorker, signal: string): Fact | undefined {
    if (!this.#living.has(worker.incarnation) || isKilled) return undefined
    return hasSaidHello
      ? { type: "worker-was-signaled", worker, signal }
      : { type: "worker-exited", worker, code: null, signal }
  }

  /** A late report about a dead worker. */
  #stale(): Fact {
    if (this.#dead.length === 0) return { type: "deadline-reached" }
    const worker = pick(this.#random, this.#dead)
    return pick<Fact>(this.#random, [
      { type: "worker-said-hello", worker },
      { type: "worker-became-ready", worker },
      { type: "worker-sent-heartbeat", worker, agoMs: 0 },
      { type: "worker-measured", worker, memoryBytes: 2_000 },
      { type: "worker-asked-for-replacement", worker },
      { type: "worker-served-requests", worker, requests: 90 },
      { type: "worker-asked-for-leadership", worker },
      { type: "worker-was-signaled", worker, signal: "SIGTERM" },
      { type: "worker-exited", worker, code: 1, signal: null },
      { type: "fork-failed", worker, error: "EAGAIN" },
    ])
  }

  #fromWorker(one: FakeWorker): Fact {
    const { worker } = one
    const { crash, directSignal, forkFails, stale } = this.#weights
    const nothing: Fact = { type: "deadline-reached" }
    if (one.isKilled) {
      if (one.isLost) return nothing
      return { type: "worker-exited", worker, code: null, signal: "SIGKILL" }
    }
    if (!one.hasSaidHello) {
      if (this.#chance(forkFails)) return { type: "fork-failed", worker, error: "EAGAIN" }
      if (this.#chance(crash * 0.3)) return this.#death(worker)
      if (one.isStubborn && this.#chance(0.9)) return nothing
      one.hasSaidHello = true
      return { type: "worker-said-hello", worker }
    }
    if (this.#chance(stale)) {
      // A repeated report.
      const type = one.isReady ? "worker-became-ready" : "worker-said-hello"
      return { type, worker }
    }
    if (this.#chance(directSignal)) {
      const signal = pick(this.#random, [...stopSignals, "SIGTTIN"])
      return { type: "worker-was-signaled", worker, signal }
    }
    if (one.isAsked) {
      if (one.isStubborn) return nothing
      return this.#chance(0.8)
        ? { type: "worker-exited", worker, code: 0, signal: null }
        : this.#death(worker)
    }
    if (!one.isReady && !(one.isStubborn && this.#chance(0.8))) {
      one.isReady = true
      return { type: "worker-became-ready", worker }
    }
    return this.#chance(crash) ? this.#death(worker) : this.#report(worker)
  }

  /** What a serving worker reports. */
  #report(worker: WorkerRef): Fact {
    return pick<Fact>(this.#random, [
      { type: "worker-sent-heartbeat", worker, agoMs: 0 },
      { type: "worker-sent-heartbeat", worker, agoMs: 0 },
      { type: "worker-measured", worker, memoryBytes: this.#chance(0.2) ? 2_000 : 500 },
      this.#chance(0.1)
        ? this.#chance(0.5)
          ? { type: "worker-asked-for-replacement", worker }
          : { type: "worker-served-requests", worker, requests: 90 }
        : { type: "worker-asked-for-leadership", worker },
    ])
  }

  #death(worker: WorkerRef): Fact {
    const [code, signal] = pick<[number | null, string | null]>(this.#random, [
      [0, null],
      [1, null],
      [null, "SIGKILL"],
      [null, "SIGTERM"],
    ])
    return { type: "worker-exited", worker, code, signal }
  }

  #obey(command: Command): void {
    if (command.type === "fork-worker") {
      this.#living.set(command.worker.incarnation, {
        worker: command.worker,
        isStubborn: this.#chance(this.#weights.stubborn),
        isLost: this.#chance(this.#weights.lost),
        hasSaidHello: false,
        isRunning: false,
        isReady: false,
        isAsked: false,
        isKilled: false,
      })
      return
    }
    if (!("worker" in command)) return
    const living = this.#living.get(command.worker.incarnation)
    if (living === undefined) return
    switch (command.type) {
      case "run-worker":
        living.isRunning = true
        return this.#action(command.worker, "called-run")
      case "stop-worker":
        living.isAsked = true
        if (living.isRunning && !living.isStubborn) this.#action(command.worker, "called-shutdown")
        return
      case "kill-worker":
        living.isKilled = true
        return
      case "grant-leadership":
    }
  }
}

function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T
}
