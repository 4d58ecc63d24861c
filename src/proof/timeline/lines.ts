/**
 * The texts of a timeline: moments, and paragraphs wrapped to a width.
 */

/** A moment in ms, such as "1_500". */
export function timeOf(at: number): string {
  return String(Math.round(at * 10) / 10).replace(/\B(?=(\d{3})+(?!\d))/g, "_")
}

/** A line that says how much was left out; none if nothing was. */
export function leftOut(count: number, what = ""): string[] {
  return count === 0
    ? []
    : [`… ${count} ${what}before these ${count === 1 ? "is" : "are"} left out`]
}

/** A text as lines of at most so many characters. All but the first are indented by two; longer words are broken. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = []
  let line = ""
  for (const word of text.trim().split(/\s+/)) {
    let rest = word
    if (line !== "" && line.length + 1 + rest.length > most) {
      lines.push(line)
      line = ""
    }
    for (;;) {
      const start = line === "" ? (lines.length === 0 ? "" : "  ") : `${line} `
      line = start + rest
      if (line.length <= most) break
      lines.push(line.slice(0, most))
      rest = line.slice(most)
      line = ""
    }
  }
  return [...lines, line]
}
