/**
 * Lists of moves. Most lists have the same kinds from one state to the next, so a simulation need not look at every move
 * each time.
 */
import type { CompleteModel, Recovery } from "./model.ts"

/**
 * Some of the moves of a state. A list belongs to no state: one list serves all states that have its kinds, and makes a move when
 * it is asked for. Mostly that is never.
 */
export interface MoveList<State, Move> {
  /** The kind of each of them. Lists with the same kinds mostly share one array. */
  readonly kinds: readonly string[]
  /** The move of that number in that state. */
  at(state: State, index: number): Move
}

/** The moves of a state in lists, one after the other. */
export interface MoveLists<State, Move> {
  /** All of them. */
  all(state: State): readonly MoveList<State, Move>[]
  /** Lists with all moves that may happen once faults have ended, and few others. */
  fair(state: State): readonly MoveList<State, Move>[]
}

/** The functions of a model that its lists agree with. */
type Listed<State, Move> = Pick<CompleteModel<State, Move>, "kindOf"> &
  Pick<Recovery<State, Move>, "fairMoves">

/** The lists of each such function. */
const listsOfMoves = new WeakMap<object, Listed<never, never> & { lists: unknown }>()

/** A function `moves` for a model whose other functions agree with the lists. */
export function movesInLists<State, Move>(
  lists: MoveLists<State, Move>,
  { kindOf, fairMoves }: Listed<State, Move>,
): (state: State) => readonly Move[] {
  const moves = (state: State): readonly Move[] => flat(lists.all(state), state)
  listsOfMoves.set(moves, { lists, kindOf, fairMoves })
  return moves
}

/** The lists of a model; undefined if it has none, or if its functions were replaced since. */
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

/** All moves of the lists in that state. */
export function flat<State, Move>(
  lists: readonly MoveList<State, Move>[],
  state: State,
): readonly Move[] {
  const moves: Move[] = []
  for (const list of lists) {
    for (let index = 0; index < list.kinds.length; index += 1) moves.push(list.at(state, index))
  }
  return moves
}
