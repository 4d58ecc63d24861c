/**
 * The form in which the log of a real run stands in its file: a JSON line an entry, with the process that wrote it.
 *
 * All processes of the run append to it. One that is killed in the middle of a write leaves half a line, so each entry
 * begins with a line break of its own.
 */
import type { LogEntry } from "../../../src/platform/log-entry.ts"

export interface WrittenEntry {
  readonly pid: number
  /** The parent of the process when it began: the primary of a worker. */
  readonly parent?: number
  readonly entry: LogEntry
}

export function lineOf(pid: number, parent: number, entry: unknown): string {
  const infinite = (_name: string, value: unknown): unknown => (value === Infinity ? "∞" : value)
  return `\n${JSON.stringify({ pid, parent, entry }, infinite)}\n`
}

export function entriesOf(text: string): WrittenEntry[] {
  return text.split("\n").flatMap((line) => parsed(line) ?? [])
}

/** @returns undefined for an empty line, and for half a line: no beginning of an object is JSON. */
function parsed(line: string): WrittenEntry | undefined {
  try {
    return JSON.parse(line, infinite) as WrittenEntry
  } catch {
    return undefined
  }
}

function infinite(_name: string, value: unknown): unknown {
  return value === "∞" ? Infinity : value
}
