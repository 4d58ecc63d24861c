/**
 * Which situations of a pool are the same: its core state in canonical form, and of its history what the rules may still
 * ask for. Times count from now and stop counting where nothing compares them any more.
 *
 * The core's part says the same as `canonicalize`, without making the canonical state, which would take most of a
 * search's time; test/proof/pool/encode-pool.test.ts holds them together.
 */
import { backoffMs } from "../../core/backoff.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { CorrelatedFailures } from "../../core/command.ts"
import { isReportable } from "../../core/incident.ts"
import { type Incident, processesOf, type Slot, type State, type Worker } from "../../core/state.ts"
import { countingRespawns, type History, processOf } from "../rules/history.ts"
import type { ProcessRecord } from "../rules/process-record.ts"
import { type SlotRecord, slotOf } from "../rules/wanted-slots.ts"
import { commonOf } from "../rules/correlated-failures.ts"
import type { PoolWorld } from "./pool-world.ts"
import type { Encoder } from "../model/encoder.ts"

const phases = ["starting", "running", "stopping", "done"]
const workerPhases = ["booting", "starting", "ready"]
const causes = ["stop", "give-up", "scale-down", "reload", "recycle", "direct-signal"]
const leaders = ["no", "asked", "granted"]
const wears = ["age", "memory", "request"]
const roles = ["current", "replacement", "retired"]
const desires = ["respawn", "restore", "remove"]

export interface EncoderOptions {
  readonly plan: Plan
  /** How late things may be, in ms. */
  readonly latenessMs: number
  /** Whether slots that have changed places are the same: true only where nothing ever chooses by number or age. */
  readonly isSymmetric: boolean
}

