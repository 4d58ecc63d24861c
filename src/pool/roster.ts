/**
 * What people want to know about the workers and the core has no use for: process ids, counts, moments and errors.
 */
import type { Command, Reason } from "../core/command.ts"
import type { Event, WorkerRef } from "../core/event.ts"
import { firstLine, oneLine } from "../core/log-line.ts"
import type { Plan } from "../core/plan/plan.ts"
import { isLeaving, type Place, placesOf, type State, type Worker } from "../core/state.ts"
import { processName } from "../platform/process-name.ts"
import type { WorkerFailure } from "../worker/message.ts"
import { exitText, killCauseText } from "./causes.ts"
import type { SpareStatus, WorkerInfo } from "./handle.ts"

/** One process. It is forgotten some time after its exit. */
export interface ProcessRecord {
  readonly worker: WorkerRef
  /** Undefined if the fork failed. */
  readonly pid: number | undefined
  /** Whether it waited as a spare before it got its slot. */
  readonly wasSpare: boolean
  /** Whether its script has called `kamisama()`. */
  readonly saidHello: boolean
  /** When it became ready, by the clock of the events. Null until then. */
  readonly readyAt: number | null
  /** Whether it was asked to stop, or killed. */
  readonly wasEnded: boolean
  /** Why it was killed. Null if it was not. */
  readonly killedBy: Reason | null
  /** Whether its exit was reported, or its fork failed. */
  readonly isGone: boolean
  /** Whether nothing follows its exit, by the respawn policy. */
  readonly isFinal: boolean
  /** The stop signal that reached it alone. */
  readonly signal: string | null
  /** What its code threw. */
  readonly error: string | undefined
  /** The process that it restarts or replaces. */
  readonly previous: ProcessRecord | undefined
  /** What it is doing, or its slot after its exit. */
  readonly state: WorkerInfo["state"] | SpareInfo["state"]
  /** Since when, in ms since the epoch. */
  readonly since: number
}

type Changing<Record> = { -readonly [Field in keyof Record]: Record[Field] }

/** What is known of a slot, whichever process is in it. */
interface SlotRecord {
  /** Of the latest fork. */
  readonly incarnation: number
  readonly respawns: number
  readonly isFinished: boolean
  /** The process that exited last. */
  readonly gone: ProcessRecord | undefined
}

/** A reload, and how many workers run which code. */
interface ReloadProgress {
  readonly tookMs: number
  readonly ofNewCode: number
  readonly ofOldCode: number
}

/** A spare, with its process id if there is a process. */
export type SpareInfo = Pick<SpareStatus, "state" | "incarnation" | "since"> &
  Pick<WorkerInfo, "pid">

export class Roster {
  readonly #plan: Plan
  readonly #pidOf: (incarnation: number) => number | undefined
  /** By incarnation. */
  readonly #records = new Map<number, Changing<ProcessRecord>>()
  /** By number. */
  readonly #slots = new Map<number, SlotRecord>()
  /** The workers that failed since the pool began to stop, by how they did. */
  readonly #failedAtStop = new Map<string, number[]>()
  #reload = { startedAt: 0, firstNew: 0 }
  /** The one that ended last. Another one may have begun in the same step: its workers, from `before` on, are none of this. */
  #endedReload = { startedAt: 0, firstNew: 0, before: Infinity }
  #latest = 0
  #failed = 0
  #lastError: string | undefined
  #hasGivenUp = false

  /** @param pidOf the process id of a living worker. */
  constructor(plan: Plan, pidOf: (incarnation: number) => number | undefined) {
    this.#plan = plan
    this.#pidOf = pidOf
  }

  /** What went wrong last: an error of the user's code or of the operating system, or an exit, in one line. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** Whether the pool gave up. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp
  }

  /** How many workers live, as far as is known. */
  get alive(): number {
    return [...this.#records.values()].filter(({ isGone, worker }) => !isGone && worker.slot > 0)
      .length
  }

  /** What is known of a process. Undefined once it is forgotten. */
  of({ incarnation }: WorkerRef): ProcessRecord | undefined {
    return this.#records.get(incarnation)
  }

  /** Takes in a step, after its commands were carried out. */
  stepped(event: Event, commands: readonly Command[], state: State, epochNow: number): void {
    this.#happened(event, failuresIn(commands) ?? state.stop?.failed ?? 0)
    for (const command of commands) this.#commanded(command, event.at, epochNow)
    const places = placesOf(state)
    if (event.type === "worker-exited") this.#noteFinal(event.worker, places, commands)
    for (const place of places) {
      this.#noteState(this.#incarnationOf(place), stateOf(place), epochNow)
    }
    for (const { worker } of state.spares) {
      this.#noteState(worker.incarnation, stateOfSpare(worker), epochNow)
    }
  }

  #noteState(incarnation: number, state: ProcessRecord["state"], epochNow: number): void {
    const record = this.#records.get(incarnation)
    if (record === undefined || record.state === state) return
    record.state = state
    record.since = epochNow
  }

