/**
 * What can be searched and simulated: a first state, everything that may happen in a state, and what comes of it. Three
 * members are enough; the rest have defaults.
 */
import { wrong } from "../../core/plan/checks.ts"
import { errorText } from "../../worker/error-text.ts"
import type { Encoder } from "./encoder.ts"

/**
 * A world in which several things may happen at any time. States are values and never written to.
 *
 * @example
 * ```ts
 * import { explore, type Model } from "kamisama/fake"
 *
 * // Two workers take a lock that is free; the other one must wait.
 * const lock: Model<{ readonly holder: number | null }, string> = {
 *   initial: { holder: null },
 *   moves: ({ holder }) => (holder === null ? ["1 takes it", "2 takes it"] : ["it is released"]),
 *   next: (_state, move) => ({
 *     state: { holder: move === "it is released" ? null : Number(move[0]) },
 *   }),
 * }
 * console.log(explore(lock).isProof) // true
 * ```
 */
export interface Model<State, Move> {
  /** Where every run begins. */
  readonly initial: State
  /** Everything that may happen now, always in the same order. Empty only if the world is over. */
  moves(state: State): readonly Move[]
  /** What comes of a move. The very same state if nothing does. */
  next(state: State, move: Move): Next<State>
  /**
   * Writes everything that the future of a state depends on: states with the same words count as one.
   * Default: all of the state, which must be plain data then.
   */
  write?(state: State, encoder: Encoder): void
  /** Tells the worlds of this model from those of another model or version. Default: "", and replays are not compared. */
  readonly identity?: string | undefined
  /** A move in words. Default: its text, and JSON for an object. */
  describe?(move: Move): string
  /**
   * A run in words, with what each move led to. Default: a numbered list of the moves.
   *
   * @param isWrong whether the run fails at its end. Default: true.
   */
  format?(moves: readonly Move[], isWrong?: boolean): string
  /**
   * A run as a picture: the text of an SVG. Default: none.
   *
   * @param violation what is wrong at its end, as the title. Default: nothing is.
   */
  draw?(moves: readonly Move[], violation?: string): string
  /** What makes a move the same in another state. No two moves of one state share it. Default: what `describe` returns. */
  keyOf?(move: Move): string
  /** The kind of a move: in each run some kinds are likely, and others are not. Default: what `describe` returns. */
  kindOf?(move: Move): string
  /** What moves of that kind do in a run. Default: "progress". */
  classOf?(kind: string): MoveClass
  /** Whether nothing that may still happen is of interest. Default: never, so a state without moves is a violation. */
  isOver?(state: State): boolean
  /** What must happen at least once in a search that proves anything, by name. Default: nothing. */
  readonly goals?: readonly string[] | undefined
  /** What is promised of every state once faults have ended. Default: nothing. */
  readonly recovery?: Recovery<State, Move> | undefined
}

/** A model that leaves nothing to defaults. Only `draw` and `recovery` may be missing. */
export type CompleteModel<State, Move> = Pick<
  Model<State, Move>,
  "initial" | "draw" | "recovery"
> & {
  readonly [
    Name in Exclude<keyof Model<State, Move>, "initial" | "draw" | "recovery">
  ]-?: NonNullable<Model<State, Move>[Name]>
}

/**
 * Moves of the classes "start" and "end" are rare: the first begin a run, the others end it. "progress" is never left out.
 * A "disturbance" is often left out; "frequent-disturbance" is for those of which many are possible at a time. A "no-op"
 * should change nothing, and neither should a move that comes too "late", of which there are many.
 */
export type MoveClass =
  "start" | "progress" | "disturbance" | "frequent-disturbance" | "no-op" | "late" | "end"

/** What comes of a move. */
export interface Next<State> {
  /** The state that it leads to. */
  readonly state: State
  /** What is wrong with it; undefined if nothing is. */
  readonly violation?: string | undefined
  /** Which goals it reached: bit 0 for the first goal, and so on. Default: 0, none. */
  readonly reached?: number | undefined
}

/** That, once faults have ended, every state leads to one that is well, in bounded time, whatever the order of events. */
export interface Recovery<State, Move> {
  /** Whether all is well, or over. */
  isWell(state: State): boolean
  /**
   * Which of the moves may still happen once faults have ended, by their numbers. Those that let time pass only if nothing
   * else has to come first.
   */
  fairMoves(state: State, moves: readonly Move[]): readonly number[]
  /** How much time a move takes. */
  duration(move: Move): number
  /** How long recovery may take at most. */
  readonly bound: number
}

/** Everything that may happen. @throws {TypeError} if the model returns something else. @internal */
export function movesIn<State, Move>(
  model: Pick<Model<State, Move>, "moves">,
  state: State,
): readonly Move[] {
  const moves: unknown = model.moves(state)
  if (Array.isArray(moves)) return moves as Move[]
  throw wrong(TypeError, "model", `"moves" must return an array`, moves)
}

/**
 * What comes of a move. If the model throws, that is a violation like any other.
 *
 * @throws {TypeError} if it returns nothing to continue from. @internal
 */
export function attempt<State, Move>(
  model: Pick<Model<State, Move>, "next">,
  state: State,
  move: Move,
): Next<State> {
  let next: Next<State>
  try {
    next = model.next(state, move)
  } catch (error) {
    return { state, violation: `it threw ${errorText(error)}` }
  }
  if (typeof next === "object" && next !== null && ("state" in next || "violation" in next))
    return next
  throw wrong(TypeError, "model", `"next" must return an object with a "state"`, next)
}

/** How much time a move takes. @throws {RangeError} if the model returns no duration. @internal */
export function durationOf<State, Move>(
  { recovery }: Pick<Model<State, Move>, "recovery">,
  move: Move,
): number {
  const duration = recovery?.duration(move) ?? 0
  if (duration >= 0 && duration < Infinity) return duration
  throw wrong(RangeError, "model", `"recovery.duration" must return a number, 0 or more`, duration)
}
