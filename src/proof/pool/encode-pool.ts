/**
 * A pool's world as integers: worlds that write the same count as one situation in a search.
 */
import type { CorrelatedFailures } from "../../core/command.ts"
import { isReportable } from "../../core/incident.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { Incident } from "../../core/state.ts"
import type { Encoder } from "../model/encoder.ts"
import { commonOf } from "../rules/correlated-failures.ts"
import type { History } from "../rules/history.ts"
import { historyEncoder } from "./encode-history.ts"
import { stateEncoder } from "./encode-state.ts"
import { Ranks } from "./ranks.ts"
import { type Rank, until, writeText } from "./encode-values.ts"
import type { PoolWorld } from "./pool-world.ts"

/** What the worlds of a plan depend on besides. */
export interface EncoderOptions {
  readonly plan: Plan
  /** How late things may be, in ms. */
  readonly latenessMs: number
  /** Whether slots that have changed places are the same: true only if nothing ever chooses by number or age. */
  readonly isSymmetric: boolean
}

/** Writes the worlds of one plan. */
export function encoderOf({
  plan,
  latenessMs,
  isSymmetric,
}: EncoderOptions): (world: PoolWorld, encoder: Encoder) => void {
  const states = stateEncoder(plan)
  const histories = historyEncoder(plan, latenessMs)
  const ranks = new Ranks()

  return (world, encoder) => {
    const { state, history, now } = world
    if (state.phase === "done" && history.phase === "done") return writeRest(history, encoder)
    // Once it stops, nothing chooses.
    const isOrderless = isSymmetric || (state.phase === "stopping" && history.phase === "stopping")
    states.writePool(state, now, encoder)
    histories.writePast(history, now, encoder)
    if (!isOrderless) ranks.follow(state, history)
    const rank = isOrderless ? noRank : ranks.of
    writeReload(world, rank, encoder)
    const incidents = incidentsOf(plan, world)
    for (const incident of incidents) writeIncident(plan, incident, now, encoder)
    const failedStarts =
      plan.startFailure === "exit" ? [state.failedStarts, history.failedStarts] : nothing
    for (const failed of failedStarts) encoder.writeFlag(failed === null)
    if (plan.spares > 0) {
      states.writeSpares(state, now, rank, encoder)
      histories.writeSpares(history, now, rank, encoder)
    }
    const starts: number[] = []
    const most = mostSlot(world, incidents)
    for (let id = 1; id <= most; id += 1) {
      const slot = withNumber(state.slots, id)
      const record = withNumber(history.slots, id)
      if (isOrderless) {
        // Nor does it matter how many are free.
        const isFree = slot === undefined && record === undefined && !isInhabited(world, id)
        if (isFree && !incidents.some((incident) => incident?.slots.includes(id))) continue
        starts.push(encoder.length)
      }
      encoder.writeFlag(slot !== undefined)
      for (const incident of incidents) encoder.writeFlag(incident?.slots.includes(id) === true)
      for (const failed of failedStarts) encoder.writeFlag(failed?.includes(id) === true)
      if (slot !== undefined) states.writeSlot(slot, now, rank, encoder)
      states.writeOthers(state, id, now, rank, encoder)
      histories.writeSlotRecord(record, history, now, encoder)
      for (const process of history.living) {
        if (process.slot === id) histories.writeProcess(process, history, now, rank, encoder)
      }
      encoder.write(-7)
    }
    if (isOrderless) encoder.sortBlocks(starts)
  }
}

const nothing: readonly never[] = []

/** The one with that number. Both lists are in the order of their numbers, and mostly have no gap. */
function withNumber<One extends { readonly id: number }>(
  all: readonly One[],
  id: number,
): One | undefined {
  for (let index = Math.min(id, all.length) - 1; index >= 0; index -= 1) {
    const one = all[index] as One
    if (one.id <= id) return one.id === id ? one : undefined
  }
  return undefined
}

function noRank(): number {
  return 0
}

/** The highest slot that anything is known of. */
function mostSlot({ state, history }: PoolWorld, incidents: readonly (Failures | null)[]): number {
  let most = Math.max(state.slots.at(-1)?.id ?? 0, history.slots.at(-1)?.id ?? 0)
  for (const { slot } of state.replacements) if (slot > most) most = slot
  for (const { slot } of state.retired) if (slot > most) most = slot
  for (const { slot } of history.living) if (slot > most) most = slot
  for (const incident of incidents) {
    if (incident !== null) most = Math.max(most, ...incident.slots)
  }
  return most
}

/** Whether a process lives in that slot, as the history or the core knows, and is not the one of its entry. */
function isInhabited({ state, history }: PoolWorld, id: number): boolean {
  const isThere = ({ slot }: { readonly slot: number }): boolean => slot === id
  return (
    history.living.some(isThere) || state.replacements.some(isThere) || state.retired.some(isThere)
  )
}

function writeReload(
  { state: { reload }, history }: PoolWorld,
  rank: Rank,
  encoder: Encoder,
): void {
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

/** The failures that are not reported yet, as the core and the history know them; null if they are forgotten. */
function incidentsOf(
  { incidentMs }: Plan,
  { state, history, now }: PoolWorld,
): readonly (Failures | null)[] {
  if (incidentMs === false) return nothing
  const { incident } = history
  const known = incident && { ...commonOf(incident), reportAt: incident.reportAt }
  const isForgotten = (one: Failures | null): boolean =>
    one === null || (one.reportAt <= now && !isReportable(one))
  const ofCore = state.incident && {
    ...state.incident,
    withinMs: state.incident.latestAt - state.incident.firstAt,
  }
  return [ofCore, known].map((one) => (isForgotten(one) ? null : one))
}

/** Everything that will be reported of it, but for its slots: these are written one by one. */
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

/** Of a pool that is done, only processes are left that may still be reported on. */
function writeRest({ living, latestIncarnation }: History, encoder: Encoder): void {
  encoder.write(0)
  encoder.writeFlag(latestIncarnation > 0)
  let unheard = 0
  for (const { helloAt } of living) if (helloAt === null) unheard += 1
  encoder.write(unheard)
  encoder.write(living.length - unheard)
}
