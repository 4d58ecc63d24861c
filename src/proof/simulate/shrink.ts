/**
 * Finds a short history of a model that fails as a long one does: leaves out as many moves as it can, and then searches
 * for the shortest that has no other moves than the rest. Any breach of any rule will do: whatever is broken, the
 * shortest history tells most.
 */
import { explore } from "../explore/explore.ts"
import type { Model } from "../model/model.ts"
import { choicesOf, type Failing, lessOf } from "./pieces.ts"
import { retrace, type Path } from "./run.ts"

type Found<Move> = Path<Move> & Failing<Move>

/** The way that fails, made short. The way itself where it does not fail again. */
export function shrink<State, Move>(model: Model<State, Move>, failing: Path<Move>): Path<Move> {
  const { violation, moves, recoveryMoves } = failing
  if (violation === undefined) return failing

  function fails(tried: readonly Move[]): Found<Move> | undefined {
    const path = retrace(model, tried, recoveryMoves)
    return path.violation === undefined ? undefined : { ...path, violation: path.violation }
  }

  const search = lessOf<Move, Found<Move>>({ violation, moves, recoveryMoves })
  let step = search.next()
  while (step.done !== true) step = search.next(fails(step.value))
  return shortestOf(model, fewest(step.value, fails))
}

/** The same with fewer moves, where leaving out several at once helps. */
function fewest<Move>(
  found: Found<Move>,
  fails: (moves: readonly Move[]) => Found<Move> | undefined,
): Found<Move> {
  for (const choice of choicesOf(found.moves)) {
    const fewer = fails(choice)
    if (fewer !== undefined && fewer.moves.length < found.moves.length) return fewest(fewer, fails)
  }
  return found
}

/** How many states are looked at for it, each time: some tenths of a second. */
const mostStates = 3_000

/** The shortest history there is, if it is not too far to seek: of any moves, or else of the same moves. */
function shortestOf<State, Move>(model: Model<State, Move>, found: Found<Move>): Found<Move> {
  const keys = new Set(found.moves.map((move) => model.keyOf(move)))
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
      ? { ...counterexample, recoveryMoves: [] }
      : shortest
  }, found)
}
