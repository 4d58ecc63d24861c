/**
 * Lists of moves of which most stay the same from one state to the next, so that chance need not look through all of them
 * again each time. Decides nothing.
 */
import type { Model } from "./model.ts"

/** Some of what may happen in a state. */
export interface MoveList<Move> {
  /** What each of them is one of: one and the same array for all lists with the same. */
  readonly kinds: readonly string[]
  /** The move of that number. */
  at(index: number): Move
}

/** Makes lists of moves whose kinds the function tells. */
export function listing<Move>(
  kindOf: (move: Move) => string,
): (moves: readonly Move[]) => MoveList<Move> {
  const known = new Map<string, readonly string[]>()
  return (moves) => {
    const kinds = moves.map(kindOf)
    const name = kinds.join()
    const same = known.get(name) ?? kinds
    known.set(name, same)
    return { kinds: same, at: (index) => moves[index] as Move }
  }
}

/** The moves of a state in lists, one after the other. */
export interface MoveLists<State, Move> {
  /** All of them. */
  all(state: State): readonly MoveList<Move>[]
  /** None of those that may not happen when nothing goes wrong any more; some others may be missing, too. */
  fair(state: State): readonly MoveList<Move>[]
}

/** Which functions `moves` have such lists: known by the function, as a copy of it may do something else. */
const listsOfMoves = new WeakMap<object, unknown>()

/** A function `moves`, of lists. */
export function movesInLists<State, Move>(
  lists: MoveLists<State, Move>,
): (state: State) => readonly Move[] {
  const moves = (state: State): readonly Move[] => flat(lists.all(state))
  listsOfMoves.set(moves, lists)
  return moves
}

/** The lists that the model's function `moves` has; undefined where it has none. */
export function listsOf<State, Move>(
  model: Model<State, Move>,
): MoveLists<State, Move> | undefined {
  return listsOfMoves.get(model.moves) as MoveLists<State, Move> | undefined
}

/** All moves of the lists. */
export function flat<Move>(lists: readonly MoveList<Move>[]): readonly Move[] {
  const moves: Move[] = []
  for (const list of lists) {
    for (let index = 0; index < list.kinds.length; index += 1) moves.push(list.at(index))
  }
  return moves
}
