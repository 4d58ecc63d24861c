/**
 * Searches everything that can happen in a model, breadth first, until nothing new is left: a proof that nothing in the model
 * is ever wrong. The model decides what may happen, what is wrong and which states are the same.
 */
import { checkOptions } from "../../core/plan/checks.ts"
import { func, positive } from "../../core/plan/forms.ts"
import { completed } from "../model/complete-model.ts"
import { attempt, type CompleteModel, durationOf, type Model, movesIn } from "../model/model.ts"
import { FairSteps } from "./recovery.ts"
import { Frontier } from "./frontier.ts"
import { Visited } from "./visited.ts"
import { Encoder } from "../model/encoder.ts"

/** How a search is limited and timed. */
export interface ExploreOptions {
  /**
   * After how many states to stop without a proof. Default: 50 000 000, which takes some 1.5 GB, and as much again if a recovery is
   * promised.
   */
  readonly mostStates?: number | undefined
  /**
   * How many of the states that are still to be searched may be in memory. If there are more, they are made again from their moves,
   * which takes up to twice as long. Default: 300 000.
   */
  readonly mostHeld?: number | undefined
  /** The time, in ms, for the figures of speed. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
}

/** What a search has found. */
export interface Exploration<Move> {
  /** Whether everything was seen, nothing was wrong, and every goal was reached. Only then is it a proof. */
  readonly isProof: boolean
  /** Whether every state was searched. */
  readonly isComplete: boolean
  /** How many different states were found. */
  readonly states: number
  /** How many moves were tried from them. */
  readonly transitions: number
  /** How many moves the state that is farthest from the first one is away. */
  readonly depth: number
  /** How long the search took. */
  readonly seconds: number
  /** About how likely it is that two different states were taken for one. */
  readonly collisionProbability: number
  /** Goals that were never reached. */
  readonly uncovered: readonly string[]
  /** The longest time that any state takes to recover; undefined if the model promises no recovery. */
  readonly slowestRecovery: number | undefined
  /** The shortest run with a violation; undefined if none was found. */
  readonly counterexample: Counterexample<Move> | undefined
}

/** A run that ends with a violation. */
export interface Counterexample<Move> {
  /** The rule, and what is wrong. */
  readonly violation: string
  /** The moves that lead there. */
  readonly moves: readonly Move[]
}

/**
 * Searches everything that can happen in a model (exhaustive search, model checking).
 *
 * @throws {RangeError} if `mostStates` or `mostHeld` is not a positive integer, the model writes something other than integers, or the
 *   duration of a move is not a number of 0 or more.
 * @throws {TypeError} if an option has an unknown name, or a member of the model is missing or has the wrong type.
 */
export function explore<State, Move>(
  model: Model<State, Move>,
  options: ExploreOptions = {},
): Exploration<Move> {
  const complete = completed(model, "explore")
  checkOptions("explore", options, { mostStates: positive, mostHeld: positive, clock: func })
  const { mostStates = 50_000_000, mostHeld = 300_000, clock = Date.now } = options
  const startedAt = clock()
  const search = new Search(complete, mostStates, mostHeld)
  while (search.isUnfinished) search.goDeeper()
  return search.result((clock() - startedAt) / 1_000)
}

function writesNothing(): TypeError {
  return new TypeError(
    `explore: "model.write" must write something of at least one of two states, got nothing`,
  )
}

/** One search: the states that it has found, and those that it has yet to continue from. */
class Search<State, Move> {
  readonly #model: CompleteModel<State, Move>
  readonly #mostStates: number
  readonly #encoder = new Encoder()
  readonly #visited = new Visited()
  readonly #fairSteps = new FairSteps()
  readonly #frontier: Frontier<State, Move>
  #transitions = 0
  #depth = 0
  #reached = 0
  #hasWritten = false
  #found: { readonly violation: string; readonly state: number; readonly move?: Move } | undefined

  constructor(model: CompleteModel<State, Move>, mostStates: number, mostHeld: number) {
    this.#model = model
    this.#mostStates = mostStates
    this.#frontier = new Frontier(model, this.#visited, mostHeld)
    this.#meet(model.initial, 0, 0)
  }

  get size(): number {
    return this.#visited.size
  }

