/**
 * One random way through a model: so many moves of whatever happens, then only what may happen when nothing goes wrong
 * any more, until all is well. Decides when a run is over and what it failed at.
 */
import { attempt, type Model, movesIn, type Next } from "../model/model.ts"
import { durationOf } from "../model/check-model.ts"
import { flat, listsOf, type MoveList } from "../model/move-list.ts"
import { Random } from "./random.ts"
import { Temper } from "./move-weights.ts"

/** A way that was gone, and what it failed at. */
export interface Way<Move> {
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined
  /** Everything that happened until it went wrong, or until nothing went wrong any more. */
  readonly moves: readonly Move[]
  /** What happened then. */
  readonly healing: readonly Move[]
}

/** What became of a run. */
export interface Run<Move> extends Way<Move> {
  /** Which goals were reached, as bits. */
  readonly reached: number
  /** How much time has passed. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
}

/** What happens to a world that is over matters little. */
const movesAfterwards = 1

/** A recovery that takes more moves than this has no end. */
const mostHealingMoves = 10_000

export function walk<State, Move>(
  model: Model<State, Move>,
  seed: number,
  steps: number,
): Run<Move> {
  const random = new Random(seed)
  const temper = new Temper<Move>(random, model, steps)
  const made: Move[] = []
  let state = model.initial
  let reached = 0
  let duration = 0
  let trace = seed | 0
  let wrong: string | undefined
  const inLists = listsOf(model)
  let lists = inLists?.all(state) ?? []
  // Moves of the user's own may be others each time, or be written to.
  let moves = inLists === undefined ? movesIn(model, state) : []
  let left = steps
  for (; left > 0 && wrong === undefined; left -= 1) {
    const index = inLists === undefined ? temper.choose(moves) : temper.chooseInLists(lists)
    const move = inLists === undefined ? moves[index] : moveAt(lists, index)
    if (move === undefined) break
    const next: Next<State> = attempt(model, state, move)
    // Most of what happens changes nothing, so that the same may happen again.
    if (next.state !== state) {
      state = next.state
      if (inLists === undefined) moves = movesIn(model, state)
      else lists = inLists.all(state)
      if (model.isOver(state)) left = Math.min(left, movesAfterwards + 1)
    }
    wrong = next.wrong
    reached |= next.reached
    duration += durationOf(model, move)
    trace = Math.imul(trace ^ index ^ next.reached, 0x01000193)
    made.push(move)
  }
  const way =
    wrong === undefined ? heal(model, state, made, random) : { wrong, moves: made, healing: [] }
  for (const move of way.healing) duration += durationOf(model, move)
  trace = Math.imul(trace ^ way.healing.length ^ duration, 0x01000193)
  return { ...way, reached, duration, trace: trace >>> 0 }
}

/** The move of that number among those of all lists; undefined where there is none. */
function moveAt<Move>(lists: readonly MoveList<Move>[], index: number): Move | undefined {
  let left = index
  for (const list of lists) {
    const { length } = list.kinds
    if (left < length) return list.at(left)
    left -= length
  }
  return undefined
}

/**
 * Goes on with nothing going wrong any more.
 *
 * @param made what had happened before.
 * @param known what is to happen first, as far as it may.
 */
function heal<State, Move>(
  model: Model<State, Move>,
  from: State,
  made: readonly Move[],
  random: Random,
  known: readonly Move[] = [],
): Way<Move> {
  const { recovery } = model
  if (recovery === undefined) return { wrong: undefined, moves: made, healing: [] }
  const healing: Move[] = []
  const inLists = listsOf(model)
  const notWell = (wrong: string): Way<Move> => ({ wrong, moves: made, healing })
  let state = from
  let duration = 0
  while (!recovery.isWell(state)) {
    if (healing.length === mostHealingMoves) return notWell("it never becomes well again")
    const moves = inLists === undefined ? movesIn(model, state) : flat(inLists.fair(state))
    const fair = recovery.fairMoves(state, moves).map((index) => moves[index] as Move)
    const wanted = known[healing.length]
    const same = wanted === undefined ? undefined : sameAmong(model, fair, wanted)
    const move = same ?? fair[random.below(fair.length)]
    if (move === undefined) return notWell("nothing can make it well again")
    healing.push(move)
    const next = attempt(model, state, move)
    // What is against a rule is so whether or not anything goes wrong besides.
    if (next.wrong !== undefined) {
      return { wrong: next.wrong, moves: [...made, ...healing], healing: [] }
    }
    state = next.state
    duration += durationOf(model, move)
    if (duration > recovery.bound) return notWell(`it was not well again within ${recovery.bound}`)
  }
  return { wrong: undefined, moves: made, healing }
}

/**
 * The same way again, as far as it is possible: a move that cannot be made any more is left out.
 *
 * @param healing what had happened when nothing went wrong any more.
 */
export function retrace<State, Move>(
  model: Model<State, Move>,
  moves: readonly Move[],
  healing: readonly Move[] = [],
): Way<Move> {
  const made: Move[] = []
  let state = model.initial
  for (const move of moves) {
    const same = sameAmong(model, model.moves(state), move)
    if (same === undefined) continue
    const next = attempt(model, state, same)
    made.push(same)
    state = next.state
    if (next.wrong !== undefined) return { wrong: next.wrong, moves: made, healing: [] }
  }
  return heal(model, state, made, new Random(1), healing)
}

/** A way in words. */
export function storyOf<State, Move>(
  model: Model<State, Move>,
  { moves, healing, wrong }: Way<Move>,
): string {
  const story = model.tell([...moves, ...healing], wrong !== undefined)
  if (healing.length === 0) return story
  return `${story}\nThe last ${healing.length} of these moves were made when nothing went wrong any more.\n`
}

/**
 * The move that is the same there; mostly the very same, which is quicker to find, and the only way to tell apart two
 * processes in one slot.
 */
export function sameAmong<State, Move>(
  { keyOf }: Model<State, Move>,
  moves: readonly Move[],
  move: Move,
): Move | undefined {
  if (moves.includes(move)) return move
  const key = keyOf(move)
  return moves.find((candidate) => keyOf(candidate) === key)
}
