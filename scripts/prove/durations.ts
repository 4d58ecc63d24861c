/**
 * How long each search took the last time, in seconds. With the longest first, no process is left alone with one at the end.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"

const directory = new URL("../../node_modules/.cache/kamisama/", import.meta.url)
const file = new URL("durations-of-proofs.json", directory)

export type Durations = { [name: string]: number }

export function knownDurations(): Durations {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Durations
  } catch {
    return {}
  }
}

export function keepDurations(durations: Durations): void {
  mkdirSync(directory, { recursive: true })
  writeFileSync(file, JSON.stringify(durations, undefined, 2))
}

/** The longest first. One that is not known may be the longest. */
export function longestFirst(names: readonly string[], durations: Durations): readonly string[] {
  const durationOf = (name: string): number => durations[name] ?? Infinity
  return names.toSorted((one, other) => {
    const [mine, others] = [durationOf(one), durationOf(other)]
    return mine === others ? 0 : others - mine
  })
}
