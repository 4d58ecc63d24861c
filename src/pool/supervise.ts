/**
 * The only loop: takes facts in, steps the core, does what it orders, and wakes it when it wants to be woken.
 *
 * The same for every platform, and without an opinion: what follows from a fact is decided in src/core, how an order is
 * carried out in src/platform. An event is followed by all of its orders before the next one is looked at, also when a
 * platform reports from within an order.
 */
import type { Command } from "../core/command.ts"
import type { Event, Fact } from "../core/event.ts"
import { nextDeadline } from "../core/deadline.ts"
import type { Plan } from "../core/plan/plan.ts"
import { initialState, type State } from "../core/state.ts"
import { step } from "../core/step.ts"
import type { Platform, WorkerProcess, WorkerReport } from "../platform/platform.ts"
import type { WorkerFailure } from "../worker/message.ts"
import { Recorder } from "./recorder.ts"
import type { WorkerProgram } from "../worker/program.ts"

/** A pool at work. */
export interface Supervision {
  readonly state: State
  /** Tells of a fact. It is stamped with the time and taken in at once, or after those that came before it. */
  take(fact: Fact): void
  /** The process id of a worker; undefined before its fork, after its exit, and where there never was one. */
  pidOf(incarnation: number): number | undefined
  /** What it went through, as text: see core/recording.ts. */
  recording(): string
}

/** Whoever watches a pool. */
export interface Watcher {
  /** An event was taken in, and its orders were carried out. The workers it tells of still have their process ids. */
  stepped(event: Event, commands: readonly Command[]): void
  /** The user's code has failed in a worker. */
  workerFailed(failure: WorkerFailure): void
}

/** Supervises a program on a platform. Nothing is forked before the fact `started` is taken in. */
export function supervise(
  plan: Plan,
  program: WorkerProgram,
  platform: Platform,
  watcher: Watcher,
): Supervision {
  const processes = new Map<number, WorkerProcess>()
  const recorder = new Recorder(plan, platform.clock)
  const queue: Fact[] = []
  let state = initialState(plan)
  let isDraining = false
  let latestAt = -Infinity
  let wakeUp: { readonly at: number; readonly cancel: () => void } | undefined

  function take(fact: Fact): void {
    queue.push(fact)
    if (isDraining) return
    isDraining = true
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) takeNow(next)
    } finally {
      isDraining = false
    }
    arm()
  }

  function takeNow(fact: Fact): void {
    latestAt = Math.max(latestAt, platform.clock.now())
    const event: Event = { ...fact, at: latestAt }
    platform.observe({ kind: "event", event })
    recorder.take(event, state)
    const next = step(plan, state, event)
    const { commands } = next
    recorder.stepped(next, state)
    state = next.state
    for (const command of commands) {
      platform.observe({ kind: "command", at: event.at, command })
      carryOut(command)
    }
    watcher.stepped(event, commands)
    if (event.type === "worker-exited" || event.type === "fork-failed") {
      processes.delete(event.worker.incarnation)
    }
  }

  function carryOut(command: Command): void {
    switch (command.type) {
      case "fork-worker":
        processes.set(command.worker.incarnation, platform.fork(command.worker, program, report))
        break
      case "run-worker":
        processes.get(command.worker.incarnation)?.run()
        break
      case "grant-leadership":
        processes.get(command.worker.incarnation)?.grantLeadership()
        break
      case "stop-worker":
        processes.get(command.worker.incarnation)?.stop(command.signal, command.cause)
        break
      case "kill-worker":
        processes.get(command.worker.incarnation)?.kill()
        break
      case "announce-scale":
      case "announce-reload":
      case "announce-incident":
      case "announce-stop":
      case "announce-give-up":
      case "finish":
        break
    }
  }

  function report(report: WorkerReport): void {
    if (report.type === "worker-failed") watcher.workerFailed(report)
    else take(report)
  }

  /** One timer at most, always for the next deadline as the state has it now. */
  function arm(): void {
    const at = nextDeadline(state)
    if (wakeUp?.at === at) return
    wakeUp?.cancel()
    wakeUp = undefined
    if (at === null) return
    const cancel = platform.clock.wakeAt(at, () => {
      wakeUp = undefined
      take({ type: "deadline-reached" })
    })
    wakeUp = { at, cancel }
  }

  platform.observe({ kind: "plan", at: platform.clock.now(), plan })
  return {
    get state() {
      return state
    },
    take,
    pidOf: (incarnation) => processes.get(incarnation)?.pid,
    recording: () => recorder.write(state),
  }
}
