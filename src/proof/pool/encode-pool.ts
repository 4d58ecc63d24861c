/**
 * Which situations of a pool are the same: its core state in canonical form, and of its history what the rules may still
 * ask for. Times count from now and stop counting where nothing compares them any more.
 *
 * The core's part says the same as `canonicalize`, without making the canonical state, which would take most of a
 * search's time; test/proof/pool/encode-pool.test.ts holds them together.
 */
import { backoffMs } from "../../core/backoff.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { DiedTogether } from "../../core/command.ts"
import { isWorthTelling } from "../../core/incident.ts"
import type { Incident, Slot, State, Worker } from "../../core/state.ts"
import { countingRespawns, type History, processOf } from "../rules/history.ts"
import type { ProcessRecord } from "../rules/process-record.ts"
import { type SlotRecord, slotOf } from "../rules/wanted-slots.ts"
import { commonOf } from "../rules/correlated-failures.ts"
import type { PoolWorld } from "./pool-world.ts"
import type { Words } from "../model/encoder.ts"

const phases = ["starting", "running", "stopping", "done"]
const workerPhases = ["booting", "starting", "ready"]
const causes = ["stop", "give-up", "scale-down", "reload", "recycle", "direct-signal"]
const exclusives = ["no", "asked", "granted"]
const wears = ["age", "memory", "request"]
const roles = ["worker", "newcomer", "retired"]
const exits = ["respawn", "refill", "leave", "failed", "replaced", "policy", "nothing"]

export interface WordsOptions {
  readonly plan: Plan
  /** How late things may be, in ms. */
  readonly lateMs: number
  /** Whether slots that have changed places are the same: true only where nothing ever chooses by number or age. */
  readonly isSymmetric: boolean
}

