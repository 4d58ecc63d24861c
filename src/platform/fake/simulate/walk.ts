/**
 * One random way through a model: so many moves of whatever happens, then only what may happen when nothing goes wrong
 * any more, until all is well. Decides when a run is over and what it failed at.
 */
import type { Model } from "../world/model.ts"
import { Random } from "./random.ts"
import { Temper } from "./temper.ts"

/** What became of a run. */
export interface Run<Move> {
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined
  /** Everything that happened until it went wrong, or until nothing went wrong any more. */
  readonly moves: readonly Move[]
  /** Which goals were reached, as bits. */
  readonly reached: number
  /** How much time has passed. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
}

/** What happens to a world that is over matters little. */
const movesAfterwards = 3

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
  let moves = model.moves(state)
  let left = steps
  for (; left > 0 && moves.length > 0 && wrong === undefined; left -= 1) {
    const index = temper.choose(moves)
    const move = moves[index] as Move
    const next = model.next(state, move)
    // Most of what happens changes nothing, so that the same may happen again.
    if (next.state !== state) {
      state = next.state
      moves = model.moves(state)
      if (model.isOver(state)) left = Math.min(left, movesAfterwards + 1)
    }
    wrong = next.wrong
    reached |= next.reached
    duration += model.recovery?.duration(move) ?? 0
    trace = Math.imul(trace ^ index ^ next.reached, 0x01000193)
    made.push(move)
  }
  wrong ??= heal(model, state, random)
  return { wrong, moves: made, reached, duration, trace: trace >>> 0 }
}

/** Goes on with nothing going wrong any more. @returns what is wrong if it does not become well again in time. */
function heal<State, Move>(
  model: Model<State, Move>,
  from: State,
  random: Random,
): string | undefined {
  const { recovery } = model
  if (recovery === undefined) return undefined
  let state = from
  let duration = 0
  for (let count = 0; !recovery.isWell(state); count += 1) {
    if (count === mostHealingMoves) return "it never becomes well again"
    const moves = model.moves(state)
    const fair = recovery.fairMoves(state, moves)
    const index = fair[random.below(fair.length)]
    if (index === undefined) return "nothing can make it well again"
    const move = moves[index] as Move
    const next = model.next(state, move)
    if (next.wrong !== undefined) return next.wrong
    state = next.state
    duration += recovery.duration(move)
    if (duration > recovery.bound) return `it was not well again within ${recovery.bound}`
  }
  return undefined
}

/** The same way again, as far as it is possible: a move that cannot be made any more is left out. */
export function retrace<State, Move>(
  model: Model<State, Move>,
  moves: readonly Move[],
): { readonly wrong: string | undefined; readonly moves: readonly Move[] } {
  const made: Move[] = []
  let state = model.initial
  for (const move of moves) {
    const same = sameAmong(model, model.moves(state), move)
    if (same === undefined) continue
    const next = model.next(state, same)
    made.push(same)
    state = next.state
    if (next.wrong !== undefined) return { wrong: next.wrong, moves: made }
  }
  return { wrong: heal(model, state, new Random(1)), moves: made }
}

/** The move that is the same there; mostly the very same, which is quicker to find. */
function sameAmong<State, Move>(
  { keyOf }: Model<State, Move>,
  moves: readonly Move[],
  move: Move,
): Move | undefined {
  if (moves.includes(move)) return move
  const key = keyOf(move)
  return moves.find((candidate) => keyOf(candidate) === key)
}
