/**
 * Lists of moves that are the same whenever they are asked for, made once: making them anew in every state would take
 * much of a search's time. Decides nothing.
 */
import type { WorkerRef } from "../../../core/event.ts"

/** Processes beyond this many are forgotten: a long history must not take more and more memory. */
const mostLists = 10_000

/** More than any pool has. */
const mostSlots = 2 ** 20

/** How far a process has come: settled is one that is ready, or will not be. */
export type ProcessPhase = (typeof phases)[number]

const phases = ["booting", "starting", "settled"] as const

/** What `make` has made for a process in that phase, or makes now. */
export function remembered<Move>(
  make: (worker: WorkerRef, phase: ProcessPhase) => readonly Move[],
): (worker: WorkerRef, phase: ProcessPhase) => readonly Move[] {
  const lists = new Map<number, readonly Move[]>()
  return ({ slot, incarnation }, phase) => {
    const key = (incarnation * mostSlots + slot) * phases.length + phases.indexOf(phase)
    const known = lists.get(key)
    if (known !== undefined) return known
    if (lists.size >= mostLists) lists.clear()
    const made = make({ slot, incarnation }, phase)
    lists.set(key, made)
    return made
  }
}
