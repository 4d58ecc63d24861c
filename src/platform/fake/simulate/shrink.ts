/**
 * Finds a short history that fails as a long one does: leaves out as many moves as it can, first half of them at once,
 * then ever smaller pieces, then one by one; and then searches for the shortest that has no other moves than the rest.
 * Any breach of any rule will do: whatever is broken, the shortest history tells most.
 */
import { explore } from "../explore/explore.ts"
import type { Model } from "../world/model.ts"
import { retrace } from "./walk.ts"

/** A history that fails. */
export interface Failing<Move> {
  readonly wrong: string
  readonly moves: readonly Move[]
}

export function shrink<State, Move>(
  model: Model<State, Move>,
  failing: Failing<Move>,
): Failing<Move> {
  let shortest = failing
  for (let size = Math.ceil(failing.moves.length / 2); size >= 1;) {
    const before = shortest
    shortest = withoutPieces(model, shortest, size)
    if (size > 1) size = Math.ceil(size / 2)
    else if (shortest === before) break
  }
  return shortestOf(model, shortest)
}

/** How many states are looked at for it, each time: some tenths of a second. */
const mostStates = 3_000

/** The shortest history there is, if it is not too far to seek: of any moves, or else of the same moves. */
function shortestOf<State, Move>(model: Model<State, Move>, failing: Failing<Move>): Failing<Move> {
  const keys = new Set(failing.moves.map((move) => model.keyOf(move)))
  const restricted: Model<State, Move> = {
    ...model,
    moves: (state) => model.moves(state).filter((move) => keys.has(model.keyOf(move))),
  }
  return [model, restricted].reduce((shortest, searched) => {
    const { counterexample } = explore({ ...searched, recovery: undefined }, { mostStates })
    return counterexample !== undefined && counterexample.moves.length <= shortest.moves.length
      ? counterexample
      : shortest
  }, failing)
}

/** Leaves out every piece of that size without which it still fails, from the end to the beginning. */
function withoutPieces<State, Move>(
  model: Model<State, Move>,
  failing: Failing<Move>,
  size: number,
): Failing<Move> {
  let shortest = failing
  for (let end = failing.moves.length; end > 0; end -= size) {
    const { moves } = shortest
    if (end > moves.length) continue
    const left = [...moves.slice(0, Math.max(0, end - size)), ...moves.slice(end)]
    const again = retrace(model, left)
    if (again.wrong === undefined) continue
    if (again.moves.length < moves.length) shortest = { wrong: again.wrong, moves: again.moves }
  }
  return shortest
}