  get isUnfinished(): boolean {
    return this.#hasFrontier && !this.#isCutShort
  }

  get #hasFrontier(): boolean {
    return this.#frontier.first < this.#frontier.end
  }

  /** Whether the search stops early: at a violation, or at the limit. */
  get #isCutShort(): boolean {
    return this.#found !== undefined || this.size > this.#mostStates
  }

  /** Takes one move from each state of the frontier. */
  goDeeper(): void {
    const frontier = this.#frontier
    for (let number = frontier.first; number < frontier.end; number += 1) {
      this.#continueFrom(frontier.at(number), number)
      if (this.#isCutShort) return
    }
    frontier.advance()
    if (this.#hasFrontier) this.#depth += 1
  }

  #continueFrom(state: State, number: number): void {
    const model = this.#model
    const moves = movesIn(model, state)
    if (moves.length === 0 && !model.isOver(state)) {
      this.#found = { violation: "nothing can happen, and it is not over", state: number }
      return
    }
    const fair = this.#fairMovesOf(state, number, moves)
    for (let index = 0; index < moves.length; index += 1) {
      const move = moves[index] as Move
      const next = attempt(model, state, move)
      this.#transitions += 1
      this.#reached |= next.reached ?? 0
      if (next.violation !== undefined) {
        this.#found = { violation: next.violation, state: number, move }
        return
      }
      let to = number
      if (next.state !== state) {
        const met = this.#meet(next.state, number, index)
        if (!this.#hasWritten) throw writesNothing()
        to = met < 0 ? ~met : met
        if (met >= 0) this.#frontier.addFollowing(next.state)
      }
      if (fair.length > 0 && fair.includes(index)) {
        this.#fairSteps.add(number, to, durationOf(model, move))
      }
    }
  }

  /** The moves that may still happen once faults have ended, by their numbers. None matter in a state that is well. */
  #fairMovesOf(state: State, number: number, moves: readonly Move[]): readonly number[] {
    const { recovery } = this.#model
    if (recovery === undefined) return []
    if (!recovery.isWell(state)) return recovery.fairMoves(state, moves)
    this.#fairSteps.well(number)
    return []
  }

  #meet(state: State, parent: number, move: number): number {
    const encoder = this.#encoder
    encoder.clear()
    this.#model.write(state, encoder)
    this.#hasWritten ||= encoder.length > 0
    encoder.fingerprint()
    return this.#visited.add(encoder.low, encoder.high, parent, move)
  }

  result(seconds: number): Exploration<Move> {
    const { goals, recovery } = this.#model
    const isComplete = !this.#hasFrontier && this.#found === undefined
    const slowest =
      isComplete && recovery !== undefined ? this.#fairSteps.slowest(this.size) : undefined
    const uncovered = goals.filter((_, index) => (this.#reached & (1 << index)) === 0)
    const counterexample = this.#counterexample(slowest)
    return {
      isProof: isComplete && counterexample === undefined && uncovered.length === 0,
      isComplete,
      states: this.size,
      transitions: this.#transitions,
      depth: this.#depth,
      seconds,
      collisionProbability: this.#visited.collisionProbability,
      uncovered,
      slowestRecovery: slowest?.duration,
      counterexample,
    }
  }

  #counterexample(
    slowest: { readonly duration: number; readonly from: number } | undefined,
  ): Counterexample<Move> | undefined {
    if (this.#found !== undefined) {
      const { violation, state, move } = this.#found
      const before = this.#movesTo(state)
      return { violation, moves: move === undefined ? before : [...before, move] }
    }
    const bound = this.#model.recovery?.bound ?? Infinity
    if (slowest === undefined || slowest.duration <= bound) return undefined
    const { duration, from } = slowest
    const violation =
      duration === Infinity
        ? "from here it may never recover"
        : `from here recovery may take ${duration}, and ${bound} are promised`
    return { violation, moves: this.#movesTo(from) }
  }

  #movesTo(state: number): Move[] {
    let at = this.#model.initial
    return this.#visited.pathTo(state).map((index) => {
      const move = this.#model.moves(at)[index]
      if (move === undefined) throw new Error("[BUG] a path has a move that does not exist")
      at = this.#model.next(at, move).state
      return move
    })
  }
}
