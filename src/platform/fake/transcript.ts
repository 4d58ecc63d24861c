/**
 * What has happened, as text: each event at its time, below it the commands that it led to, and between them what the workers did and
 * what happened to the simulated world. It is made to be kept in a file and compared.
 */
import { describeFact, isRoutine } from "../../core/describe.ts"
import { timestamped, commandLine } from "../../core/recording/transcript.ts"
import type { LogEntry } from "../log-entry.ts"

/** Something that no log of a pool contains, such as the death of its primary. */
export interface Note {
  readonly kind: "note"
  readonly at: number
  readonly text: string
}

/** What a transcript contains: the log of the pool, and notes. */
export type TranscriptEntry = LogEntry | Note

/** The transcript as text, a line an entry. Heartbeats, and wake-ups at which nothing was due, are left out. */
export function transcriptOf(entries: readonly TranscriptEntry[]): string {
  const lines = entries.flatMap((entry, index) => linesOf(entry, entries[index + 1]))
  return lines.map((line) => `${line}\n`).join("")
}

function linesOf(entry: TranscriptEntry, next: TranscriptEntry | undefined): string[] {
  switch (entry.kind) {
    case "plan":
    case "middle":
      return []
    case "event": {
      const { event } = entry
      if (isRoutine(event) && next?.kind !== "command") return []
      return [timestamped(event.at, describeFact(event))]
    }
    case "command":
      return [commandLine(entry.command)]
    case "worker": {
      const { slot, incarnation } = entry.worker
      const action = entry.action.replace("-", " ")
      return [timestamped(entry.at, `· worker ${slot} (#${incarnation}) ${action}`)]
    }
    case "note":
      return [timestamped(entry.at, `! ${entry.text}`)]
  }
}
