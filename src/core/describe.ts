/**
 * Events, orders and reasons in words, each one line: for logs, transcripts and error messages. Decides nothing.
 */
import type { Due } from "./deadline.ts"
import type { CorrelatedFailures, Command, ReplacementFailure, Reason } from "./command.ts"
import {
  currentOf,
  type Place,
  placesOf,
  type Process,
  type State,
  type StopCause,
} from "./state.ts"
import type { Fact, WorkerRef } from "./event.ts"

/** What was reported. */
export function describeFact(fact: Fact): string {
  switch (fact.type) {
    case "started":
      return "started"
    case "start-failed":
      return "beforeFork failed"
    case "worker-said-hello":
      return `${named(fact.worker)} said hello`
    case "worker-became-ready":
      return `${named(fact.worker)} became ready`
    case "worker-sent-heartbeat":
      return `${named(fact.worker)} answered`
    case "worker-measured":
      return `${named(fact.worker)} takes ${describeBytes(fact.memoryBytes)}`
    case "worker-asked-for-replacement":
      return `${named(fact.worker)} asked for replacement`
    case "worker-asked-for-leadership":
      return `${named(fact.worker)} asked to be the only one`
    case "worker-was-signaled":
      return `${named(fact.worker)} was signalled ${fact.signal}`
    case "worker-exited":
      return `${named(fact.worker)} ${describeExit(fact.code, fact.signal)}`
    case "fork-failed":
      return `fork of ${named(fact.worker)} failed: ${fact.error}`
    case "signal-received":
      return `received ${fact.signal}`
    case "stop-requested":
      return `stop was requested with ${fact.signal}`
    case "scale-requested":
      return `scale to ${fact.target} was requested`
    case "reload-requested":
      return "reload was requested"
    case "deadline-reached":
      return "deadline reached"
  }
}

/** Whether a fact is worth telling only where orders followed from it. @internal */
export function isRoutine({ type }: Fact): boolean {
  return (
    type === "deadline-reached" || type === "worker-sent-heartbeat" || type === "worker-measured"
  )
}

/** What is to be done, and why. */
export function describeCommand(command: Command): string {
  const why = describeReason(command.reason)
  switch (command.type) {
    case "fork-worker":
      return `fork ${named(command.worker)}: ${why}`
    case "run-worker":
      return `run ${named(command.worker)}: ${why}`
    case "grant-leadership":
      return `let ${named(command.worker)} be the only one: ${why}`
    case "stop-worker":
      return `stop ${named(command.worker)} with ${command.signal}: ${why}`
    case "kill-worker":
      return `kill ${named(command.worker)}: ${why}`
    case "announce-scale":
      return `announce scale from ${command.from} to ${command.to}`
    case "announce-reload":
      return `announce reload ${command.phase}: ${why}`
    case "announce-incident":
      return `announce incident: ${why}`
    case "announce-stop":
      return `announce stop: ${why}`
    case "announce-give-up":
      return `announce giving up: ${why}`
    case "finish":
      return `finish with code ${command.code}: ${why}`
  }
}

/** The rule and its figures. */
export function describeReason(reason: Reason): string {
  switch (reason.rule) {
    case "start":
      return `one of the first ${reason.workers}`
    case "scale-up":
    case "scale-down":
      return `${reason.rule} from ${reason.from} to ${reason.to}`
    case "restore":
      return "the slot was taken back while its worker stopped"
    case "respawn": {
      const limit =
        reason.limit === Infinity
          ? "without limit"
          : `${reason.respawns} of at most ${reason.limit} within ${describeMs(reason.intervalMs)}`
      return reason.attempt > 1 ? `respawn ${limit}, attempt ${reason.attempt}` : `respawn ${limit}`
    }
    case "reload":
      return `${reason.workers === 1 ? "the worker loads" : `all ${reason.workers} workers load`} the program anew`
    case "all-replaced":
      return "every worker has loaded the program anew"
    case "replacement-failed":
      return `${named(reason.worker)} ${describeFailure(reason.failure)}`
    case "max-age":
      return `the one before has served for ${describeMs(reason.maxAgeMs)}, or nearly`
    case "max-memory":
      return `the one before takes ${describeBytes(reason.memoryBytes)}, more than ${describeBytes(reason.maxMemoryBytes)}`
    case "recycle-requested":
      return "the one before has asked for it"
    case "leadership":
      return `${reason.slot} is the lowest slot, and no earlier one lives`
    case "hello":
      return "it said hello"
    case "stop":
      return describeStop(reason.cause, reason.signal)
    case "stop-timeout":
      return `still there ${describeMs(reason.timeoutMs)} after it was to stop`
    case "start-timeout":
      return `not ready within ${describeMs(reason.startTimeoutMs)}`
    case "heartbeat-timeout":
      return `no answer for ${describeMs(reason.heartbeatTimeoutMs)}`
    case "respawn-limit":
      return `more than ${reason.limit} ${reason.limit === 1 ? "respawn" : "respawns"} within ${describeMs(reason.intervalMs)}`
    case "correlated-failures": {
      const { slots, of, withinMs } = reason
      return `${slots.length} of ${of} workers ${withinMs < 1 ? "at once" : `within ${describeMs(withinMs)}`}${describeDeaths(reason)}`
    }
    case "start-failed":
      return "beforeFork failed"
    case "all-stopped":
      return reason.failed === 0
        ? "every worker has stopped"
        : `every worker has stopped, ${reason.failed} of them with a failure`
    case "not-waiting":
      return "the workers end by themselves"
    case "exits-unreported":
      return `${reason.workers} killed without a report of their exit`
    case "all-finished":
      return reason.failed
        ? "every slot is finished, at least one with a failure"
        : "every slot is finished"
  }
}

