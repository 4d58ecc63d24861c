/**
 * Which slots a running pool ought to have, told from facts and forks: who fills each, which are being given up, which
 * wait for a fork and from when to when it may come, and which their respawn policy has finished.
 *
 * It says again, apart from the core, what the design says of scaling and of exits. Where the design leaves a choice it
 * takes the one that the core documents: of several finished or waiting slots the highest is given up first, of
 * several slots being given up the lowest is taken back first.
 */
import type { Plan } from "../../../core/plan.ts"
import { isLeaving, type ProcessRecord } from "./process-record.ts"
import { atOnce, refillWindow, respawnWindow, retryWindow, type ForkWindow } from "./fork-window.ts"

export type SlotRecord = OccupiedSlotRecord | WaitingSlotRecord | FinishedSlotRecord

interface OccupiedSlotRecord {
  readonly id: number
  readonly state: "occupied"
  readonly process: ProcessRecord
  /** How many respawns the slot has had since it was last stable. */
  readonly attempt: number
  /** What follows its exit: what the respawn policy says, an uncharged fork, or nothing as the slot is given up. */
  readonly onExit: "policy" | "refill" | "nothing"
}

interface WaitingSlotRecord {
  readonly id: number
  readonly state: "waiting"
  readonly attempt: number
  /** Whether the fork is a respawn, which counts. */
  readonly isCharged: boolean
  readonly window: ForkWindow
}

interface FinishedSlotRecord {
  readonly id: number
  readonly state: "finished"
}

interface Exit {
  readonly at: number
  readonly code: number | null
  readonly signal: string | null
}

export class WantedSlots {
  /** In the order of their numbers. */
  slots: readonly SlotRecord[] = []
  finishedBadly = false
  readonly #plan: Plan

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** One more is wanted: one that is being given up is taken back, else the lowest free number is to be forked. */
  gain(at: number): void {
    const givenUp = this.slots.find(
      (slot) => slot.state === "occupied" && slot.onExit === "nothing",
    )
    if (givenUp?.state === "occupied") return this.#put({ ...givenUp, onExit: "refill" })
    const taken = new Set(this.slots.map(({ id }) => id))
    let id = 1
    while (taken.has(id)) id += 1
    this.#put({ id, state: "waiting", attempt: 0, isCharged: false, window: atOnce(at) })
  }

  /** One less is wanted: the highest number, or the one whose loss costs least and then the oldest. */
  lose(at: number, choice: "highest" | "oldest"): void {
    const wanted = this.slots.filter(
      (slot) => slot.state !== "occupied" || slot.onExit !== "nothing",
    )
    const lost = choice === "highest" ? wanted.at(-1) : leastMissed(wanted)
    if (lost === undefined) return
    if (lost.state !== "occupied") return this.#remove(lost.id)
    if (!isLeaving(lost.process)) lost.process.dueToStopAt = at
    this.#put({ ...lost, onExit: "nothing" })
  }

  filled(process: ProcessRecord): void {
    const id = process.slot
    const slot = this.slots.find((candidate) => candidate.id === id)
    const attempt = slot?.state === "waiting" && slot.isCharged ? slot.attempt + 1 : 0
    this.#put({ id, state: "occupied", process, attempt, onExit: "policy" })
  }

  exited(process: ProcessRecord, { at, code, signal }: Exit): void {
    const slot = this.#slotOf(process)
    if (slot === undefined) return
    const { id, onExit } = slot
    const plan = this.#plan
    const isBooting = process.helloAt === undefined
    if (isBooting && signal !== null && plan.signals[signal] === "stop") process.signalledAt = at
    if (onExit === "nothing") return this.#remove(id)
    if (onExit === "refill") {
      const window = refillWindow(plan, process, at)
      return this.#put({ id, state: "waiting", attempt: 0, isCharged: false, window })
    }
    if (plan.respawn === "never" || (plan.respawn === "on-failure" && code === 0)) {
      this.finishedBadly ||= code !== 0
      return this.#put({ id, state: "finished" })
    }
    const { readyAt } = process
    const wasStable = readyAt !== undefined && at - readyAt >= plan.stablePeriodMs
    const attempt = wasStable ? 0 : slot.attempt
    const window = respawnWindow(plan, process, attempt, at)
    this.#put({ id, state: "waiting", attempt, isCharged: true, window })
  }

  /** Whatever the policy, a fork that failed is tried again. */
  forkFailed(process: ProcessRecord, at: number): void {
    const slot = this.#slotOf(process)
    if (slot === undefined) return
    const { id, attempt, onExit } = slot
    if (onExit === "nothing") return this.#remove(id)
    const window = retryWindow(this.#plan, process, attempt, at)
    this.#put({ id, state: "waiting", attempt, isCharged: true, window })
  }

  /** The pool stops: no slot is wanted any more. */
  forget(): void {
    this.slots = []
  }

  #slotOf(process: ProcessRecord): OccupiedSlotRecord | undefined {
    const slot = this.slots.find(({ id }) => id === process.slot)
    return slot?.state === "occupied" && slot.process === process ? slot : undefined
  }

  #put(slot: SlotRecord): void {
    const others = this.slots.filter(({ id }) => id !== slot.id)
    this.slots = [...others, slot].sort((one, other) => one.id - other.id)
  }

  #remove(id: number): void {
    this.slots = this.slots.filter((slot) => slot.id !== id)
  }
}

function leastMissed(wanted: readonly SlotRecord[]): SlotRecord | undefined {
  const oldestFirst = wanted
    .filter((slot) => slot.state === "occupied")
    .toSorted((one, other) => one.process.incarnation - other.process.incarnation)
  return (
    wanted.findLast((slot) => slot.state === "finished") ??
    wanted.findLast((slot) => slot.state === "waiting") ??
    oldestFirst.find((slot) => isLeaving(slot.process)) ??
    oldestFirst[0]
  )
}