/** Writes the worlds of one plan. */
export function encoderOf({
  plan,
  latenessMs,
  isSymmetric,
}: EncoderOptions): (world: PoolWorld, encoder: Encoder) => void {
  const mostAttempts = attemptsUntilCap(plan)
  const oldestMs = Math.max(
    plan.stablePeriodMs,
    plan.minReadyMs,
    plan.recycleHoldMs,
    plan.requestHoldMs,
  )

  function writeCoreSlot(slot: Slot, now: number, rank: Rank, encoder: Encoder): void {
    switch (slot.state) {
      case "finished":
        return encoder.write(1)
      case "waiting":
        encoder.write(2)
        encoder.write(slot.attempt)
        encoder.write(until(plan, slot.forkAt, now))
        return encoder.writeFlag(slot.counted)
      case "occupied": {
        const { worker, forkNotBefore, desired, attempt } = slot
        const isCounted = desired === "respawn"
        encoder.write(3)
        // Only a respawn asks how often the slot failed before, and so does a fork that turns out to have failed.
        encoder.write(isCounted || worker.phase === "booting" ? attempt : 0)
        encoder.write(desires.indexOf(desired))
        encoder.writeOrNull(
          forkNotBefore === null || forkNotBefore <= now ? null : forkNotBefore - now,
        )
        return writeWorker(worker, isCounted, now, rank, encoder)
      }
    }
  }

  /** Every other process that the core knows in that slot. */
  function writeOthers(
    { replacement, retired }: State,
    id: number,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    if (replacement?.slot === id) {
      encoder.write(4)
      writeWorker(replacement.worker, true, now, rank, encoder)
    }
    for (const { slot, worker } of retired) {
      if (slot !== id) continue
      encoder.write(5)
      writeWorker(worker, false, now, rank, encoder)
    }
  }

  /** @param isAging whether anything still asks how long it has been ready. */
  function writeWorker(
    worker: Worker,
    isAging: boolean,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    const { phase, killed, timeoutAt, readyAt, stop } = worker
    const isAsked = stop !== null && phase !== "booting"
    // Once it was asked to stop, or killed, it does not matter whether it had been ready.
    const isPlain = phase === "ready" && (isAsked || killed)
    encoder.write(rank(worker.incarnation))
    encoder.write(workerPhases.indexOf(isPlain ? "starting" : phase))
    encoder.writeOrNull(timeoutAt === null ? null : until(plan, timeoutAt, now))
    encoder.writeOrNull(isAging && readyAt !== null ? Math.max(readyAt - now, -oldestMs) : null)
    encoder.writeFlag(killed)
    writeRecycling(worker, now, encoder)
    encoder.write(leaders.indexOf(worker.leader))
    writeStop(worker, now, encoder)
  }

  function writeRecycling(
    { recycling, hasFitted, stop, killed }: Worker,
    now: number,
    encoder: Encoder,
  ): void {
    if (stop !== null || killed) return encoder.write(-2)
    encoder.writeFlag(hasFitted)
    if (recycling === null) return encoder.write(-1)
    encoder.write(wears.indexOf(recycling.cause))
    encoder.write(until(plan, recycling.at, now))
  }

  function writeStop({ stop, killed, phase }: Worker, now: number, encoder: Encoder): void {
    if (stop === null || killed) return encoder.write(-1)
    encoder.write(until(plan, stop.killAt, now))
    if (phase !== "booting") return
    encoder.write(causes.indexOf(stop.cause))
    writeText(stop.signal, encoder)
  }

  function writeProcess(
    process: ProcessRecord,
    { history, now }: PoolWorld,
    rank: Rank,
    encoder: Encoder,
  ): void {
    const since = (at: number | null, span: number): void =>
      encoder.writeOrNull(at === null ? null : Math.max(at - now, -span - latenessMs - 1))
    const { killedAt, dueToStopAt } = process
    const isKilled = killedAt !== null
    const isDue = dueToStopAt !== null
    const slot = slotOf(history.slots, process)
    const isCounted = slot?.desired === "respawn"
    encoder.write(roles.indexOf(process.role))
    encoder.write(rank(process.incarnation))
    encoder.writeFlag(process.helloAt !== null)
    encoder.writeFlag(!isDue && process.toldToRunAt !== null)
    encoder.writeFlag(process.askedAt !== null)
    // How long its report is waited for counts from the stop at the earliest.
    if (killedAt !== null && history.phase !== "stopping") encoder.write(0)
    else
      since(
        killedAt === null ? null : Math.max(killedAt, history.stoppedAt ?? killedAt),
        plan.killReportMs,
      )
    // Once it is killed, only that it ends matters, and when a signal has reached it.
    const mayBeLate = !isKilled && !isDue
    since(mayBeLate ? (process.timeout?.fromAt ?? null) : null, plan.stallMs)
    since(mayBeLate ? (process.timeout?.untilAt ?? null) : null, plan.stallMs)
    const { recycling } = process
    since(mayBeLate ? (recycling?.fromAt ?? null) : null, plan.stallMs)
    since(mayBeLate ? (recycling?.untilAt ?? null) : null, plan.stallMs)
    encoder.writeFlag(mayBeLate && process.hasFitted)
    encoder.write(leaders.indexOf(process.leader))
    encoder.write(mayBeLate && recycling !== null ? wears.indexOf(recycling.cause) : -1)
    since(isCounted || (!isDue && !isKilled) ? process.readyAt : null, oldestMs)
    since(dueToStopAt, isKilled ? -latenessMs - 1 : plan.timeoutMs)
    // What it is to be told matters until it was.
    const { stopsFor, askedAt } = process
    if (stopsFor !== null && askedAt === null && !isKilled) {
      encoder.write(causes.indexOf(stopsFor.cause))
      writeText(stopsFor.signal, encoder)
    }
    const { signaledAt } = process
    const isEchoing =
      history.phase === "running" &&
      signaledAt !== null &&
      signaledAt + plan.groupSignalWindowMs > now
    encoder.writeOrNull(isEchoing ? signaledAt - now : null)
  }

  function writeSlotRecord(
    slot: SlotRecord | undefined,
    { history, now }: PoolWorld,
    encoder: Encoder,
  ): void {
    if (slot === undefined) return encoder.write(0)
    switch (slot.state) {
      case "finished":
        return encoder.write(1)
      case "waiting":
        encoder.write(2)
        encoder.write(Math.min(slot.attempt, mostAttempts))
        encoder.writeFlag(slot.isCounted)
        encoder.write(Math.max(slot.window.fromAt - now, -latenessMs - 1))
        return encoder.write(Math.max(slot.window.untilAt - now, -latenessMs - 1))
      case "occupied": {
        const isBooting = processOf(history, slot.incarnation)?.helloAt === null
        const isCounted = slot.desired === "respawn" || isBooting
        encoder.write(3)
        encoder.write(isCounted ? Math.min(slot.attempt, mostAttempts) : 0)
        return encoder.write(desires.indexOf(slot.desired))
      }
    }
  }

  return (world, encoder) => {
    const { state, history, now } = world
    if (state.phase === "done" && history.phase === "done") return writeRest(history, encoder)
    // Once it stops, nothing chooses any more.
    const isOrderless = isSymmetric || (state.phase === "stopping" && history.phase === "stopping")
    writePool(plan, state, now, encoder)
    writePast(plan, history, now, latenessMs, encoder)
    const rank = isOrderless ? () => 0 : ranksOf(state, history)
    writeReload(plan, world, rank, encoder)
    const incidents = incidentsOf(plan, world)
    for (const incident of incidents) writeIncident(plan, incident, now, encoder)
    const starts: number[] = []
    const most = Math.max(
      state.slots.at(-1)?.id ?? 0,
      state.replacement?.slot ?? 0,
      ...state.retired.map(({ slot }) => slot),
      history.slots.at(-1)?.id ?? 0,
      ...history.living.map(({ slot }) => slot),
      ...incidents.flatMap((incident) => incident?.slots ?? []),
    )
    for (let id = 1; id <= most; id += 1) {
      const slot = state.slots.find((candidate) => candidate.id === id)
      const isKnown =
        slot !== undefined ||
        state.replacement?.slot === id ||
        state.retired.some((other) => other.slot === id)
      const record = history.slots.find((candidate) => candidate.id === id)
      const processes = history.living.filter((process) => process.slot === id)
      if (isOrderless) {
        // Nor does it matter how many are free.
        const isFree = !isKnown && record === undefined && processes.length === 0
        if (isFree && !incidents.some((incident) => incident?.slots.includes(id))) continue
        starts.push(encoder.length)
      }
      encoder.writeFlag(slot !== undefined)
      for (const incident of incidents) encoder.writeFlag(incident?.slots.includes(id) === true)
      if (slot !== undefined) writeCoreSlot(slot, now, rank, encoder)
      writeOthers(state, id, now, rank, encoder)
      writeSlotRecord(record, world, encoder)
      for (const process of processes) writeProcess(process, world, rank, encoder)
      encoder.write(-7)
    }
    if (isOrderless) encoder.sortBlocks(starts)
  }
}