/** Writes the worlds of one plan. */
export function wordsOf({
  plan,
  lateMs,
  isSymmetric,
}: WordsOptions): (world: PoolWorld, words: Words) => void {
  const mostAttempts = attemptsUntilCap(plan)
  const oldestMs = Math.max(
    plan.stablePeriodMs,
    plan.minReadyMs,
    plan.recycleHoldMs,
    plan.requestHoldMs,
  )

  function writeCoreSlot(slot: Slot, now: number, rank: Rank, words: Words): void {
    switch (slot.state) {
      case "finished":
        return words.write(1)
      case "waiting":
        words.write(2)
        words.write(slot.attempt)
        words.write(until(plan, slot.forkAt, now))
        return words.writeFlag(slot.charged)
      case "occupied": {
        const { worker, heldUntil, onExit } = slot
        const { phase, killed, lifeBy, readyAt } = worker
        const isCharged = onExit === "respawn"
        const isAsked = worker.stop !== null && phase !== "booting"
        const isPlain = phase === "ready" && (isAsked || killed)
        words.write(3)
        const isFree = !isCharged && (phase !== "booting" || onExit === "replaced")
        words.write(isFree ? 0 : slot.attempt)
        words.write(exits.indexOf(onExit))
        words.writeOrNull(heldUntil === null || heldUntil <= now ? null : heldUntil - now)
        words.write(rank(worker.incarnation))
        words.write(workerPhases.indexOf(isPlain ? "starting" : phase))
        words.writeOrNull(lifeBy === null ? null : until(plan, lifeBy, now))
        const isAging = (isCharged || onExit === "failed") && readyAt !== null
        words.writeOrNull(isAging ? Math.max(readyAt - now, -oldestMs) : null)
        words.writeFlag(killed)
        writeRecycling(worker, now, words)
        words.write(exclusives.indexOf(worker.exclusive))
        return writeStop(worker, now, words)
      }
    }
  }

  function writeRecycling(
    { recycling, hasFitted, stop, killed }: Worker,
    now: number,
    words: Words,
  ): void {
    if (stop !== null || killed) return words.write(-2)
    words.writeFlag(hasFitted)
    if (recycling === null) return words.write(-1)
    words.write(wears.indexOf(recycling.cause))
    words.write(until(plan, recycling.at, now))
  }

  function writeStop({ stop, killed, phase }: Worker, now: number, words: Words): void {
    if (stop === null || killed) return words.write(-1)
    words.write(until(plan, stop.killAt, now))
    if (phase !== "booting") return
    words.write(causes.indexOf(stop.cause))
    writeText(stop.signal, words)
  }

  function writeProcess(
    process: ProcessRecord,
    { history, now }: PoolWorld,
    rank: Rank,
    words: Words,
  ): void {
    const since = (at: number | null, span: number): void =>
      words.writeOrNull(at === null ? null : Math.max(at - now, -span - lateMs - 1))
    const { killedAt, dueToStopAt } = process
    const isKilled = killedAt !== null
    const isDue = dueToStopAt !== null
    const slot = slotOf(history.slots, process)
    const isCharged = slot?.onExit === "policy"
    words.write(roles.indexOf(process.role))
    words.write(rank(process.incarnation))
    words.writeFlag(process.helloAt !== null)
    words.writeFlag(!isDue && process.toldToRunAt !== null)
    words.writeFlag(process.askedAt !== null)
    // How long its report is waited for counts from the stop at the earliest.
    if (killedAt !== null && history.phase !== "stopping") words.write(0)
    else
      since(
        killedAt === null ? null : Math.max(killedAt, history.stoppedAt ?? killedAt),
        plan.killReportMs,
      )
    // Once it is killed, only that it ends matters, and when a signal has reached it.
    const mayBeLate = !isKilled && !isDue
    since(mayBeLate ? (process.lifeBy?.fromAt ?? null) : null, plan.stallMs)
    since(mayBeLate ? (process.lifeBy?.untilAt ?? null) : null, plan.stallMs)
    const { recycling } = process
    since(mayBeLate ? (recycling?.fromAt ?? null) : null, plan.stallMs)
    since(mayBeLate ? (recycling?.untilAt ?? null) : null, plan.stallMs)
    words.writeFlag(mayBeLate && process.hasFitted)
    words.write(exclusives.indexOf(process.exclusive))
    words.write(mayBeLate && recycling !== null ? wears.indexOf(recycling.cause) : -1)
    since(isCharged || (!isDue && !isKilled) ? process.readyAt : null, oldestMs)
    since(dueToStopAt, isKilled ? -lateMs - 1 : plan.timeoutMs)
    // What it is to be told matters until it was.
    const { stopsFor, askedAt } = process
    if (stopsFor !== null && askedAt === null && !isKilled) {
      words.write(causes.indexOf(stopsFor.cause))
      writeText(stopsFor.signal, words)
    }
    const { signalledAt } = process
    const isEchoing =
      history.phase === "running" && signalledAt !== null && signalledAt + plan.signalEchoMs > now
    words.writeOrNull(isEchoing ? signalledAt - now : null)
  }

  function writeSlotRecord(
    slot: SlotRecord | undefined,
    { history, now }: PoolWorld,
    words: Words,
  ): void {
    if (slot === undefined) return words.write(0)
    switch (slot.state) {
      case "finished":
        return words.write(1)
      case "waiting":
        words.write(2)
        words.write(Math.min(slot.attempt, mostAttempts))
        words.writeFlag(slot.isCharged)
        words.write(Math.max(slot.window.fromAt - now, -lateMs - 1))
        return words.write(Math.max(slot.window.untilAt - now, -lateMs - 1))
      case "occupied": {
        const isBooting = processOf(history, slot.incarnation)?.helloAt === null
        const isCharged = slot.onExit === "policy" || isBooting
        words.write(3)
        words.write(isCharged ? Math.min(slot.attempt, mostAttempts) : 0)
        return words.write(exits.indexOf(slot.onExit))
      }
    }
  }

  return (world, words) => {
    const { state, history, now } = world
    if (state.phase === "done" && history.phase === "done") return writeRest(history, words)
    // Once it stops, nothing chooses any more.
    const isOrderless = isSymmetric || (state.phase === "stopping" && history.phase === "stopping")
    writePool(plan, state, now, words)
    writePast(plan, history, now, lateMs, words)
    const rank = isOrderless ? () => 0 : ranksOf(state, history)
    writeReload(plan, world, rank, words)
    const incidents = incidentsOf(plan, world)
    for (const incident of incidents) writeIncident(plan, incident, now, words)
    const starts: number[] = []
    const most = Math.max(
      state.slots.at(-1)?.id ?? 0,
      history.slots.at(-1)?.id ?? 0,
      ...history.living.map(({ slot }) => slot),
      ...incidents.flatMap((incident) => incident?.slots ?? []),
    )
    for (let id = 1; id <= most; id += 1) {
      const slots = state.slots.filter((candidate) => candidate.id === id)
      const record = history.slots.find((candidate) => candidate.id === id)
      const processes = history.living.filter((process) => process.slot === id)
      if (isOrderless) {
        // Nor does it matter how many are free.
        const isFree = slots.length === 0 && record === undefined && processes.length === 0
        if (isFree && !incidents.some((incident) => incident?.slots.includes(id))) continue
        starts.push(words.length)
      }
      words.write(slots.length)
      for (const incident of incidents) words.writeFlag(incident?.slots.includes(id) === true)
      for (const slot of slots) writeCoreSlot(slot, now, rank, words)
      writeSlotRecord(record, world, words)
      for (const process of processes) writeProcess(process, world, rank, words)
      words.write(-7)
    }
    if (isOrderless) words.sortBlocks(starts)
  }
}

function writeReload(
  plan: Plan,
  { state: { reload, provenAt }, history, now }: PoolWorld,
  rank: Rank,
  words: Words,
): void {
  words.writeOrNull(provenAt === null ? null : until(plan, provenAt, now))
  if (reload === null) words.write(-1)
  else {
    words.write(rank(reload.before))
    words.writeFlag(reload.again)
  }
  if (history.reload === null) return words.write(-1)
  words.write(rank(history.reload.before))
  words.writeFlag(history.reload.again)
}

