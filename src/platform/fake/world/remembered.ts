/**
 * Lists of moves that are the same whenever they are asked for, made once: making them anew in every state would take
 * much of a search's time. Decides nothing.
 */
import type { WorkerRef } from "../../../core/event.ts"

/** Processes beyond this many are forgotten: a long history must not take more and more memory. */
const mostLists = 10_000

/** More than any pool has. */
const mostSlots = 2 ** 20

/** What `make` has made for a process before it has said hello and after, or makes now. */
export function remembered<Move>(
  make: (worker: WorkerRef, hasSaidHello: boolean) => readonly Move[],
): (worker: WorkerRef, hasSaidHello: boolean) => readonly Move[] {
  const lists = new Map<number, readonly Move[]>()
  return ({ slot, incarnation }, hasSaidHello) => {
    const key = (incarnation * mostSlots + slot) * 2 + (hasSaidHello ? 1 : 0)
    const known = lists.get(key)
    if (known !== undefined) return known
    if (lists.size >= mostLists) lists.clear()
    const made = make({ slot, incarnation }, hasSaidHello)
    lists.set(key, made)
    return made
  }
}
