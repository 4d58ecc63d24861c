/**
 * What can be searched through: a beginning, everything that may happen in a state, and what comes of it. Decides
 * nothing but that a model that throws is wrong.
 */
import { shown } from "../../core/plan/checks.ts"
import { errorText } from "../../worker/error-text.ts"
import type { Encoder } from "./encoder.ts"

/** A world in which several things may happen at any time. States are values: none is ever written to. */
export interface Model<State, Move> {
  /** Where every history begins. */
  readonly initial: State
  /** Everything that may happen now, always in the same order. None only where the world is over. */
  moves(state: State): readonly Move[]
  /** What comes of it. The very same state where nothing does. */
  next(state: State, move: Move): Next<State>
  /** Writes all of the state that its future depends on: states with the same words count as one. */
  write(state: State, encoder: Encoder): void
  /** Tells the worlds of one model from those of another, and of another version. */
  readonly identity: string
  /** A move in words. */
  describe(move: Move): string
  /**
   * A history in words, with what each move led to.
   *
   * @param isWrong whether it goes wrong at its end. Default: true.
   */
  format(moves: readonly Move[], isWrong?: boolean): string
  /**
   * A history as a picture: the text of an SVG.
   *
   * @param wrong what is wrong at its end, which stands above it. Default: nothing is.
   */
  draw?(moves: readonly Move[], violation?: string): string
  /** What makes a move the same in another state: at most one of those possible there has it. */
  keyOf(move: Move): string
  /** What a move is one of: chance knows likely and unlikely kinds. */
  kindOf(move: Move): string
  /** What moves of that kind are in a history: chance makes each begin, go on, and not end at once. */
  classOf(kind: string): MoveClass
  /** Whether nothing that happens any more is of interest. */
  isOver(state: State): boolean
  /** What must happen at least once in a search that proves anything, by name. */
  readonly goals: readonly string[]
  /** What is promised of every state if nothing goes wrong any more. Default: nothing. */
  readonly recovery?: Recovery<State, Move> | undefined
}

/**
 * Little happens before a beginning, without progress, or after an ending. Trouble is whatever else matters, and is called
 * unrest where so much of it is possible at a time that each may be rarer. Noise should do nothing, nor should what is late,
 * of which there is a great deal, too.
 */
export type MoveClass =
  "start" | "progress" | "disturbance" | "frequent-disturbance" | "no-op" | "late" | "end"

/** What comes of a move. */
export interface Next<State> {
  /** The state that it leads to. */
  readonly state: State
  /** What is wrong with it; undefined where nothing is. */
  readonly violation?: string | undefined
  /** Which goals were reached by it: bit 0 for the first of them, and so on. */
  readonly reached: number
}

/** Everything that may happen. @throws {TypeError} where the model returns something else. @internal */
export function movesIn<State, Move>(model: Model<State, Move>, state: State): readonly Move[] {
  const moves: unknown = model.moves(state)
  if (Array.isArray(moves)) return moves as Move[]
  throw new TypeError(
    `Cannot go on as "moves" of the model must return an array: current value is ${shown(moves)}`,
  )
}

/**
 * What comes of a move, also where the model throws: that is wrong, like anything else.
 *
 * @throws {TypeError} where it returns nothing to go on from. @internal
 */
export function attempt<State, Move>(
  model: Model<State, Move>,
  state: State,
  move: Move,
): Next<State> {
  let next: Next<State>
  try {
    next = model.next(state, move)
  } catch (error) {
    return { state, violation: `it threw ${errorText(error)}`, reached: 0 }
  }
  if (typeof next === "object" && next !== null && ("state" in next || "violation" in next))
    return next
  throw new TypeError(
    `Cannot go on as "next" of the model must return an object with a "state": current value is ${shown(next)}`,
  )
}

/** That, once faults have ended, every state leads to one that is well, in bounded time, whatever the order of events. */
export interface Recovery<State, Move> {
  /** Whether all is well, or over. */
  isWell(state: State): boolean
  /**
   * Which of the moves may still happen, by their numbers, when nothing goes wrong any more; those that let time pass
   * only when nothing else has to come first.
   */
  fairMoves(state: State, moves: readonly Move[]): readonly number[]
  /** How much time a move takes. */
  duration(move: Move): number
  /** How long it may take at most. */
  readonly bound: number
}
