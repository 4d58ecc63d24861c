/**
 * Events, commands and reasons in plain English, one line each, for transcripts, logs and error messages. The lines of
 * the log themselves are in src/pool/notices.ts.
 */
import type { Due } from "./deadline.ts"
import { oneLine } from "./log-line.ts"
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

/** What happened. */
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
      return `${named(fact.worker)} sent a heartbeat${fact.agoMs > 0 ? ` ${describeMs(fact.agoMs)} ago` : ""}`
    case "worker-measured":
      return `${named(fact.worker)} uses ${describeBytes(fact.memoryBytes)}`
    case "worker-served-requests":
      return `${named(fact.worker)} has served ${counted(fact.requests, "request")}`
    case "worker-asked-for-replacement":
      return `the replacement of ${named(fact.worker)} was requested`
    case "worker-asked-for-leadership":
      return `${named(fact.worker)} asked for leadership`
    case "worker-was-signaled":
      return `${named(fact.worker)} received ${oneLine(fact.signal)}`
    case "worker-exited":
      return `${named(fact.worker)} ${describeExit(fact.code, fact.signal)}`
    case "fork-failed":
      return `fork of ${named(fact.worker)} failed: ${oneLine(fact.error)}`
    case "signal-received":
      return `received ${oneLine(fact.signal)}`
    case "stop-requested":
      return `stop with ${oneLine(fact.signal)} was requested`
    case "scale-requested":
      return `scale to ${fact.target} was requested`
    case "reload-requested":
      return "reload was requested"
    case "upgrade-requested":
      return "upgrade was requested"
    case "successor-became-ready":
      return "the new primary became ready"
    case "successor-exited":
      return `the new primary ${describeExit(fact.code, fact.signal)}`
    case "successor-failed":
      return `the new primary could not be started: ${oneLine(fact.error)}`
    case "deadline-reached":
      return "deadline reached"
  }
}

/** Whether an event is worth showing only if commands followed from it. @internal */
export function isRoutine({ type }: Fact): boolean {
  return (
    type === "deadline-reached" || type === "worker-sent-heartbeat" || type === "worker-measured"
  )
}

