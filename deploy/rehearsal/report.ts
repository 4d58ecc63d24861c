/** What the rehearsals have counted, as a table in Markdown, and what clients have lost, line by line. */
import type { Outcome } from "./rehearse.ts"
import type { Loss } from "./traffic.ts"

/** How many lines say what clients have lost. */
const mostLines = 20

const head = [
  "what serves",
  "requests",
  "lost",
  "on new connections",
  "on kept ones",
  "no answer",
  "slowest",
  "held connections ended as promised",
  "otherwise",
  "pods killed",
]

export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { variant, requests, lost, slowestMs, promised, otherwise, kills } = outcome
    const lostOn = (connection: Loss["connection"]): number =>
      lost.filter((loss) => loss.connection === connection).length
    return [
      variant.title,
      requests,
      lost.length,
      lostOn("new"),
      lostOn("kept"),
      lostOn("hung"),
      `${Math.round(slowestMs)} ms`,
      promised,
      otherwise.length,
      kills,
    ]
  })
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")
}

export function failureLines({ variant, lost, otherwise }: Outcome): readonly string[] {
  const all = [...lost, ...otherwise].toSorted((one, other) => one.at - other.at)
  const lines = all.slice(0, mostLines).map(({ what, at }) => {
    return `${variant.title}: ${new Date(at).toISOString()} ${what}`
  })
  const more = all.length - lines.length
  return more > 0 ? [...lines, `${variant.title}: and ${more} more`] : lines
}
