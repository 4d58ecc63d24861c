/**
 * Runs a crash loop in steps of the core: each worker dies the same time after its fork. The tests compare the lint with it.
 */
import {
  type Command,
  type Event,
  initialState,
  nextDeadline,
  type Plan,
  type PlanOptions,
  planFrom,
  step,
  type WorkerRef,
} from "../../../src/core/index.ts"

export interface CrashLoop {
  /** When the pool gave up; undefined if it did not. */
  readonly gaveUpAt: number | undefined
  /** The most respawns that were made within one interval. */
  readonly mostRespawns: number
}

/** A plan that does not depend on the machine. */
export function planWith(options: PlanOptions, seed = 7): Plan {
  return planFrom({ workers: 2, ...options }, { cores: () => 2, seed })
}

/** Lets every worker die `lifeMs` after its fork, for `forMs`. */
export function crashLoop(plan: Plan, lifeMs: number, forMs: number): CrashLoop {
  const deaths: { readonly at: number; readonly worker: WorkerRef }[] = []
  const respawns: number[] = []
  let state = initialState(plan)
  let mostRespawns = 0
  let gaveUpAt: number | undefined

  function carryOut(command: Command, at: number): void {
    if (command.type === "announce-give-up") gaveUpAt ??= at
    if (command.type !== "fork-worker") return
    deaths.push({ at: at + lifeMs, worker: command.worker })
    if (command.reason.rule !== "respawn") return
    respawns.push(at)
    while (at - (respawns[0] ?? at) >= plan.respawnIntervalMs) respawns.shift()
    mostRespawns = Math.max(mostRespawns, respawns.length)
  }

  let event: Event | undefined = { type: "started", at: 0 }
  while (event !== undefined && event.at <= forMs && gaveUpAt === undefined) {
    const { at } = event
    const next = step(plan, state, event)
    state = next.state
    for (const command of next.commands) carryOut(command, at)
    const dueAt = nextDeadline(state) ?? Infinity
    const death = deaths[0]
    if (death !== undefined && death.at <= dueAt) {
      deaths.shift()
      event = { type: "worker-exited", at: death.at, worker: death.worker, code: 1, signal: null }
    } else {
      event = dueAt === Infinity ? undefined : { type: "deadline-reached", at: dueAt }
    }
  }
  return { gaveUpAt, mostRespawns }
}
