/**
 * Makes a failing run short: leaves out as many moves as it can, then tries all choices of a few moves, then searches for
 * the shortest run that fails. Any violation will do: whatever is broken, the shortest run is the easiest to understand.
 */
import { explore } from "../explore/explore.ts"
import type { CompleteModel } from "../model/model.ts"
import { driven } from "./driven.ts"
import { retrace, type Path } from "./run.ts"

/** A run that fails. */
export interface Failing<Move> {
  readonly violation: string
  readonly moves: readonly Move[]
}

/** Asks for runs with these moves, as far as they are possible, and takes those that fail. @returns a shorter run. */
export type Shrinking<Move, Found extends Failing<Move>> = Generator<
  readonly Move[],
  Found,
  Found | undefined
>

/** Leaves out half of the moves at once, then ever smaller pieces, then one move at a time. */
export function* leavingOut<Move, Found extends Failing<Move>>(
  failing: Found,
): Shrinking<Move, Found> {
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

/** Leaves out several moves at once, wherever they are. */
function* choosing<Move, Found extends Failing<Move>>(failing: Found): Shrinking<Move, Found> {
  for (const choice of choicesOf(failing.moves)) {
    const again = yield choice
    if (again !== undefined && again.moves.length < failing.moves.length) {
      return yield* choosing<Move, Found>(again)
    }
  }
  return failing
}

/** Some of the moves, the fewest first. */
function* choicesOf<Move>(moves: readonly Move[]): Generator<readonly Move[], void> {
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

type Found<Move> = Path<Move> & Failing<Move>

/** The failing run of a model, made short. The run itself if it does not fail again. */
export function shrink<State, Move>(
  model: CompleteModel<State, Move>,
  failing: Path<Move>,
): Path<Move> {
  const { violation, moves, recoveryMoves } = failing
  if (violation === undefined) return failing
  const long: Found<Move> = { violation, moves, recoveryMoves }
  function* shrinking(): Shrinking<Move, Found<Move>> {
    const fewer = yield* leavingOut<Move, Found<Move>>(long)
    return yield* choosing<Move, Found<Move>>(fewer)
  }
  const found = driven(shrinking(), (tried) => {
    const path = retrace(model, tried, recoveryMoves)
    return path.violation === undefined ? undefined : { ...path, violation: path.violation }
  })
  return shortestOf(model, found)
}

/** How many states each search looks at: some tenths of a second. */
const mostStates = 3_000

/** The shortest run that fails, if a short search finds it: of any moves, or else of the same moves. */
function shortestOf<State, Move>(
  model: CompleteModel<State, Move>,
  found: Found<Move>,
): Found<Move> {
  const keys = new Set(found.moves.map((move) => model.keyOf(move)))
  const restricted: CompleteModel<State, Move> = {
    ...model,
    moves: (state) => model.moves(state).filter((move) => keys.has(model.keyOf(move))),
  }
  return [model, restricted].reduce((shortest, searched) => {
    // With fewer moves it may come to a state without any.
    const { counterexample } = explore(
      { ...searched, recovery: undefined, isOver: () => true },
      { mostStates },
    )
    return counterexample !== undefined && counterexample.moves.length <= shortest.moves.length
      ? { ...counterexample, recoveryMoves: [] }
      : shortest
  }, found)
}