  /** Takes in that the code of a worker threw. */
  workerFailed({ worker, error }: WorkerFailure): void {
    this.#lastError = firstLine(error)
    const record = this.#records.get(worker.incarnation)
    if (record !== undefined) record.error = error
  }

  /** Forgets the processes and slots that are gone. */
  prune(state: State): void {
    const places = placesOf(state)
    const ofSlots = places.map((place) => this.#incarnationOf(place))
    const incarnations = [...ofSlots, ...state.spares.map(({ worker }) => worker.incarnation)]
    const slots = places.map(({ slot }) => slot)
    keepOnly(this.#records, incarnations)
    keepOnly(this.#slots, slots)
  }

  /** How long the reload took that has just ended, and which code the workers ran then. @param failed does not count. */
  reload(now: number, failed?: WorkerRef): ReloadProgress {
    const { startedAt, firstNew, before } = this.#endedReload
    const serving = [...this.#records.values()].filter(
      ({ worker: { slot, incarnation }, isGone, wasEnded }) =>
        slot > 0 &&
        !isGone &&
        !wasEnded &&
        incarnation < before &&
        incarnation !== failed?.incarnation,
    )
    const ofNewCode = serving.filter(({ worker }) => worker.incarnation >= firstNew).length
    return { tookMs: now - startedAt, ofNewCode, ofOldCode: serving.length - ofNewCode }
  }

  /** Which workers failed while the pool stopped, and how. */
  failuresAtStop(): string {
    return [...this.#failedAtStop].map(([how, slots]) => `${listed(slots)} ${how}`).join("; ")
  }

  /** The slots as they are now, by number. */
  list(state: State): readonly WorkerInfo[] {
    return placesOf(state).map((place) => {
      const { slot: id, worker } = place
      const incarnation = this.#incarnationOf(place)
      const record = this.#records.get(incarnation)
      const { respawns = 0 } = this.#slots.get(id) ?? {}
      const pid = worker === null ? undefined : record?.pid
      return { id, pid, state: stateOf(place), incarnation, respawns, since: record?.since ?? 0 }
    })
  }

  /** The spares, the oldest first. */
  spares({ spares }: State): readonly SpareInfo[] {
    return spares.map(({ worker }) => {
      const { incarnation } = worker
      const { pid, since = 0 } = this.#records.get(incarnation) ?? {}
      return { pid, state: stateOfSpare(worker), incarnation, since }
    })
  }

  /** @param failed how many workers have failed since the pool began to stop. */
  #happened(event: Event, failed: number): void {
    switch (event.type) {
      case "worker-said-hello": {
        const record = this.#records.get(event.worker.incarnation)
        if (record !== undefined) record.saidHello = true
        return
      }
      case "worker-became-ready": {
        const record = this.#records.get(event.worker.incarnation)
        if (record !== undefined) record.readyAt = event.at
        return
      }
      case "worker-exited": {
        const record = this.#records.get(event.worker.incarnation)
        const { slot } = event.worker
        const { code, signal } = event
        const { killedBy = null, saidHello = false } = record ?? {}
        const exit = exitText(code, signal, killedBy !== null)
        const wasBooting = killedBy?.rule === "stop-while-booting"
        const isExpected = wasBooting || (record?.wasEnded === true && code === 0)
        if (record?.error === undefined && !isExpected) {
          const cause = killedBy === null ? exit : killCauseText(killedBy, saidHello, this.#plan)
          this.#lastError = `${processName(slot, undefined)} ${cause}`
        }
        const how = killedBy === null ? exit : "had to be killed"
        this.#gone(event.worker)
        if (failed > this.#failed) {
          this.#failedAtStop.set(how, [...(this.#failedAtStop.get(how) ?? []), slot])
        }
        this.#failed = failed
        return
      }
      case "fork-failed":
        this.#lastError = oneLine(event.error)
        return this.#gone(event.worker)
      default:
    }
  }

  /** Notes whether the exit of a process has finished its slot. The last one of all finishes the pool with it. */
  #noteFinal(
    { slot, incarnation }: WorkerRef,
    places: readonly Place[],
    commands: readonly Command[],
  ): void {
    const record = this.#records.get(incarnation)
    const known = this.#slots.get(slot)
    if (record === undefined || known === undefined || known.isFinished) return
    const isFinished =
      places.some((place) => place.slot === slot && place.state === "finished") ||
      commands.some(({ reason }) => reason.rule === "all-finished")
    record.isFinal = isFinished
    this.#slots.set(slot, { ...known, isFinished })
  }

  #gone({ slot, incarnation }: WorkerRef): void {
    const record = this.#records.get(incarnation)
    const past = this.#slots.get(slot)
    if (record === undefined) return
    record.isGone = true
    if (past === undefined || slot === 0) return
    this.#slots.set(slot, { ...past, gone: { ...record, previous: undefined } })
  }

  #commanded(command: Command, now: number, epochNow: number): void {
    switch (command.type) {
      case "fork-worker":
        return this.#forked(command.worker, command.reason.rule === "respawn", epochNow)
      case "run-worker": {
        const isSpare = this.#records.get(command.worker.incarnation)?.worker.slot === 0
        if (isSpare) this.#forked(command.worker, command.reason.rule === "respawn", epochNow)
        return
      }
      case "stop-worker": {
        const record = this.#records.get(command.worker.incarnation)
        if (record === undefined) return
        record.wasEnded = true
        if (command.cause === "direct-signal") record.signal = command.signal
        return
      }
      case "kill-worker": {
        const record = this.#records.get(command.worker.incarnation)
        if (record === undefined) return
        const { reason } = command
        record.wasEnded = true
        record.killedBy = reason
        if (reason.rule === "stop-while-booting" && reason.cause === "direct-signal") {
          record.signal = reason.signal
        }
        return
      }
      case "announce-give-up":
        this.#hasGivenUp = true
        return
      case "announce-reload":
        if (command.phase !== "started") {
          this.#endedReload = { ...this.#reload, before: Infinity }
          return
        }
        this.#reload = { startedAt: now, firstNew: this.#latest + 1 }
        this.#endedReload.before = this.#latest + 1
        return
      default:
    }
  }

  /** A process was forked, or a spare fills a slot. */
  #forked(worker: WorkerRef, isRespawn: boolean, epochNow: number): void {
    const { slot, incarnation } = worker
    const wasSpare = this.#records.has(incarnation)
    const { respawns = 0, gone } = this.#slots.get(slot) ?? {}
    const alive = [...this.#records.values()].find(
      (record) => record.worker.slot === slot && !record.isGone && !record.wasEnded,
    )
    const previous = isRespawn ? gone : alive && { ...alive, previous: undefined }
    this.#latest = Math.max(this.#latest, incarnation)
    const total = respawns + (isRespawn ? 1 : 0)
    this.#slots.set(slot, { incarnation, respawns: total, isFinished: false, gone })
    this.#records.set(incarnation, {
      worker,
      pid: this.#pidOf(incarnation),
      wasSpare,
      saidHello: wasSpare,
      readyAt: null,
      wasEnded: false,
      killedBy: null,
      isGone: false,
      isFinal: false,
      signal: null,
      error: undefined,
      previous,
      state: "booting",
      since: epochNow,
    })
  }

  #incarnationOf({ slot, worker }: Place): number {
    return worker?.incarnation ?? this.#slots.get(slot)?.incarnation ?? 0
  }
}

