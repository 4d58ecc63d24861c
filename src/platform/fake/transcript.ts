/**
 * What has happened, as text: each event at its time, below it the orders that it led to, and between them what the
 * workers did and what befell the world. Made to be kept in a file and compared. Decides nothing.
 */
import { describeFact, isRoutine } from "../../core/describe.ts"
import { timestamped, commandLine } from "../../core/recording/transcript.ts"
import type { LogEntry } from "../log-entry.ts"

/** Something that happened and that no log of a pool tells, such as the death of its primary. */
export interface Note {
  readonly kind: "note"
  readonly at: number
  readonly text: string
}

/** What is told of a simulation: what its pool logs, and what befell beside that. */
export type TranscriptEntry = LogEntry | Note

/** The story as text, a line an entry. Wake-ups at which nothing was due are left out, and answers of workers. */
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
