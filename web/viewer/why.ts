/**
 * Which events and options led to an order. Pure: it goes back from the order to what its rule is about.
 */
import type { Command } from "../../src/core/command.ts"
import type { Event } from "../../src/core/event.ts"
import type { ReplayedStep } from "../../src/core/run.ts"

/** What led to an order. */
export interface Why {
  /** The numbers of the events, from 0 on, the earliest first. */
  readonly events: readonly number[]
  /** The names of the options. */
  readonly options: readonly string[]
}

type Steps = readonly ReplayedStep[]
type Match = (event: Event, step: ReplayedStep) => boolean

/** @param index the number of the event at which the order was given. */
export function whyOf(steps: Steps, index: number, command: Command): Why {
  const { reason } = command
  const at = steps[index]?.event.at ?? 0
  const back = (match: Match): readonly number[] => latest(steps, index, match)
  const all = (sinceMs: number, match: Match): readonly number[] =>
    within(steps, index, at - sinceMs, match)
  const slot = "worker" in command ? command.worker.slot : 0
  const own = "worker" in command ? command.worker.incarnation : 0
  const isOwn = (event: Event): boolean => "worker" in event && event.worker.incarnation === own
  const isExitOfSlot: Match = (event) =>
    (event.type === "worker-exited" || event.type === "fork-failed") && event.worker.slot === slot
  const ordered =
    (type: Command["type"]): Match =>
    (_, { commands }) =>
      commands.some(
        (one) => one.type === type && (!("worker" in one) || one.worker.incarnation === own),
      )

  switch (reason.rule) {
    case "respawn":
      return {
        events: back(isExitOfSlot),
        options: ["respawn", "respawnLimit", "respawnInterval", "backoff"],
      }
    case "restore":
      return { events: back(isExitOfSlot), options: [] }
    case "respawn-limit":
      return {
        events: all(reason.intervalMs, (_, { commands }) =>
          commands.some((one) => one.type === "fork-worker" && one.reason.rule === "respawn"),
        ),
        options: ["respawnLimit", "respawnInterval", "backoff"],
      }
    case "no-worker-started":
      return { events: all(Infinity, isFailure), options: ["startFailure"] }
    case "correlated-failures":
      return { events: failuresWithin(steps, index, reason.withinMs), options: [] }
    case "heartbeat-timeout": {
      const lastSign: Match = (event) =>
        isOwn(event) &&
        (event.type === "worker-sent-heartbeat" || event.type === "worker-became-ready")
      return { events: back(lastSign), options: ["heartbeatTimeout"] }
    }
    case "start-timeout":
      return { events: back(ordered("fork-worker")), options: ["startTimeout"] }
    case "stop-timeout":
      return { events: back(ordered("stop-worker")), options: ["timeout"] }
    case "stop":
    case "stop-while-booting":
      return whyStopped(reason.cause, back, isOwn)
    case "stop-delay":
      return { events: [index], options: ["stopDelay"] }
    case "hello":
      return {
        events: back((event) => isOwn(event) && event.type === "worker-said-hello"),
        options: [],
      }
    case "reload":
    case "all-replaced":
      return {
        events: back((event) => asksFor(event, "reload")),
        options: ["reload.atOnce", "reload.minReadyTime"],
      }
    case "replacement-failed": {
      const { incarnation } = reason.worker
      const isAbout: Match = (event) =>
        "worker" in event && event.worker.incarnation === incarnation
      return { events: back(isAbout), options: ["startTimeout", "reload.minReadyTime"] }
    }
    case "max-age":
      return {
        events: back((event) => event.type === "worker-became-ready"),
        options: ["recycle.maxAge"],
      }
    case "max-memory":
      return {
        events: back((event) => event.type === "worker-measured"),
        options: ["recycle.maxMemory"],
      }
    case "max-requests":
      return {
        events: back((event) => event.type === "worker-served-requests"),
        options: ["recycle.maxRequests"],
      }
    case "recycle-requested":
      return { events: back((event) => event.type === "worker-asked-for-replacement"), options: [] }
    case "leadership":
      return { events: back((event) => event.type === "worker-asked-for-leadership"), options: [] }
    case "scale-up":
    case "scale-down":
      return { events: [index], options: ["workers"] }
    case "all-stopped":
    case "exits-unreported":
      return {
        events: back((_, { commands }) => commands.some(({ type }) => type === "announce-stop")),
        options: ["timeout"],
      }
    case "all-finished":
      return { events: back((event) => event.type === "worker-exited"), options: ["respawn"] }
    case "not-waiting":
      return { events: [index], options: ["waitForWorkers"] }
    case "upgrade":
    case "handed-over":
    case "successor-exited":
    case "successor-failed":
      return { events: back((event) => asksFor(event, "upgrade")), options: [] }
    case "successor-late":
      return { events: back((event) => asksFor(event, "upgrade")), options: ["startTimeout"] }
    case "spare":
      return { events: [index], options: ["spares"] }
    case "start":
      return { events: [index], options: ["workers"] }
    case "start-failed":
      return { events: [index], options: ["beforeFork"] }
  }
}

function whyStopped(
  cause: string,
  back: (match: Match) => readonly number[],
  isOwn: (event: Event) => boolean,
): Why {
  const of = (match: Match, ...options: readonly string[]): Why => ({
    events: back(match),
    options,
  })
  switch (cause) {
    case "direct-signal":
      return of((event) => isOwn(event) && event.type === "worker-was-signaled", "signals")
    case "scale-down":
      return of(
        (event) => event.type === "scale-requested" || event.type === "signal-received",
        "workers",
      )
    case "reload":
    case "recycle":
      return of((event) => event.type === "worker-became-ready", "reload.minReadyTime")
    case "discard":
      return of((event) => asksFor(event, "reload"), "spares")
    case "give-up":
      return of(
        (_, { commands }) => commands.some(({ type }) => type === "announce-give-up"),
        "respawnLimit",
      )
    default:
      return of(
        (event) => event.type === "signal-received" || event.type === "stop-requested",
        "signals",
      )
  }
}

function asksFor(event: Event, what: "reload" | "upgrade"): boolean {
  return event.type === `${what}-requested` || event.type === "signal-received"
}

function isFailure(event: Event): boolean {
  return (event.type === "worker-exited" && event.code !== 0) || event.type === "fork-failed"
}

/** The failures of a moment, of which the latest is the last one. */
function failuresWithin(steps: Steps, index: number, withinMs: number): readonly number[] {
  const [last = index] = latest(steps, index, isFailure)
  const lastAt = steps[last]?.event.at ?? 0
  return within(steps, last, lastAt - withinMs, isFailure)
}

/** The latest event up to this one that matches. */
function latest(steps: Steps, index: number, match: Match): readonly number[] {
  for (let one = index; one >= 0; one -= 1) {
    const step = steps[one]
    if (step !== undefined && match(step.event, step)) return [one]
  }
  return []
}

/** Those since a moment that match. */
function within(steps: Steps, index: number, sinceAt: number, match: Match): readonly number[] {
  const found: number[] = []
  for (let one = index; one >= 0; one -= 1) {
    const step = steps[one]
    if (step === undefined || step.event.at < sinceAt) break
    if (match(step.event, step)) found.unshift(one)
  }
  return found
}
