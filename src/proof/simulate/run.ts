/**
 * One random way through a model: so many moves of whatever happens, then only what may happen when nothing goes wrong
 * any more, until all is well. Decides when a run is over and what it failed at.
 */
import { attempt, type CompleteModel, durationOf, movesIn, type Next } from "../model/model.ts"
import { flat, listsOf, type MoveList } from "../model/move-list.ts"
import { mixed } from "./hash.ts"
import { Random } from "./random.ts"
import { MoveWeights } from "./move-weights.ts"

/** A way that was gone, and what it failed at. */
export interface Path<Move> {
  /** What is wrong; undefined where nothing is. */
  readonly violation: string | undefined
  /** Everything that happened until it went wrong, or until nothing went wrong any more. */
  readonly moves: readonly Move[]
  /** What happened then. */
  readonly recoveryMoves: readonly Move[]
}

/** What became of a run. */
export interface Run<Move> extends Path<Move> {
  /** How many moves there were. */
  readonly events: number
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
const mostRecoveryMoves = 10_000

export function randomRun<State, Move>(
  model: CompleteModel<State, Move>,
  seed: number,
  steps: number,
): Run<Move> {
  const random = new Random(seed)
  const weights = new MoveWeights<Move>(random, model, steps)
  const made: Move[] = []
  let state = model.initial
  let reached = 0
  let duration = 0
  let trace = seed | 0
  let violation: string | undefined
  const inLists = listsOf(model)
  let lists = inLists?.all(state) ?? []
  // Moves of the user's own may be others each time, or be written to.
  let moves = inLists === undefined ? movesIn(model, state) : []
  let left = steps
  for (; left > 0 && violation === undefined; left -= 1) {
    const index = inLists === undefined ? weights.choose(moves) : weights.chooseInLists(lists)
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
    violation = next.violation
    reached |= next.reached ?? 0
    duration += durationOf(model, move)
    trace = mixed(trace, index ^ (next.reached ?? 0))
    made.push(move)
  }
  const path =
    violation === undefined
      ? recover(model, state, made, random)
      : { violation, moves: made, recoveryMoves: [] }
  for (const move of path.recoveryMoves) duration += durationOf(model, move)
  trace = mixed(trace, path.recoveryMoves.length ^ duration)
  const events = path.moves.length + path.recoveryMoves.length
  return { ...path, events, reached, duration, trace: trace >>> 0 }
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
function recover<State, Move>(
  model: CompleteModel<State, Move>,
  from: State,
  made: readonly Move[],
  random: Random,
  known: readonly Move[] = [],
): Path<Move> {
  const { recovery } = model
  if (recovery === undefined) return { violation: undefined, moves: made, recoveryMoves: [] }
  const recoveryMoves: Move[] = []
  const inLists = listsOf(model)
  const notWell = (violation: string): Path<Move> => ({ violation, moves: made, recoveryMoves })
  let state = from
  let duration = 0
  while (!recovery.isWell(state)) {
    if (recoveryMoves.length === mostRecoveryMoves) return notWell("it never recovers")
    const moves = inLists === undefined ? movesIn(model, state) : flat(inLists.fair(state))
    const fair = recovery.fairMoves(state, moves).map((index) => moves[index] as Move)
    const wanted = known[recoveryMoves.length]
    const same = wanted === undefined ? undefined : sameAmong(model, fair, wanted)
    const move = same ?? fair[random.below(fair.length)]
    if (move === undefined) return notWell("nothing can make it recover")
    recoveryMoves.push(move)
    const next = attempt(model, state, move)
    // What is against a rule is so whether or not anything goes wrong besides.
    if (next.violation !== undefined) {
      return { violation: next.violation, moves: [...made, ...recoveryMoves], recoveryMoves: [] }
    }
    state = next.state
    duration += durationOf(model, move)
    if (duration > recovery.bound) return notWell(`it did not recover within ${recovery.bound}`)
  }
  return { violation: undefined, moves: made, recoveryMoves }
}

/**
 * The same way again, as far as it is possible: a move that cannot be made any more is left out.
 *
 * @param healing what had happened when nothing went wrong any more.
 */
export function retrace<State, Move>(
  model: CompleteModel<State, Move>,
  moves: readonly Move[],
  recoveryMoves: readonly Move[] = [],
): Path<Move> {
  const made: Move[] = []
  let state = model.initial
  for (const move of moves) {
    const same = sameAmong(model, model.moves(state), move)
    if (same === undefined) continue
    const next = attempt(model, state, same)
    made.push(same)
    state = next.state
    if (next.violation !== undefined)
      return { violation: next.violation, moves: made, recoveryMoves: [] }
  }
  return recover(model, state, made, new Random(1), recoveryMoves)
}

/** A way in words. */
export function storyOf<State, Move>(
  model: CompleteModel<State, Move>,
  { moves, recoveryMoves, violation }: Path<Move>,
): string {
  const transcript = model.format([...moves, ...recoveryMoves], violation !== undefined)
  if (recoveryMoves.length === 0) return transcript
  return `${transcript}\nThe last ${recoveryMoves.length} of these moves were made after faults had ended.\n`
}

/**
 * The move that is the same there: the very same, or one with the same key. Of several such moves, as those of two
 * processes in one slot, it is the one that reads the same.
 */
export function sameAmong<State, Move>(
  { keyOf, describe }: CompleteModel<State, Move>,
  moves: readonly Move[],
  move: Move,
): Move | undefined {
  if (moves.includes(move)) return move
  const key = keyOf(move)
  const alike = moves.filter((candidate) => keyOf(candidate) === key)
  if (alike.length < 2) return alike[0]
  const text = describe(move)
  return alike.find((candidate) => describe(candidate) === text) ?? alike[0]
}
