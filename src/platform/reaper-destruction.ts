/**
 * How a reaper destroys what it finds: suspends it, looks again until nothing new is found, and then kills it. What is
 * suspended starts nothing, so that nothing is missed in the end.
 */
import type { Identity, ReaperCommand } from "./reaper-command.ts"

/** A destruction under way. */
export interface Destruction {
  /** What the look before has found; null before the first. */
  readonly seen: readonly Identity[] | null
  /** How many looks there were. */
  readonly looks: number
}

/** It looks no more often than this, if there is always something new. */
const mostLooks = 10

/** A destruction before its first look. */
export function beginDestruction(): Destruction {
  return { seen: null, looks: 0 }
}

/** What follows from a look. */
export interface Destroyed {
  /** Null if it is over: there is no further look. */
  readonly destruction: Destruction | null
  readonly commands: readonly ReaperCommand[]
}

/** Takes in what a look has found. */
export function continueDestruction(
  { seen, looks }: Destruction,
  found: readonly Identity[],
): Destroyed {
  if (seen !== null && areSame(seen, found)) {
    return { destruction: null, commands: signalAll("KILL", found) }
  }
  const commands = signalAll("STOP", found)
  if (looks + 1 < mostLooks) return { destruction: { seen: found, looks: looks + 1 }, commands }
  return { destruction: null, commands: [...commands, ...signalAll("KILL", found)] }
}

/** A signal to all of these, if there are any. */
export function signalAll(
  signal: "TERM" | "CONT" | "STOP" | "KILL",
  identities: readonly Identity[],
): readonly ReaperCommand[] {
  return identities.length === 0 ? [] : [{ type: "signal-processes", signal, identities }]
}

function areSame(some: readonly Identity[], others: readonly Identity[]): boolean {
  return some.length === others.length && some.every((identity, at) => identity === others[at])
}
