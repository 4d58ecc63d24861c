/**
 * What has happened, as text: each event at its time, below it the orders that it led to, and between them what the
 * workers did and what befell the world. Made to be kept in a file and compared. Decides nothing.
 */
import { describeEffect, describeFact, goesWithoutSaying } from "../../core/describe.ts"
import type { LogEntry } from "../platform.ts"

/** Something that happened and that no log of a pool tells, such as the death of its primary. */
export interface Happening {
  readonly kind: "happening"
  readonly at: number
  readonly text: string
}

type Entry = LogEntry | Happening

/** The story as text, a line an entry. Wake-ups at which nothing was due are left out, and answers of workers. */
export function transcriptOf(story: readonly Entry[]): string {
  const lines = story.flatMap((entry, index) => {
    if (entry.kind === "plan") return []
    const isVain =
      entry.kind === "event" && goesWithoutSaying(entry.event) && story[index + 1]?.kind !== "order"
    return isVain ? [] : [lineOf(entry)]
  })
  return lines.map((line) => `${line}\n`).join("")
}

function lineOf(entry: Exclude<Entry, { readonly kind: "plan" }>): string {
  switch (entry.kind) {
    case "event":
      return `${timeOf(entry.event.at)}  ${describeFact(entry.event)}`
    case "order":
      return `${" ".repeat(12)}→ ${describeEffect(entry.order)}`
    case "worker": {
      const { slot, incarnation } = entry.worker
      return `${timeOf(entry.at)}  · worker ${slot} (#${incarnation}) ${entry.did.replace("-", " ")}`
    }
    case "happening":
      return `${timeOf(entry.at)}  ! ${entry.text}`
  }
}

/** "1_500 ms", in a column. */
function timeOf(at: number): string {
  const [whole = "", fraction] = String(Math.round(at * 1_000) / 1_000).split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "_")
  return `${fraction === undefined ? grouped : `${grouped}.${fraction}`} ms`.padStart(10)
}
