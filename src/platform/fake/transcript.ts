/**
 * What has happened, as text: each event at its time, below it the orders that it led to, and between them what the
 * workers did and what befell the world. Made to be kept in a file and compared. Decides nothing.
 */
import { describeFact, goesWithoutSaying } from "../../core/describe.ts"
import { momentLine, orderLine } from "../../core/recording/transcript.ts"
import type { LogEntry } from "../log-entry.ts"

/** Something that happened and that no log of a pool tells, such as the death of its primary. */
export interface Happening {
  readonly kind: "happening"
  readonly at: number
  readonly text: string
}

/** What is told of a simulation: what its pool logs, and what befell beside that. */
export type StoryEntry = LogEntry | Happening

/** The story as text, a line an entry. Wake-ups at which nothing was due are left out, and answers of workers. */
export function transcriptOf(story: readonly StoryEntry[]): string {
  const lines = story.flatMap((entry, index) => linesOf(entry, story[index + 1]))
  return lines.map((line) => `${line}\n`).join("")
}

function linesOf(entry: StoryEntry, next: StoryEntry | undefined): string[] {
  switch (entry.kind) {
    case "plan":
    case "middle":
      return []
    case "event": {
      const { event } = entry
      if (goesWithoutSaying(event) && next?.kind !== "order") return []
      return [momentLine(event.at, describeFact(event))]
    }
    case "order":
      return [orderLine(entry.order)]
    case "worker": {
      const { slot, incarnation } = entry.worker
      const did = entry.did.replace("-", " ")
      return [momentLine(entry.at, `· worker ${slot} (#${incarnation}) ${did}`)]
    }
    case "happening":
      return [momentLine(entry.at, `! ${entry.text}`)]
  }
}
