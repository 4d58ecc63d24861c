/**
 * The only loop: takes in events, steps the core, carries out its commands, and wakes it for the next deadline.
 *
 * It is the same for every platform. What follows from an event is decided in src/core. How a command is carried out is up
 * to src/platform. All commands of an event are carried out before the next event, even if a platform reports while one
 * is carried out.
 */
import type { Command } from "../core/command.ts"
import type { Event, Fact } from "../core/event.ts"
import { nextDeadline } from "../core/deadline.ts"
import type { Plan } from "../core/plan/plan.ts"
import { initialState, type State } from "../core/state.ts"
import { step } from "../core/step.ts"
import type { LogEntry } from "../platform/log-entry.ts"
import type {
  Platform,
  SuccessorProcess,
  WorkerProcess,
  WorkerReport,
} from "../platform/platform.ts"
import type { WorkerFailure } from "../worker/message.ts"
import { carryOut, type Orders } from "./carry-out.ts"
import { Recorder } from "./recorder.ts"
import { whyNoUpgrade } from "./upgrade-calls.ts"
import type { WorkerProgram } from "../worker/program.ts"

/** A running pool. */
export interface Supervision {
  readonly state: State
  /** Reports a fact. It is stamped with the time and taken in at once, or after those that were reported before it. */
  take(fact: Fact): void
  /** The new primary; undefined if there is none. */
  readonly successor: Pick<SuccessorProcess, "pid" | "error"> | undefined
  /** The process id of a worker; undefined before its fork, after its exit, and if the fork failed. */
  pidOf(incarnation: number): number | undefined
  /** The recording of the pool, as text: see core/recording/recording.ts. */
  recording(): string
  /** Calls back with each event that is recorded from now on. @returns ends it. */
  followRecording(listener: (event: Event) => void): () => void
}

/** Watches a pool. */
export interface Watcher {
  /** An entry of the log: the plan, then each event, and each command before it is carried out. */
  observe(entry: LogEntry): void
  /** An event was taken in, and its commands were carried out. Workers that it is about still have their process ids. */
  stepped(event: Event, commands: readonly Command[]): void
  /** The user's code failed in a worker. */
  workerFailed(failure: WorkerFailure): void
}

/**
 * Supervises a program on a platform. Listens to the signals of the plan until the pool is done, and to stop signals
 * forever. Nothing is forked before the event `started`.
 */
export function supervise(
  plan: Plan,
  program: WorkerProgram,
  platform: Platform,
  watcher: Watcher,
): Supervision {
  const processes = new Map<number, WorkerProcess>()
  const recorder = new Recorder(plan, platform.clock)
  const queue: Fact[] = []
  const listening: (() => void)[] = []
  let state = initialState(plan)
  let isDraining = false
  let latestAt = -Infinity
  let successor: SuccessorProcess | undefined
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
    watcher.observe({ kind: "event", event })
    recorder.take(event, state)
    const next = step(plan, state, event)
    const { commands } = next
    recorder.stepped(next, state)
    state = next.state
    for (const command of commands) {
      watcher.observe({ kind: "command", at: event.at, command })
      carryOut(command, orders)
    }
    watcher.stepped(event, commands)
    if (event.type === "worker-exited" || event.type === "fork-failed") {
      processes.delete(event.worker.incarnation)
    }
  }

  const orders: Orders = {
    fork: (worker) => {
      processes.set(worker.incarnation, platform.fork(worker, program, report))
    },
    run: (worker) => processes.get(worker.incarnation)?.run(worker),
    grantLeadership: ({ incarnation }) => processes.get(incarnation)?.grantLeadership(),
    stop: ({ incarnation }, signal, cause) => processes.get(incarnation)?.stop(signal, cause),
    kill: ({ incarnation }) => processes.get(incarnation)?.kill(),
    sendClientsElsewhere: () => platform.sendClientsElsewhere?.(),
    releasePorts: () => platform.releasePorts?.(),
    startSuccessor: () => {
      successor = startSuccessor()
    },
    stopSuccessor: () => successor?.stop(),
    killSuccessor: () => successor?.kill(),
    finish: () => {
      for (const stopListening of listening) stopListening()
    },
  }

  function startSuccessor(): SuccessorProcess | undefined {
    const why = whyNoUpgrade(platform)
    if (why === undefined) return platform.startSuccessor?.(take)
    take({ type: "successor-failed", error: why })
    return undefined
  }

  function report(report: WorkerReport): void {
    if (report.type === "worker-failed") watcher.workerFailed(report)
    else take(report)
  }

  /** At most one timer, always for the next deadline of the current state. */
  function arm(): void {
    const at = nextDeadline(state)
    if (wakeUp?.at === at) return
    wakeUp?.cancel()
    wakeUp = undefined
    if (at === null) return
    const cancel = platform.clock.wakeAt(at, () => {
      wakeUp = undefined
      platform.look?.()
      // What was seen may have put off what was due.
      const next = nextDeadline(state)
      if (next !== null && next > platform.clock.now()) return arm()
      take({ type: "deadline-reached" })
    })
    wakeUp = { at, cancel }
  }

  watcher.observe({ kind: "plan", at: platform.clock.now(), plan })
  for (const [name, action] of Object.entries(plan.signals)) {
    const off = platform.onSignal(name, (signal) => take({ type: "signal-received", signal }))
    // More stop signals may follow, and must not end the process on their own. They are absorbed forever.
    if (action !== "stop") listening.push(off)
  }
  return {
    get state() {
      return state
    },
    take,
    get successor() {
      return successor
    },
    pidOf: (incarnation) => processes.get(incarnation)?.pid,
    recording: () => recorder.write(state),
    followRecording: (listener) => recorder.follow(listener),
  }
}
