/**
 * What has happened, as text: each event at its time, below it the orders that it led to, and between them what the
 * workers did. Made to be kept in a file and compared. Decides nothing.
 */
import { describeEffect, describeFact } from "../../core/describe.ts"
import type { LogEntry } from "../platform.ts"

/** The log as text, a line an entry. Wake-ups of the driver at which nothing was due are left out. */
export function transcriptOf(log: readonly LogEntry[]): string {
  const lines = log.flatMap((entry, index) => {
    if (entry.kind === "plan") return []
    const isVain =
      entry.kind === "event" &&
      entry.event.type === "deadline-reached" &&
      log[index + 1]?.kind !== "order"
    return isVain ? [] : [lineOf(entry)]
  })
  return lines.map((line) => `${line}\n`).join("")
}

function lineOf(entry: Exclude<LogEntry, { readonly kind: "plan" }>): string {
  switch (entry.kind) {
    case "event":
      return `${timeOf(entry.event.at)}  ${describeFact(entry.event)}`
    case "order":
      return `${" ".repeat(12)}→ ${describeEffect(entry.order)}`
    case "worker": {
      const { slot, incarnation } = entry.worker
      return `${timeOf(entry.at)}  · worker ${slot} (#${incarnation}) ${entry.did.replace("-", " ")}`
    }
  }
}

/** "1_500 ms", in a column. */
function timeOf(at: number): string {
  const digits = String(Math.round(at * 1_000) / 1_000)
  const grouped = digits.replace(/\B(?=(\d{3})+(?!\d))/g, "_")
  return `${grouped} ms`.padStart(10)
}
