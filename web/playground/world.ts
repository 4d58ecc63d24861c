/**
 * One run of the shipped core in a world of workers that behave as an outage says, each with a jitter of its own. Pure: the same seed
 * gives the same run.
 */
import type { Command } from "../../src/core/command.ts"
import { nextDeadline } from "../../src/core/deadline.ts"
import type { Event, Fact, WorkerRef } from "../../src/core/event.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import { type ReplayedStep, run } from "../../src/core/run.ts"
import { initialState, type State } from "../../src/core/state.ts"
import { Random } from "../../src/proof/simulate/random.ts"
import { type Behavior, behaviorOf, type Outage, type Times } from "./outages.ts"

interface Process {
  readonly behavior: Behavior
  ranAt: number
  isHanging: boolean
}

/** So many things happen in one run at the most. */
const mostEvents = 200_000

/** How often memory is measured, in ms. */
const measureMs = 5_000
const memoryAtFirst = 60 * 2 ** 20

/** A process whose event loop is blocked from a moment on. The pool is not told. */
export interface Hanging {
  readonly at: number
  readonly incarnation: number
}

/** @param hanging takes in what hangs: each before the next step is there. */
export function* runOnce(
  plan: Plan,
  outage: Outage,
  times: Times & { readonly endAt: number },
  seed: number,
  hanging: Hanging[] = [],
): Generator<ReplayedStep> {
  const random = new Random(seed)
  const pending: { readonly at: number; readonly fact: Fact | (() => void) }[] = []
  const living = new Map<number, Process>()
  let state: State = initialState(plan)
  let now = 0

  /** Plus or minus up to 20 %. */
  const about = (ms: number): number =>
    ms === Infinity ? ms : Math.round(ms * (0.8 + random.below(401) / 1_000))

  function at(moment: number, fact: Fact | (() => void)): void {
    if (moment === Infinity) return
    let [low, high] = [0, pending.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pending[middle]?.at ?? 0) <= moment) low = middle + 1
      else high = middle
    }
    pending.splice(low, 0, { at: moment, fact })
  }
  const later = (ms: number, fact: Fact | (() => void)): void => at(now + ms, fact)

  function crash(worker: WorkerRef, ms: number): void {
    later(ms, { type: "worker-exited", worker, code: 1, signal: null })
  }

  function begin(worker: WorkerRef): void {
    const process = living.get(worker.incarnation)
    if (process === undefined) return
    const behavior = behaviorOf(outage, now, times, worker.incarnation, plan.workers)
    const { readyMs, crashMs, hangMs } = behavior
    living.set(worker.incarnation, { ...process, behavior, ranAt: now })
    later(about(readyMs), { type: "worker-became-ready", worker })
    if (crashMs !== null) crash(worker, about(crashMs))
    if (hangMs !== null) later(about(hangMs), () => hang(worker))
    if (now < times.fromAt) {
      const { crashMs: crashLater, hangMs: hangLater } = outage.running ?? {}
      const untilMs = times.fromAt - now
      if (crashLater !== undefined) crash(worker, untilMs + about(crashLater))
      if (hangLater !== undefined) later(untilMs + about(hangLater), () => hang(worker))
    }
    if (plan.heartbeatTimeoutMs !== false) later(plan.heartbeatIntervalMs, () => beat(worker))
    if (plan.maxMemoryBytes !== false) later(measureMs, () => measure(worker))
  }

  function hang({ incarnation }: WorkerRef): void {
    const process = living.get(incarnation)
    if (process === undefined) return
    process.isHanging = true
    hanging.push({ at: now, incarnation })
  }

  function beat(worker: WorkerRef): void {
    const process = living.get(worker.incarnation)
    if (process === undefined || process.isHanging) return
    later(0, { type: "worker-sent-heartbeat", worker, agoMs: 0 })
    later(plan.heartbeatIntervalMs, () => beat(worker))
  }

  function measure(worker: WorkerRef): void {
    const process = living.get(worker.incarnation)
    if (process === undefined) return
    const memoryBytes =
      memoryAtFirst + Math.round((process.behavior.leak * (now - process.ranAt)) / 1_000)
    later(0, { type: "worker-measured", worker, memoryBytes })
    later(measureMs, () => measure(worker))
  }

  function obey(command: Command): void {
    switch (command.type) {
      case "fork-worker": {
        const { worker } = command
        const behavior = behaviorOf(outage, now, times, worker.incarnation, plan.workers)
        living.set(worker.incarnation, { behavior, ranAt: now, isHanging: false })
        return later(about(behavior.bootMs), { type: "worker-said-hello", worker })
      }
      case "run-worker":
        return begin(command.worker)
      case "stop-worker": {
        const { worker } = command
        const process = living.get(worker.incarnation)
        if (process === undefined || process.isHanging) return
        const exit: Fact = { type: "worker-exited", worker, code: 0, signal: null }
        return later(about(process.behavior.stopMs), exit)
      }
      case "kill-worker": {
        const { worker } = command
        return later(1, { type: "worker-exited", worker, code: null, signal: "SIGKILL" })
      }
      default:
    }
  }

  /** Whether what was to happen still can. A dead worker does nothing of what it has begun, and a hanging one only ends. */
  function happens(fact: Fact): boolean {
    if (!("worker" in fact)) return true
    const process = living.get(fact.worker.incarnation)
    if (process === undefined) return false
    if (fact.type === "worker-exited") {
      if (process.isHanging && fact.signal === null) return false
      return living.delete(fact.worker.incarnation)
    }
    return !process.isHanging
  }

  function* events(): Generator<Event> {
    for (let count = 0; state.phase !== "done" && count < mostEvents; count += 1) {
      const deadline = nextDeadline(state) ?? Infinity
      const [next] = pending
      const moment = Math.min(deadline, next?.at ?? Infinity)
      if (moment > times.endAt) return
      now = Math.max(now, moment)
      if (next === undefined || next.at > deadline) yield { type: "deadline-reached", at: now }
      else {
        pending.shift()
        if (typeof next.fact === "function") next.fact()
        else if (happens(next.fact)) yield { ...next.fact, at: now }
      }
    }
  }

  at(0, { type: "started" })
  for (const { at: moment, fact } of outage.acts?.(times) ?? []) at(moment, fact)
  for (const step of run(plan, state, events())) {
    state = step.state
    for (const command of step.commands) obey(command)
    yield step
  }
}
