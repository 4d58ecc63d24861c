/**
 * Which of the known names was probably meant. Decides nothing about what a wrong name leads to.
 */

/** The nearest known name, if it is near enough to be a slip: a third of its letters at most. */
export function suggestion(given: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => ({
    name,
    distance: editDistance(given.toLowerCase(), name.toLowerCase()),
  }))
  const nearest = distances.toSorted((one, other) => one.distance - other.distance)[0]
  return nearest !== undefined && nearest.distance <= Math.max(1, nearest.name.length / 3)
    ? nearest.name
    : undefined
}

/** How many letters must be inserted, removed or replaced to get from one to the other. */
function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      const inserted = (current[column - 1] ?? 0) + 1
      const removed = (previous[column] ?? 0) + 1
      current.push(Math.min(replaced, inserted, removed))
    }
    previous = current
  }
  return previous[other.length] ?? 0
}
