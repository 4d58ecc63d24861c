/**
 * The form in which the log of a real run stands in its file: a JSON line an entry, with the process that wrote it.
 */
import type { LogEntry } from "../../../src/platform/log-entry.ts"

export interface WrittenEntry {
  readonly pid: number
  readonly entry: LogEntry
}

export function lineOf(pid: number, entry: unknown): string {
  const infinite = (_name: string, value: unknown): unknown => (value === Infinity ? "∞" : value)
  return `${JSON.stringify({ pid, entry }, infinite)}\n`
}

export function entriesOf(text: string): WrittenEntry[] {
  const infinite = (_name: string, value: unknown): unknown => (value === "∞" ? Infinity : value)
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line, infinite) as WrittenEntry)
}
