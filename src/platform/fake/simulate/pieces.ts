/**
 * Which shorter histories are worth trying: with first half of the moves left out at once, then ever smaller pieces, then
 * one by one. Decides only that: how a history is gone through again, at once or some time later, is the caller's.
 */

/** A history that fails. */
export interface Failing<Move> {
  readonly wrong: string
  readonly moves: readonly Move[]
}

/** Yields histories to try, and takes what has failed of each; undefined where nothing has. @returns the shortest. */
export function* lessOf<Move>(
  failing: Failing<Move>,
): Generator<readonly Move[], Failing<Move>, Failing<Move> | undefined> {
  let shortest = failing
  for (let size = Math.ceil(failing.moves.length / 2); size >= 1;) {
    const before = shortest
    for (let end = shortest.moves.length; end > 0; end -= size) {
      const { moves } = shortest
      if (end > moves.length) continue
      const again = yield [...moves.slice(0, Math.max(0, end - size)), ...moves.slice(end)]
      if (again !== undefined && again.moves.length < moves.length) shortest = again
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (shortest === before) break
  }
  return shortest
}
