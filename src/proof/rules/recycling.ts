/**
 * Workers are recycled when they are due, one at a time, and no others are (rule 14). When a worker is due is recomputed here from
 * its reports. The rule about asking makes sure that no worker is stopped for it before its replacement is accepted.
 */
import type { Command, Reason } from "../../core/command.ts"
import { isFilling } from "./filling.ts"
import type { History } from "./history.ts"
import { isLeaving, named, type ProcessRecord } from "./process-record.ts"

type Cause = "age" | "memory" | "request" | "max-requests"

const causes: { readonly [Rule in Reason["rule"]]?: Cause } = {
  "max-age": "age",
  "max-memory": "memory",
  "max-requests": "max-requests",
  "recycle-requested": "request",
}

/** Whether the command recycles a worker. */
export function isRecycling({ type, reason }: Command): boolean {
  const mayFill = type === "fork-worker" || type === "run-worker"
  return mayFill && causes[reason.rule] !== undefined
}

/** Once a process is ready: its age counts from there, and its limit may be up to a fifth shorter. */
export function agingFrom({ plan }: History, at: number): ProcessRecord["recycling"] {
  const { maxAgeMs } = plan
  if (maxAgeMs === false) return null
  return {
    cause: "age",
    fromAt: at + maxAgeMs - Math.floor(0.2 * maxAgeMs),
    untilAt: at + maxAgeMs,
  }
}

/** Once a process has asked for a replacement, or served all its requests: it must have served for a while. */
export function callsForReplacement(
  { plan }: History,
  process: ProcessRecord,
  cause: "request" | "max-requests",
  at: number,
): ProcessRecord {
  const { toldToRunAt, readyAt } = process
  if (toldToRunAt === null) return process
  const notBefore = readyAt === null ? at : readyAt + plan.requestHoldMs
  return dueFor(process, cause, Math.max(at, notBefore))
}

/** The same for a process that becomes ready and had asked before. */
export function heldFrom(
  { plan }: History,
  { cause }: NonNullable<ProcessRecord["recycling"]>,
  at: number,
): ProcessRecord["recycling"] {
  return { cause, fromAt: at + plan.requestHoldMs, untilAt: at + plan.requestHoldMs }
}

/** Once a process was measured: too much memory counts only if it was less before, and not right after its start. */
export function measured(
  { plan }: History,
  process: ProcessRecord,
  memoryBytes: number,
  at: number,
): ProcessRecord {
  const { maxMemoryBytes, recycleHoldMs } = plan
  const { readyAt, hasFitted } = process
  if (readyAt === null || maxMemoryBytes === false) return process
  if (memoryBytes <= maxMemoryBytes) return hasFitted ? process : { ...process, hasFitted: true }
  return hasFitted && at - readyAt >= recycleHoldMs ? dueFor(process, "memory", at) : process
}

function dueFor(process: ProcessRecord, cause: Exclude<Cause, "age">, at: number): ProcessRecord {
  const { recycling } = process
  if (isLeaving(process) || (recycling !== null && recycling.cause !== "age")) return process
  return { ...process, recycling: { cause, fromAt: at, untilAt: at } }
}

/** The replacement in that slot has failed: recycling is tried again later. */
export function putOff(history: History, slot: number, at: number): History {
  const later = at + history.plan.recycleRetryMs
  return {
    ...history,
    living: history.living.map((process) =>
      process.slot === slot && process.role === "current" && process.recycling !== null
        ? { ...process, recycling: { ...process.recycling, fromAt: later, untilAt: later } }
        : process,
    ),
  }
}

/** What is wrong with a command that recycles a worker. */
export function wrongRecycling(command: Command, at: number, history: History): string | undefined {
  if (!isFilling(command)) return undefined
  const name = named(command.worker)
  if (history.reload !== null) return `${name} was forked to replace another while a reload runs`
  if (isReplacing(history)) return `${name} was forked while another was being replaced`
  const before = history.living.find(
    ({ slot, role }) => slot === command.worker.slot && role === "current",
  )
  if (before === undefined) return undefined
  if (!mayBeRecycled(before)) return `${named(before)} was to be replaced, and was not ready`
  const { recycling } = before
  if (recycling === null || recycling.cause !== causes[command.reason.rule]) {
    return `${named(before)} was to be replaced although nothing called for it`
  }
  if (at < recycling.fromAt) {
    return `${named(before)} was to be replaced at ${at} and had until ${recycling.fromAt}`
  }
  const older = history.living.find(
    (process) =>
      process.incarnation < before.incarnation &&
      mayBeRecycled(process) &&
      process.recycling !== null &&
      process.recycling.untilAt <= at,
  )
  return older && `${named(before)} was to be replaced before ${named(older)}, which is older`
}

/** A worker that was due to be replaced, and was not, although `isOver` says that its time is over. */
export function overdueForRecycling(
  history: History,
  isOver: (untilAt: number) => boolean,
): string | undefined {
  const { phase, reload, living } = history
  if (phase !== "running" || reload !== null || isReplacing(history)) return undefined
  for (const process of living) {
    const { recycling } = process
    if (recycling === null || !mayBeRecycled(process) || !isOver(recycling.untilAt)) continue
    return `${named(process)} was to be replaced at ${recycling.untilAt}`
  }
  return undefined
}

/** When the primary wants to be woken for the next of them: at the earliest, and at the latest. */
export function recyclingTimes(
  history: History,
): readonly { readonly fromAt: number; readonly untilAt: number }[] {
  const { phase, reload, living } = history
  if (phase !== "running" || reload !== null) return []
  if (living.every(({ recycling }) => recycling === null) || isReplacing(history)) return []
  return living.filter(mayBeRecycled).flatMap(({ recycling }) => recycling ?? [])
}

/** Whether a process replaces another, or was replaced and still lives. */
export function isReplacing(history: History): boolean {
  return history.living.some(isInReplacement)
}

/** How many processes replace another, or were replaced and still live. */
export function replacingCount({ living }: History): number {
  return living.filter(isInReplacement).length
}

function isInReplacement({ role }: ProcessRecord): boolean {
  return role === "replacement" || role === "retired"
}

function mayBeRecycled(process: ProcessRecord): boolean {
  return process.role === "current" && process.readyAt !== null && !isLeaving(process)
}