/** How things stand: the pool, and each of its slots. */
export function describeState(state: State): string {
  const pool = `${state.phase}, ${state.target} wanted`
  const places = placesOf(state)
  return places.length === 0 ? pool : `${pool}: ${places.map(describePlace).join(", ")}`
}

function describePlace({ slot, worker, state }: Place): string {
  if (worker === null) return `slot ${slot} is ${state}`
  const { phase, stop, killed } = worker
  return `${nameOf({ slot, worker })} is ${killed ? "killed" : stop === null ? phase : "stopping"}`
}

/** What will be due. */
export function describeDue(due: Due): string {
  switch (due.what) {
    case "fork": {
      const { id, attempt, counted } = due.slot
      if (!counted)
        return `worker ${id} is forked: the slot was taken back while its worker stopped`
      return `worker ${id} is respawned${attempt > 1 ? `, attempt ${attempt}` : ""}`
    }
    case "kill":
      return `${nameOf(due.process)} is killed unless it has stopped`
    case "timeout": {
      const sign = due.process.worker.phase === "ready" ? "answers" : "becomes ready"
      return `${nameOf(due.process)} is killed unless it ${sign}`
    }
    case "recycling":
      return `${nameOf(currentOf(due.slot))} is replaced by plan, the new worker first`
    case "incident":
      return `the deaths of ${due.incident.slots.length} workers are told of as one`
    case "acceptance":
      return "the new worker has proved itself, and the one before it is asked to stop"
    case "finish":
      return "the pool is done, even if exits of killed workers are not reported"
  }
}

/** How a process ended. */
export function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`
}

/** What deaths have in common. */
function describeDeaths({ code, signal, killed, uptime }: CorrelatedFailures): string {
  const isAlike = code !== null || signal !== null
  const how = killed
    ? "each had to be killed"
    : isAlike
      ? `each ${describeExit(code, signal)}`
      : "each in another way"
  if (uptime === "mixed") return `, ${how}`
  if (uptime === "not-ready") return `, ${how} before it was ready`
  const [least, most] = [describeMs(uptime.leastMs), describeMs(uptime.mostMs)]
  return `, ${how}, ${least === most ? least : `${least} to ${most}`} after it was ready`
}

/** A duration in the largest unit that keeps it short. */
export function describeMs(ms: number): string {
  if (ms < 1_000) return `${round(ms)} ms`
  if (ms < 120_000) return `${round(ms / 1_000)} s`
  if (ms < 7_200_000) return `${round(ms / 60_000)} min`
  return `${round(ms / 3_600_000)} h`
}

/** An amount of memory in the largest unit that keeps it short. */
function describeBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes < 1 ? `${bytes} bytes` : `${round(mebibytes)} MiB`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function describeStop(cause: StopCause, signal: string): string {
  switch (cause) {
    case "stop":
      return `the pool stops on ${signal}`
    case "give-up":
      return "the pool gives up"
    case "scale-down":
      return "scaled down"
    case "reload":
    case "recycle":
      return "another worker takes its place"
    case "direct-signal":
      return `${signal} reached this worker`
  }
}

function describeFailure(failure: ReplacementFailure): string {
  switch (failure) {
    case "exited":
      return "ended before it had been ready for long enough"
    case "late":
      return "was not ready in time"
    case "unresponsive":
      return "did not answer"
    case "signaled":
      return "was signalled before it had been ready for long enough"
    case "not-forked":
      return "could not be forked"
  }
}

function nameOf({ slot, worker }: Pick<Process, "slot" | "worker">): string {
  return named({ slot, incarnation: worker.incarnation })
}

function named(worker: WorkerRef): string {
  return `worker ${worker.slot} (#${worker.incarnation})`
}
