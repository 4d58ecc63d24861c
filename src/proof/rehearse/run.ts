/**
 * One run of a rehearsal: the shipped core in a world of workers that boot, become ready, and crash while the outage lasts.
 */
import { nextDeadline } from "../../core/deadline.ts"
import type { Command } from "../../core/command.ts"
import type { Event, Fact, WorkerRef } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { run } from "../../core/run.ts"
import { initialState, type State } from "../../core/state.ts"
import { Random } from "../simulate/random.ts"
import type { Script } from "./outage.ts"

/** What one run has shown. Times in ms from its start. */
export interface RehearsedRun {
  readonly respawns: number
  /** When it gave up; null if it did not. */
  readonly gaveUpAt: number | null
  /** How many workers were ready at the worst moment after all had been ready once, or the outage had begun. */
  readonly leastReady: number
  /** When all were ready again after the outage, and stayed so; null if that never happened. */
  readonly recoveredAt: number | null
}

/** What will happen to a worker. */
interface Scheduled {
  readonly at: number
  readonly fact: Fact
}

/** So many things happen in one moment only if none of them takes time. */
const mostAtOnce = 100_000

export function runOnce(given: Plan, script: Script, seed: number): RehearsedRun {
  // Its workers crash, and never hang.
  const plan: Plan = { ...given, heartbeatTimeoutMs: false }
  const random = new Random(seed)
  const pending: Scheduled[] = [{ at: 0, fact: { type: "started" } }]
  const living = new Set<number>()
  let state: State = initialState(plan)
  let now = 0
  let respawns = 0
  let gaveUpAt: number | null = null
  let leastReady = plan.workers
  let wereAllReady = false
  let recoveredAt: number | null = null

  /** Plus or minus up to 20 %. */
  function about(ms: number): number {
    return Math.round(ms * (0.8 + random.below(401) / 1_000))
  }

  function later(ms: number, fact: Fact): void {
    const at = now + ms
    const index = pending.findIndex((other) => other.at > at)
    pending.splice(index === -1 ? pending.length : index, 0, { at, fact })
  }

  function begin(worker: WorkerRef): void {
    later(about(script.ready), { type: "worker-became-ready", worker })
    const meetsAt = Math.max(now, script.from)
    if (now < script.until) {
      const code = 1
      later(meetsAt + script.crashAfter - now, {
        type: "worker-exited",
        worker,
        code,
        signal: null,
      })
    }
  }

  function obey(command: Command): void {
    switch (command.type) {
      case "fork-worker":
        if (command.reason.rule === "respawn") respawns += 1
        living.add(command.worker.incarnation)
        return later(about(script.boot), { type: "worker-said-hello", worker: command.worker })
      case "run-worker":
        return begin(command.worker)
      case "stop-worker": {
        const { worker } = command
        return later(10, { type: "worker-exited", worker, code: 0, signal: null })
      }
      case "kill-worker": {
        const { worker } = command
        return later(1, { type: "worker-exited", worker, code: null, signal: "SIGKILL" })
      }
      case "announce-give-up":
        gaveUpAt = now
        return
      case "grant-leadership":
      case "announce-scale":
      case "announce-reload":
      case "announce-incident":
      case "announce-stop-delay":
      case "announce-upgrade":
      case "start-successor":
      case "stop-successor":
      case "kill-successor":
      case "announce-stop":
      case "finish":
    }
  }

  function observe(): void {
    if (gaveUpAt !== null) return
    const ready = state.slots.filter(
      (slot) => slot.state === "occupied" && slot.worker.phase === "ready",
    ).length
    if (ready === plan.workers) {
      wereAllReady = true
      if (now >= script.until) recoveredAt ??= now
    } else if (wereAllReady) {
      recoveredAt = null
    }
    if (wereAllReady || now >= script.from) leastReady = Math.min(leastReady, ready)
  }

  /** Whether the worker of a fact still lives. A dead worker does nothing of what it has begun. */
  function isOfTheLiving(fact: Fact): boolean {
    if (!("worker" in fact)) return true
    const { incarnation } = fact.worker
    return fact.type === "worker-exited" ? living.delete(incarnation) : living.has(incarnation)
  }

  /** What happens next, again and again: it depends on what the core has made of the events before it. */
  function* events(): Generator<Event> {
    for (let atOnce = 0; state.phase !== "done";) {
      const deadline = nextDeadline(state) ?? Infinity
      const [next] = pending
      const at = Math.min(deadline, next?.at ?? Infinity)
      if (at > script.endAt) return
      atOnce = at > now ? 0 : atOnce + 1
      if (atOnce > mostAtOnce) {
        throw new RangeError(
          "rehearse: time must pass, but workers start and crash at once, forever. Use a longer boot or crashAfter.",
        )
      }
      now = Math.max(now, at)
      if (next === undefined || next.at > deadline) yield { type: "deadline-reached", at: now }
      else {
        pending.shift()
        if (isOfTheLiving(next.fact)) yield { ...next.fact, at: now }
      }
    }
  }

  for (const step of run(plan, state, events())) {
    state = step.state
    for (const command of step.commands) obey(command)
    observe()
  }
  if (gaveUpAt !== null) leastReady = 0
  return { respawns, gaveUpAt, leastReady, recoveredAt }
}
