/**
 * One random run of a model: a number of moves by chance, then only those that may happen once faults have ended, until the model
 * has recovered.
 */
import { attempt, type CompleteModel, durationOf, movesIn, type Next } from "../model/model.ts"
import { flat, listsOf, type MoveList } from "../model/move-list.ts"
import { mixed } from "./hash.ts"
import { Random } from "./random.ts"
import { MoveWeights } from "./move-weights.ts"

/** The moves of a run, and what it failed at. */
export interface Path<Move> {
  /** What is wrong; undefined if nothing is. */
  readonly violation: string | undefined
  /** The moves until it failed, or until faults ended. */
  readonly moves: readonly Move[]
  /** The moves after faults had ended. */
  readonly recoveryMoves: readonly Move[]
}

/** What came of a run. */
export interface Run<Move> extends Path<Move> {
  /** How many moves there were. */
  readonly events: number
  /** The goals that were reached, as bits. */
  readonly reached: number
  /** How much time passed in it. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
}

/** Few moves are made in a world that is over. */
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
  // A model of the user may return other moves each time, or write to its list.
  let moves = inLists === undefined ? movesIn(model, state) : []
  let left = steps
  for (; left > 0 && violation === undefined; left -= 1) {
    const index = inLists === undefined ? weights.choose(moves) : weights.chooseInLists(lists)
    const move = inLists === undefined ? moves[index] : moveAt(lists, state, index)
    if (move === undefined) break
    const next: Next<State> = attempt(model, state, move)
    // Most moves change nothing, so the same moves are possible again.
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

/** The move of that number among those of all lists in that state; undefined if there is none. */
function moveAt<State, Move>(
  lists: readonly MoveList<State, Move>[],
  state: State,
  index: number,
): Move | undefined {
  let left = index
  for (const list of lists) {
    const { length } = list.kinds
    if (left < length) return list.at(state, left)
    left -= length
  }
  return undefined
}

/**
 * Continues after faults have ended.
 *
 * @param made the moves before that.
 * @param known moves to make first, as far as they are possible.
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
    const moves = inLists === undefined ? movesIn(model, state) : flat(inLists.fair(state), state)
    const fair = recovery.fairMoves(state, moves).map((index) => moves[index] as Move)
    const wanted = known[recoveryMoves.length]
    const same = wanted === undefined ? undefined : sameAmong(model, fair, wanted)
    const move = same ?? fair[random.below(fair.length)]
    if (move === undefined) return notWell("nothing can make it recover")
    recoveryMoves.push(move)
    const next = attempt(model, state, move)
    // A violation is one whether or not faults have ended.
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
 * The same run again, as far as possible: a move that is no longer possible is left out.
 *
 * @param recoveryMoves the moves after faults had ended.
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

/** A run in words. */
export function transcriptOfPath<State, Move>(
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