/** What the core wants done, and why. */
export function describeCommand(command: Command): string {
  const why = describeReason(command.reason)
  switch (command.type) {
    case "fork-worker":
      return `fork ${named(command.worker)}: ${why}`
    case "run-worker":
      return `run ${named(command.worker)}: ${why}`
    case "grant-leadership":
      return `make ${named(command.worker)} the leader: ${why}`
    case "stop-worker":
      return `stop ${named(command.worker)} with ${oneLine(command.signal)}: ${why}`
    case "kill-worker":
      return `kill ${named(command.worker)}: ${why}`
    case "announce-scale":
      return `announce scale from ${command.from} to ${command.to}`
    case "announce-reload":
      return `announce reload ${command.phase}: ${why}`
    case "start-successor":
      return "start the new primary"
    case "stop-successor":
      return `stop the new primary: ${why}`
    case "kill-successor":
      return `kill the new primary: ${why}`
    case "announce-upgrade":
      return `announce upgrade ${command.phase}: ${why}`
    case "announce-incident":
      return `announce incident: ${why}`
    case "announce-stop-delay":
      return `announce delay: ${why}`
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
    case "spare":
      return reason.spares === 1 ? "the spare" : `one of ${reason.spares} spares`
    case "upgrade":
      return "a new primary is to take over"
    case "handed-over":
      return "the new primary serves"
    case "successor-exited":
      return `the new primary ${describeExit(reason.code, reason.signal)} before its workers were ready`
    case "successor-failed":
      return `the new primary could not be started: ${oneLine(reason.error)}`
    case "successor-late":
      return `the workers of the new primary were not ready within ${describeMs(reason.upgradeTimeoutMs)}`
    case "start":
      return reason.workers === 1
        ? "the first worker"
        : `one of the first ${reason.workers} workers`
    case "scale-up":
      return `scaled up from ${reason.from} to ${reason.to}`
    case "scale-down":
      return `scaled down from ${reason.from} to ${reason.to}`
    case "restore":
      return "scaled up again while its previous worker was stopping"
    case "respawn": {
      const limit =
        reason.limit === Infinity
          ? "without a limit"
          : `${reason.respawns} of at most ${reason.limit} within ${describeMs(reason.intervalMs)}`
      const attempt = describeAttempt(reason.attempt)
      return `restart ${limit}${attempt === "" ? "" : `,${attempt}`}`
    }
    case "reload":
      return `reload of ${counted(reason.workers, "worker")}`
    case "all-replaced":
      return "every worker runs the new code"
    case "replacement-failed":
      return `${named(reason.worker)} ${describeFailure(reason.failure)}`
    case "max-age":
      return `the previous worker has reached its maximum age (${describeMs(reason.maxAgeMs)}, minus up to 20 %)`
    case "max-memory":
      return `the previous worker uses ${describeBytes(reason.memoryBytes)}, more than ${describeBytes(reason.maxMemoryBytes)}`
    case "max-requests":
      return `the previous worker has served ${counted(reason.requests, "request")} (at most ${reason.maxRequests}, minus up to 20 %)`
    case "recycle-requested":
      return "its replacement was requested"
    case "leadership":
      return `worker ${reason.slot} has the lowest number, and no earlier leader is alive`
    case "hello":
      return "it said hello"
    case "stop":
      return describeStop(reason.cause, reason.signal)
    case "stop-delay":
      return `the pool stops on ${oneLine(reason.signal)} in ${describeMs(reason.stopDelayMs)}`
    case "stop-while-booting":
      return `${describeStop(reason.cause, reason.signal)}, and it is still booting`
    case "stop-timeout":
      return `did not stop within ${describeMs(reason.timeoutMs)}`
    case "start-timeout":
      return `not ready within ${describeMs(reason.startTimeoutMs)}`
    case "heartbeat-timeout":
      return `no heartbeat for ${describeMs(reason.heartbeatTimeoutMs)}`
    case "respawn-limit":
      return `more than ${counted(reason.limit, "restart")} within ${describeMs(reason.intervalMs)}`
    case "no-worker-started":
      return reason.workers === 1
        ? "the first worker failed to start"
        : `each of the first ${reason.workers} workers failed to start`
    case "correlated-failures": {
      const { slots, of, withinMs } = reason
      const when = withinMs < 1 ? "at once" : `within ${Math.ceil(withinMs / 100) / 10} s`
      return `${slots.length} of ${of} workers failed ${when}, ${describeDeaths(reason)}`
    }
    case "start-failed":
      return "beforeFork failed"
    case "all-stopped":
      return reason.failed === 0
        ? "every worker has stopped"
        : `every worker has stopped, ${reason.failed} of them with a failure`
    case "not-waiting":
      return "the workers stop on their own"
    case "exits-unreported":
      return reason.workers === 0
        ? "gave up waiting for the exit of the new primary, which was killed"
        : `gave up waiting for the exit of ${counted(reason.workers, "killed worker")}`
    case "all-finished":
      return reason.failed
        ? "every worker has finished, at least one of them with a failure"
        : "every worker has finished"
  }
}

/** The state of the pool and of each of its workers. */
export function describeState(state: State): string {
  const pool = `${state.phase}, ${counted(state.target, "worker")} desired`
  const spares = state.spares.map(({ worker }): Place => ({ slot: 0, state: "occupied", worker }))
  const places = [...placesOf(state), ...spares]
  return places.length === 0 ? pool : `${pool}: ${places.map(describePlace).join(", ")}`
}

function describePlace({ slot, worker, state }: Place): string {
  if (worker === null) return `worker ${slot} is ${state}`
  const { phase, stop, killed } = worker
  return `${nameOf({ slot, worker })} is ${killed ? "killed" : stop === null ? phase : "stopping"}`
}

