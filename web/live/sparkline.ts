/**
 * Figures over time as the path of a small line. Pure.
 */

/**
 * The path of an SVG, from left to right, with gaps where a figure is missing. The latest figure is at the right edge.
 *
 * @param most the figure that reaches the top; larger ones do, too.
 * @param length how many figures have room.
 */
export function sparkPath(
  values: readonly (number | null)[],
  most: number,
  length: number,
  [width, height]: readonly [number, number],
): string {
  const shown = values.slice(-length)
  const first = length - shown.length
  let isDrawing = false
  const parts: string[] = []
  for (const [index, value] of shown.entries()) {
    if (value === null) {
      isDrawing = false
      continue
    }
    const x = round(((first + index) / Math.max(1, length - 1)) * width)
    const y = round(height - 1 - (Math.min(value, most) / most) * (height - 2))
    parts.push(`${isDrawing ? "L" : "M"}${x} ${y}`)
    isDrawing = true
  }
  return parts.join("")
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
