/**
 * What is the same whenever it is asked for, such as lists of moves, made once: making it anew in every state would take
 * much of a search's time. Decides nothing.
 */
import type { WorkerRef } from "../../core/event.ts"

/** Processes beyond this many are forgotten: a long history must not take more and more memory. */
const mostLists = 10_000

/** More than any pool has. */
const mostSlots = 2 ** 20

/** How far a process has come: settled is one that is ready, or will not be. */
export type ProcessPhase = (typeof phases)[number]

const phases = ["booting", "starting", "settled"] as const

/** What `make` has made for a process in that phase, or makes now. */
export function remembered<Made>(
  make: (worker: WorkerRef, phase: ProcessPhase) => Made,
): (worker: WorkerRef, phase?: ProcessPhase) => Made {
  const lists = new Map<number, Made>()
  return ({ slot, incarnation }, phase = "booting") => {
    const key = (incarnation * mostSlots + slot) * phases.length + phases.indexOf(phase)
    const known = lists.get(key)
    if (known !== undefined) return known
    if (lists.size >= mostLists) lists.clear()
    const made = make({ slot, incarnation }, phase)
    lists.set(key, made)
    return made
  }
}

/** What `make` makes of each item; of one that stands where it stood the last time it is not made again. */
export function eachRemembered<Item, Made>(
  make: (item: Item) => Made,
): (items: readonly Item[]) => readonly Made[] {
  let latest: readonly Item[] = []
  let made: readonly Made[] = []
  return (items) => {
    if (items === latest) return made
    made = items.map((item, at) => (item === latest[at] ? (made[at] as Made) : make(item)))
    latest = items
    return made
  }
}

/** What `make` makes of an item; of the latest one it is not made again. */
export function latestRemembered<Item, Made>(make: (item: Item) => Made): (item: Item) => Made {
  let latest: { readonly item: Item; readonly made: Made } | undefined
  return (item) => {
    if (latest?.item !== item) latest = { item, made: make(item) }
    return latest.made
  }
}

/** What is made for each of few keys, when it is asked for first: asking again is what happens all the time. */
export function madeOnce<Key, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const known = new Map<Key, Made>()
  return (key) => {
    let made = known.get(key)
    if (made === undefined) known.set(key, (made = make(key)))
    return made
  }
}
