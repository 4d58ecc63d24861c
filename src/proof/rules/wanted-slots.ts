/**
 * Which slots a running pool ought to have, from events and forks: which process is in each, which are being given up, which wait for
 * a fork and when it may come, and which are finished by the respawn policy.
 *
 * It states again, independently of the core, what is promised about scaling and exits. If the promise leaves a choice, it takes
 * the one that the core documents: of several finished or waiting slots the highest is given up first, and of several slots being
 * given up the lowest is taken back first. Lists of slots are plain data in ascending order, and never written to.
 */
import type { Plan } from "../../core/plan/plan.ts"
import {
  atOnce,
  type ForkWindow,
  restoreWindow,
  respawnWindow,
  retryWindow,
} from "./fork-window.ts"
import { isLeaving, type ProcessRecord } from "./process-record.ts"

export type SlotRecord = OccupiedSlotRecord | WaitingSlotRecord | FinishedSlotRecord
export type SlotRecords = readonly SlotRecord[]

export interface OccupiedSlotRecord {
  readonly id: number
  readonly state: "occupied"
  readonly incarnation: number
  /** How many respawns the slot has had since it was last stable. */
  readonly attempt: number
  /** What follows its exit: what the respawn policy says, an uncharged fork, or nothing as the slot is given up. */
  readonly desired: "respawn" | "restore" | "remove"
}

interface WaitingSlotRecord {
  readonly id: number
  readonly state: "waiting"
  readonly attempt: number
  /** Whether the fork is a respawn, which counts. */
  readonly isCounted: boolean
  readonly window: ForkWindow
}

interface FinishedSlotRecord {
  readonly id: number
  readonly state: "finished"
}

/**
 * One more is wanted: one that is being given up is taken back, else the lowest free number is to be forked. A number is
 * not free while a process that was replaced there lives.
 */
export function gainSlot(
  slots: SlotRecords,
  living: readonly ProcessRecord[],
  at: number,
): SlotRecords {
  for (const slot of slots) {
    if (slot.state === "occupied" && slot.desired === "remove") {
      return put(slots, { ...slot, desired: "restore" })
    }
  }
  let id = 1
  while (slots.some((slot) => slot.id === id) || living.some(({ slot }) => slot === id)) id += 1
  return put(slots, { id, state: "waiting", attempt: 0, isCounted: false, window: atOnce(at) })
}

/** Which slot is lost when one less is wanted: the one whose loss costs least, and then the highest or the oldest. */
export function slotToLose(
  slots: SlotRecords,
  living: readonly ProcessRecord[],
  choice: "highest" | "oldest",
): SlotRecord | undefined {
  const wanted = slots.filter(isWanted)
  const processIn = (slot: SlotRecord): ProcessRecord | undefined =>
    slot.state === "occupied"
      ? living.find(({ incarnation }) => incarnation === slot.incarnation)
      : undefined
  const costs = wanted.map((slot) => {
    if (slot.state !== "occupied") return slot.state === "finished" ? 0 : 1
    const process = processIn(slot)
    if (process === undefined || isLeaving(process)) return 2
    return process.readyAt === null ? 3 : 4
  })
  const least = Math.min(...costs)
  const cheapest = wanted.filter((_, index) => costs[index] === least)
  if (least < 4 || choice === "highest") return cheapest.at(-1)
  const age = (slot: SlotRecord): number => processIn(slot)?.incarnation ?? 0
  return cheapest.toSorted((one, other) => age(one) - age(other))[0]
}

/** That slot is no longer wanted. An empty slot disappears at once, another one with its process. */
export function loseSlot(slots: SlotRecords, lost: SlotRecord): SlotRecords {
  if (lost.state !== "occupied") return remove(slots, lost.id)
  return put(slots, { ...lost, desired: "remove" })
}

export function fillSlot(slots: SlotRecords, id: number, incarnation: number): SlotRecords {
  const slot = slots.find((candidate) => candidate.id === id)
  const attempt = slot?.state === "waiting" && slot.isCounted ? slot.attempt + 1 : 0
  return put(slots, { id, state: "occupied", incarnation, attempt, desired: "respawn" })
}

/** Whether a slot counts toward the target. */
export function isWanted(slot: SlotRecord): boolean {
  return slot.state !== "occupied" || slot.desired !== "remove"
}

/** Whether the process of a slot serves and stays, or the slot is finished. */
export function isServing(slot: SlotRecord, living: readonly ProcessRecord[]): boolean {
  if (slot.state !== "occupied") return slot.state === "finished"
  const process = living.find(({ incarnation }) => incarnation === slot.incarnation)
  return process !== undefined && process.readyAt !== null && !isLeaving(process)
}

/** Whether an exit with that code is final by the respawn policy. */
export function isFinal({ respawn }: Plan, code: number | null): boolean {
  return respawn === "never" || (respawn === "on-failure" && code === 0)
}

/** The slot whose current process that is; undefined if it is none. */
export function slotOf(
  slots: SlotRecords,
  { slot: id, incarnation }: ProcessRecord,
): OccupiedSlotRecord | undefined {
  const slot = slots.find((candidate) => candidate.id === id)
  return slot?.state === "occupied" && slot.incarnation === incarnation ? slot : undefined
}

/** What becomes of a slot whose process has exited. */
export function exited(
  plan: Plan,
  slots: SlotRecords,
  slot: OccupiedSlotRecord,
  process: ProcessRecord,
  at: number,
  code: number | null,
): SlotRecords {
  const { id } = slot
  if (slot.desired === "remove") return remove(slots, id)
  if (slot.desired === "restore") {
    const window = restoreWindow(plan, process, at)
    return put(slots, { id, state: "waiting", attempt: 0, isCounted: false, window })
  }
  if (isFinal(plan, code)) return put(slots, { id, state: "finished" })
  const { readyAt } = process
  const wasStable = readyAt !== null && at - readyAt >= plan.stablePeriodMs
  const attempt = wasStable ? 0 : slot.attempt
  const window = respawnWindow(plan, process, attempt, at)
  return put(slots, { id, state: "waiting", attempt, isCounted: true, window })
}

/** What becomes of a slot whose fork failed: whatever the policy, it is tried again. */
export function forkFailed(
  plan: Plan,
  slots: SlotRecords,
  slot: OccupiedSlotRecord,
  process: ProcessRecord,
  at: number,
): SlotRecords {
  const { id, attempt, desired } = slot
  if (desired === "remove") return remove(slots, id)
  const window = retryWindow(plan, process, attempt, at)
  return put(slots, { id, state: "waiting", attempt, isCounted: true, window })
}

function put(slots: SlotRecords, slot: SlotRecord): SlotRecords {
  const before: SlotRecord[] = []
  const after: SlotRecord[] = []
  for (const other of slots) {
    if (other.id < slot.id) before.push(other)
    if (other.id > slot.id) after.push(other)
  }
  return [...before, slot, ...after]
}

function remove(slots: SlotRecords, id: number): SlotRecords {
  return slots.filter((slot) => slot.id !== id)
}