/** What the pool does next if nothing else happens. */
export function describeDue(due: Due): string {
  switch (due.what) {
    case "fork": {
      const { id, attempt, counted: isCounted } = due.slot
      return isCounted
        ? `worker ${id} is restarted${describeAttempt(attempt)}`
        : `worker ${id} is started: scaled up again while its previous worker was stopping`
    }
    case "kill":
      return `${nameOf(due.process)} is killed unless it stops`
    case "timeout": {
      const { role, worker } = due.process
      const sign =
        role === "spare"
          ? "says hello"
          : worker.phase === "ready"
            ? "sends a heartbeat"
            : "becomes ready"
      return `${nameOf(due.process)} is killed unless it ${sign}`
    }
    case "recycling":
      return `${nameOf(currentOf(due.slot))} is recycled, new before old`
    case "successor":
      return due.successor.phase === "starting"
        ? "the new primary is asked to stop unless its workers become ready"
        : "the new primary is killed unless it ends"
    case "spare":
      return "a spare is started"
    case "incident":
      return `the failures of ${due.incident.slots.length} workers are reported as one incident`
    case "acceptance":
      return "the replacement is accepted, and the old worker is asked to stop"
    case "stop":
      return "the pool stops: it was asked to, and serves on until then"
    case "signal":
      return `${nameOf(due.process)} is stopped unless the signal that it received reaches the pool`
    case "finish":
      return "the pool is done, even if exits of killed workers are not reported"
  }
}

/** How a process ended. */
export function describeExit(code: number | null, signal: string | null): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`
}

/** What the failures have in common. */
function describeDeaths({ code, signal, killed, uptime }: CorrelatedFailures): string {
  const how = killed
    ? "all had to be killed"
    : code !== null
      ? `all with exit code ${code}`
      : signal !== null
        ? `all ended by ${signal}`
        : "in different ways"
  if (uptime === "mixed") return how
  if (uptime === "not-ready") return `${how} before they were ready`
  const [least, most] = [describeMs(uptime.leastMs), describeMs(uptime.mostMs)]
  return `${how}, ${least === most ? least : `${least} to ${most}`} after they became ready`
}

/** A duration in the largest unit that keeps it short. */
export function describeMs(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${round(ms / 1_000)} s`
  if (ms < 7_200_000) return `${round(ms / 60_000)} min`
  return `${round(ms / 3_600_000)} h`
}

/** An amount of memory in the largest unit that keeps it short. @internal */
export function describeBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes < 1 ? `${bytes} bytes` : `${round(mebibytes)} MiB`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function describeStop(cause: StopCause, signal: string): string {
  switch (cause) {
    case "stop":
      return `the pool stops on ${oneLine(signal)}`
    case "give-up":
      return "the pool gives up"
    case "scale-down":
      return "scaled down"
    case "reload":
    case "recycle":
      return "its replacement has taken over"
    case "discard":
      return "it is no longer needed"
    case "direct-signal":
      return `it received ${oneLine(signal)}`
  }
}

/** How a replacement failed. @internal */
export function describeFailure(failure: ReplacementFailure): string {
  switch (failure) {
    case "exited":
      return "exited during the reload"
    case "late":
      return "was not ready in time"
    case "unresponsive":
      return "sent no heartbeat"
    case "signaled":
      return "received a stop signal during the reload"
    case "not-forked":
      return "could not be started"
  }
}

/** How many restarts in a row this one is, unless it is the first. @internal */
export function describeAttempt(attempt: number): string {
  return attempt > 1 ? ` for the ${ordinal(attempt)} time in a row` : ""
}

/** 1st, 2nd, 3rd, 4th. */
function ordinal(number: number): string {
  const isTeen = number % 100 > 10 && number % 100 < 14
  return `${number}${(isTeen ? undefined : ["th", "st", "nd", "rd"][number % 10]) ?? "th"}`
}

/** A number and its noun, such as "1 worker" and "2 workers". @internal */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`
}

function nameOf({ slot, worker }: Pick<Process, "slot" | "worker">): string {
  return named({ slot, incarnation: worker.incarnation })
}

function named(worker: WorkerRef): string {
  return `${slotName(worker.slot)} (#${worker.incarnation})`
}

/** What the process of a slot is called. A spare has no number. @internal */
export function slotName(slot: number): string {
  return slot === 0 ? "spare" : `worker ${slot}`
}
