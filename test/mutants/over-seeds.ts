/**
 * Searches by chance from several seeds. Prints how many of them have found something, and what the first has found; prints
 * nothing if none has.
 *
 * @param search what is wrong, or undefined. What it throws is wrong, too.
 */
export function searchOverSeeds(seeds: number, search: (seed: number) => string | undefined): void {
  let first: string | undefined
  let found = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    let violation: string | undefined
    try {
      violation = search(seed)
    } catch (error) {
      violation = String(error)
    }
    if (violation !== undefined) found += 1
    first ??= violation
  }
  if (first !== undefined) console.log(`${found} of ${seeds} seeds: ${first}`)
}
