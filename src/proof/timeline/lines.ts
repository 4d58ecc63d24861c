/**
 * The words of a timeline: moments, and texts as lines that are no longer than there is room for. Decides where a line
 * ends.
 */

/** "1_500", in ms. */
export function timeOf(at: number): string {
  return String(Math.round(at * 10) / 10).replace(/\B(?=(\d{3})+(?!\d))/g, "_")
}

/** How much was left out. */
export function leftOut(count: number, what = ""): string[] {
  return count === 0
    ? []
    : [`… ${count} ${what}before these ${count === 1 ? "is" : "are"} left out`]
}

/** A text as lines of so many characters at most, those that go on indented by two; a word that is longer is broken. */
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