type Failures = Pick<DiedTogether, Exclude<keyof DiedTogether, "rule">> & Pick<Incident, "tellAt">

/** The failures that are not told of yet, to the core and to the history; null where they are forgotten by now. */
function incidentsOf(
  { incidentMs }: Plan,
  { state, history, now }: PoolWorld,
): readonly (Failures | null)[] {
  if (incidentMs === false) return []
  const { incident } = history
  const known = incident && { ...commonOf(incident), tellAt: incident.tellAt }
  const isForgotten = (one: Failures | null): boolean =>
    one === null || (one.tellAt <= now && !isWorthTelling(one))
  const told = state.incident && {
    ...state.incident,
    withinMs: state.incident.latestAt - state.incident.firstAt,
  }
  return [told, known].map((one) => (isForgotten(one) ? null : one))
}

/** All that will be told of it; its slots stand with them. */
function writeIncident(plan: Plan, incident: Failures | null, now: number, words: Words): void {
  if (incident === null) return words.write(-1)
  words.write(until(plan, incident.tellAt, now) + plan.stallMs)
  words.write(incident.of)
  words.write(incident.withinMs)
  words.writeOrNull(incident.code)
  writeText(incident.signal ?? "", words)
  words.writeFlag(incident.killed)
  writeText(JSON.stringify(incident.uptime), words)
}

/** Of a pool that is done nothing is left but processes that may still be reported on. */
function writeRest({ living, latestIncarnation }: History, words: Words): void {
  words.write(0)
  words.writeFlag(latestIncarnation > 0)
  let silent = 0
  for (const { helloAt } of living) if (helloAt === null) silent += 1
  words.write(silent)
  words.write(living.length - silent)
}

type Rank = (incarnation: number) => number

/** Incarnations in their old order, numbered anew. */
function ranksOf(state: State, { living }: History): Rank {
  const known = living.map(({ incarnation }) => incarnation)
  for (const slot of state.slots) {
    if (slot.state === "occupied" && !known.includes(slot.worker.incarnation)) {
      known.push(slot.worker.incarnation)
    }
  }
  return (incarnation) => {
    let rank = 1
    for (const other of known) if (other < incarnation) rank += 1
    return rank
  }
}

function writePool(plan: Plan, state: State, now: number, words: Words): void {
  words.write(phases.indexOf(state.phase))
  words.write(state.phase === "stopping" ? 1 : state.target)
  words.writeFlag(state.finishedBadly)
  if (state.stop === null) words.write(-1)
  else {
    words.write(causes.indexOf(state.stop.cause))
    words.write(state.stop.failed)
    words.write(until(plan, state.stop.finishAt, now))
  }
  if (plan.respawnLimit === Infinity) return
  for (const at of state.respawnedAt) {
    if (now - at < plan.respawnIntervalMs) words.write(at - now)
  }
  words.write(1)
}

function writePast(plan: Plan, history: History, now: number, lateMs: number, words: Words): void {
  const since = (at: number | null, span: number): void =>
    words.writeOrNull(at === null ? null : Math.max(at - now, -span - lateMs - 1))
  words.write(phases.indexOf(history.phase))
  words.write(history.phase === "stopping" ? 1 : history.target)
  const { stoppedAt, latestKillAt } = history
  since(stoppedAt, plan.timeoutMs + plan.killReportMs)
  // Only a kill that came late moves the end of a stop.
  const isLate = stoppedAt !== null && (latestKillAt ?? stoppedAt) > stoppedAt + plan.timeoutMs
  since(isLate ? latestKillAt : null, plan.killReportMs)
  words.writeFlag(history.gaveUp)
  words.writeFlag(history.failedSinceStop > 0)
  words.writeFlag(history.finishedBadly)
  words.writeFlag(history.startFailedAt !== null)
  if (plan.respawnLimit === Infinity) return
  for (const at of countingRespawns(history, now)) words.write(at - now)
  words.write(1)
}

/** How far away a deadline is. How long ago it was due matters only until that looks like a stall. */
function until(plan: Plan, deadline: number, now: number): number {
  return Math.max(deadline - now, -plan.stallMs)
}

/** From which attempt on every wait is as long as the longest. */
function attemptsUntilCap({ backoff }: Plan): number {
  if (backoff === false) return 0
  return 1 + Math.ceil(Math.log2(backoff.maxMs / backoff.minMs))
}

/** Whether every slot waits equally long: jitter makes slots different. */
export function waitsAlike(plan: Plan, mostWorkers: number): boolean {
  for (let attempt = 1; attempt <= attemptsUntilCap(plan); attempt += 1) {
    for (let slot = 2; slot <= mostWorkers; slot += 1) {
      if (backoffMs(plan, slot, attempt) !== backoffMs(plan, 1, attempt)) return false
    }
  }
  return true
}

function writeText(text: string, words: Words): void {
  let hash = 0
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  }
  words.write(hash)
}