function keepOnly(map: Map<number, unknown>, keys: readonly number[]): void {
  if (map.size <= keys.length) return
  const kept = new Set(keys)
  for (const key of map.keys()) if (!kept.has(key)) map.delete(key)
}

function stateOf({ state, worker }: Place): WorkerInfo["state"] {
  if (worker === null) return state === "finished" ? state : "waiting"
  if (isLeaving(worker)) return "stopping"
  return worker.phase === "loaded" ? "starting" : worker.phase
}

function stateOfSpare(worker: Worker): SpareInfo["state"] {
  if (isLeaving(worker)) return "stopping"
  return worker.phase === "booting" ? "booting" : "loaded"
}

/** How many workers failed while the pool stopped, if that is over. */
function failuresIn(commands: readonly Command[]): number | undefined {
  const reason = commands.find(({ type }) => type === "finish")?.reason
  return reason?.rule === "all-stopped" ? reason.failed : undefined
}

/** The workers by name, or how many there are if they are more than three. */
function listed(slots: readonly number[]): string {
  const [first = 0] = slots
  if (slots.length === 1) return processName(first, undefined)
  if (slots.includes(0)) return `${slots.length} processes`
  if (slots.length > 3) return `${slots.length} workers`
  return `workers ${slots.slice(0, -1).join(", ")} and ${slots.at(-1)}`
}
