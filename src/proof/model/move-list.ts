/**
 * Lists of moves of which most stay the same from one state to the next, so that chance need not look through all of them
 * again each time. Decides nothing.
 */
import type { CompleteModel, Recovery } from "./model.ts"

/** Some of what may happen in a state. */
export interface MoveList<Move> {
  /** What each of them is one of: one and the same array for all lists with the same. */
  readonly kinds: readonly string[]
  /** The move of that number. */
  at(index: number): Move
}

/** A list of moves that are made when one of them is asked for: mostly that is never. */
export function lazyList<Move>(
  kinds: readonly string[],
  make: () => readonly Move[],
): MoveList<Move> {
  let moves: readonly Move[] | undefined
  return { kinds, at: (index) => (moves ??= make())[index] as Move }
}

/** The moves of a state in lists, one after the other. */
export interface MoveLists<State, Move> {
  /** All of them. */
  all(state: State): readonly MoveList<Move>[]
  /** Those that have all moves which may happen when nothing goes wrong any more, and few others. */
  fair(state: State): readonly MoveList<Move>[]
}

/** The functions of a model that its lists say the same as. */
type Listed<State, Move> = Pick<CompleteModel<State, Move>, "kindOf"> &
  Pick<Recovery<State, Move>, "fairMoves">

/** Which functions `moves` have such lists. */
const listsOfMoves = new WeakMap<object, Listed<never, never> & { lists: unknown }>()

/** A function `moves`, of lists that say the same as the other functions of its model. */
export function movesInLists<State, Move>(
  lists: MoveLists<State, Move>,
  { kindOf, fairMoves }: Listed<State, Move>,
): (state: State) => readonly Move[] {
  const moves = (state: State): readonly Move[] => flat(lists.all(state))
  listsOfMoves.set(moves, { lists, kindOf, fairMoves })
  return moves
}

/** The lists that a model has; undefined where it has none, or has got other functions since. */
export function listsOf<State, Move>({
  moves,
  kindOf,
  recovery,
}: Pick<CompleteModel<State, Move>, "moves" | "kindOf" | "recovery">):
  MoveLists<State, Move> | undefined {
  const known = listsOfMoves.get(moves)
  if (known === undefined || known.kindOf !== kindOf) return undefined
  if (recovery !== undefined && recovery.fairMoves !== known.fairMoves) return undefined
  return known.lists as MoveLists<State, Move>
}

/** All moves of the lists. */
export function flat<Move>(lists: readonly MoveList<Move>[]): readonly Move[] {
  const moves: Move[] = []
  for (const list of lists) {
    for (let index = 0; index < list.kinds.length; index += 1) moves.push(list.at(index))
  }
  return moves
}
