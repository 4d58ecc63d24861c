/**
 * Finds a short history of a model that fails as a long one does: leaves out as many moves as it can, and then searches
 * for the shortest that has no other moves than the rest. Any breach of any rule will do: whatever is broken, the
 * shortest history tells most.
 */
import { explore } from "../explore/explore.ts"
import type { Model } from "../world/model.ts"
import { type Failing, lessOf } from "./pieces.ts"
import { retrace } from "./walk.ts"

export function shrink<State, Move>(
  model: Model<State, Move>,
  failing: Failing<Move>,
): Failing<Move> {
  const search = lessOf(failing)
  let step = search.next()
  while (step.done !== true) {
    const { wrong, moves } = retrace(model, step.value)
    step = search.next(wrong === undefined ? undefined : { wrong, moves })
  }
  return shortestOf(model, step.value)
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
    // Where fewer moves are known it may come to an end that is none.
    const { counterexample } = explore(
      { ...searched, recovery: undefined, isOver: () => true },
      { mostStates },
    )
    return counterexample !== undefined && counterexample.moves.length <= shortest.moves.length
      ? counterexample
      : shortest
  }, failing)
}