function writeReload(
  plan: Plan,
  { state: { reload, replacement }, history, now }: PoolWorld,
  rank: Rank,
  encoder: Encoder,
): void {
  const acceptAt = replacement?.acceptAt ?? null
  encoder.writeOrNull(acceptAt === null ? null : until(plan, acceptAt, now))
  for (const known of [reload, history.reload]) {
    if (known === null) encoder.write(-1)
    else {
      encoder.write(rank(known.firstNewIncarnation))
      encoder.writeFlag(known.isQueued)
    }
  }
}

type Failures = Pick<CorrelatedFailures, Exclude<keyof CorrelatedFailures, "rule">> &
  Pick<Incident, "reportAt">

/** The failures that are not told of yet, to the core and to the history; null where they are forgotten by now. */
function incidentsOf(
  { incidentMs }: Plan,
  { state, history, now }: PoolWorld,
): readonly (Failures | null)[] {
  if (incidentMs === false) return []
  const { incident } = history
  const known = incident && { ...commonOf(incident), reportAt: incident.reportAt }
  const isForgotten = (one: Failures | null): boolean =>
    one === null || (one.reportAt <= now && !isReportable(one))
  const told = state.incident && {
    ...state.incident,
    withinMs: state.incident.latestAt - state.incident.firstAt,
  }
  return [told, known].map((one) => (isForgotten(one) ? null : one))
}

