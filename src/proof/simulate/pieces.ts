/**
 * Which shorter histories are worth trying: with first half of the moves left out at once, then ever smaller pieces, then
 * one by one; and of few moves all choices of some of them. Decides only that: how a history is gone through again, at once or some time later, is the caller's.
 */

/** A history that fails. */
export interface Failing<Move> {
  readonly violation: string
  readonly moves: readonly Move[]
}

/** Yields histories to try, and takes what has failed of each; undefined where nothing has. @returns the shortest. */
export function* lessOf<Move, Found extends Failing<Move> = Failing<Move>>(
  failing: Found,
): Generator<readonly Move[], Found, Found | undefined> {
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

/** Of more moves than this there are too many choices. */
const mostMoves = 12

/** How many choices are tried. */
const mostChoices = 1_500

/** Yields what is left of a history where all but some moves are left out, the shortest first. */
export function* choicesOf<Move>(moves: readonly Move[]): Generator<readonly Move[], void> {
  if (moves.length > mostMoves) return
  let count = 0
  for (let size = 1; size < moves.length - 1; size += 1) {
    for (const choice of someOf(moves, size)) {
      if ((count += 1) > mostChoices) return
      yield choice
    }
  }
}

function* someOf<Move>(moves: readonly Move[], size: number): Generator<Move[], void> {
  if (size === 0) return yield []
  for (let index = 0; index <= moves.length - size; index += 1) {
    const first = moves[index] as Move
    for (const others of someOf(moves.slice(index + 1), size - 1)) yield [first, ...others]
  }
}
