/**
 * Finds the known name that a wrong one was probably meant to be.
 */

/** What others call a known name, in lower case without hyphens and underscores. */
export interface Aliases {
  readonly [known: string]: readonly string[]
}

/** The nearest known name, if it is near enough for a slip: at most a third of the letters differ. */
export function suggestion(given: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => ({
    name,
    distance: editDistance(given.toLowerCase(), name.toLowerCase()),
  }))
  const nearest = distances.toSorted((one, other) => one.distance - other.distance)[0]
  if (nearest === undefined) return undefined
  const letters = Math.max(given.length, nearest.name.length)
  return nearest.distance <= Math.max(1, letters / 3) ? nearest.name : undefined
}

/** The known name of which the given one is an alias. */
export function aliased(given: string, aliases: Aliases): string | undefined {
  const name = given.toLowerCase().replaceAll(/[-_]/g, "")
  return Object.keys(aliases).find((known) => aliases[known]?.includes(name))
}

/** The suggestion as a question, for the end of an error; undefined if nothing is near enough. */
export function didYouMean(
  given: unknown,
  known: readonly string[],
  aliases: Aliases = {},
): string | undefined {
  if (typeof given !== "string") return undefined
  const meant = aliased(given, aliases) ?? suggestion(given, known)
  return meant === undefined ? undefined : `Did you mean "${meant}"?`
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