/** All that will be told of it; its slots stand with them. */
function writeIncident(plan: Plan, incident: Failures | null, now: number, encoder: Encoder): void {
  if (incident === null) return encoder.write(-1)
  encoder.write(until(plan, incident.reportAt, now) + plan.stallMs)
  encoder.write(incident.of)
  encoder.write(incident.withinMs)
  encoder.writeOrNull(incident.code)
  writeText(incident.signal ?? "", encoder)
  encoder.writeFlag(incident.killed)
  writeText(JSON.stringify(incident.uptime), encoder)
}

/** Of a pool that is done nothing is left but processes that may still be reported on. */
function writeRest({ living, latestIncarnation }: History, encoder: Encoder): void {
  encoder.write(0)
  encoder.writeFlag(latestIncarnation > 0)
  let silent = 0
  for (const { helloAt } of living) if (helloAt === null) silent += 1
  encoder.write(silent)
  encoder.write(living.length - silent)
}

type Rank = (incarnation: number) => number

/** Incarnations in their old order, numbered anew. */
function ranksOf(state: State, { living }: History): Rank {
  const known = living.map(({ incarnation }) => incarnation)
  for (const { worker } of processesOf(state)) {
    if (!known.includes(worker.incarnation)) known.push(worker.incarnation)
  }
  return (incarnation) => {
    let rank = 1
    for (const other of known) if (other < incarnation) rank += 1
    return rank
  }
}

function writePool(plan: Plan, state: State, now: number, encoder: Encoder): void {
  encoder.write(phases.indexOf(state.phase))
  encoder.write(state.phase === "stopping" ? 1 : state.target)
  encoder.writeFlag(state.hasFailedFinal)
  if (state.stop === null) encoder.write(-1)
  else {
    encoder.write(causes.indexOf(state.stop.cause))
    encoder.write(state.stop.failed)
    encoder.write(until(plan, state.stop.finishAt, now))
  }
  if (plan.respawnLimit === Infinity) return
  for (const at of state.respawnedAt) {
    if (now - at < plan.respawnIntervalMs) encoder.write(at - now)
  }
  encoder.write(1)
}

function writePast(
  plan: Plan,
  history: History,
  now: number,
  latenessMs: number,
  encoder: Encoder,
): void {
  const since = (at: number | null, span: number): void =>
    encoder.writeOrNull(at === null ? null : Math.max(at - now, -span - latenessMs - 1))
  encoder.write(phases.indexOf(history.phase))
  encoder.write(history.phase === "stopping" ? 1 : history.target)
  const { stoppedAt, latestKillAt } = history
  since(stoppedAt, plan.timeoutMs + plan.killReportMs)
  // Only a kill that came late moves the end of a stop.
  const isLate = stoppedAt !== null && (latestKillAt ?? stoppedAt) > stoppedAt + plan.timeoutMs
  since(isLate ? latestKillAt : null, plan.killReportMs)
  encoder.writeFlag(history.gaveUp)
  encoder.writeFlag(history.failedSinceStop > 0)
  encoder.writeFlag(history.hasFailedFinal)
  encoder.writeFlag(history.startFailedAt !== null)
  if (plan.respawnLimit === Infinity) return
  for (const at of countingRespawns(history, now)) encoder.write(at - now)
  encoder.write(1)
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

function writeText(text: string, encoder: Encoder): void {
  let hash = 0
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  }
  encoder.write(hash)
}
