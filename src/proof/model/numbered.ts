/**
 * Actions as a numbered list, for a person to read.
 */
export function numbered(texts: readonly string[]): string {
  if (texts.length === 0) return "no fault is needed\n"
  return texts.map((text, index) => `${String(index + 1).padStart(4)}. ${text}\n`).join("")
}
