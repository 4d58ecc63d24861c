/**
 * The states that a search has yet to continue from: all that are equally far from the first one.
 *
 * A state takes some hundred times as much memory as its fingerprint. So if there are many, none of them is held. The search
 * knows which move of which state has led to each, so it makes them again, one by one, from the last ones that it holds.
 */
import { type CompleteModel, movesIn } from "../model/model.ts"
import type { Visited } from "./visited.ts"

/** A state on the way from one that is held to one of the frontier. */
interface Stop<State, Move> {
  readonly number: number
  readonly state: State
  /** Its moves, once they were asked for. */
  moves: readonly Move[] | undefined
}

export class Frontier<State, Move> {
  /** The number of the first of them, and of the first that is farther. */
  first = 0
  end = 1
  readonly #model: CompleteModel<State, Move>
  readonly #visited: Visited
  readonly #mostHeld: number
  /** States that are held: those of the frontier, or of one before it. */
  #held: readonly State[]
  #firstHeld = 0
  /** How many moves the frontier is away from them. */
  #distance = 0
  /** The way to the state that was made last. States are asked for in their order, so most of it leads to the next one, too. */
  readonly #way: Stop<State, Move>[] = []
  readonly #missing: number[] = []
  /** The states of the next frontier; undefined if there are too many. */
  #following: State[] | undefined = []

  constructor(model: CompleteModel<State, Move>, visited: Visited, mostHeld: number) {
    this.#model = model
    this.#visited = visited
    this.#mostHeld = mostHeld
    this.#held = [model.initial]
  }

  /** The state of that number, which is in the frontier. */
  at(number: number): State {
    if (this.#distance === 0) return this.#held[number - this.first] as State
    return this.#madeAgain(number)
  }

  /** Adds a state to the next frontier. */
  addFollowing(state: State): void {
    const following = this.#following
    if (following === undefined) return
    if (following.length === this.#mostHeld) this.#following = undefined
    else following.push(state)
  }

  /** Continues with the next frontier. */
  advance(): void {
    this.first = this.end
    this.end = this.#visited.size
    if (this.#following === undefined) this.#distance += 1
    else {
      this.#held = this.#following
      this.#firstHeld = this.first
      this.#distance = 0
      this.#way.length = 0
    }
    this.#following = []
  }

  #madeAgain(number: number): State {
    const way = this.#way
    const missing = this.#missing
    let from = number
    let distance = this.#distance
    while (distance > 0 && way[distance]?.number !== from) {
      missing[distance] = from
      from = this.#visited.parentOf(from)
      distance -= 1
    }
    if (distance === 0 && way[0]?.number !== from) {
      const state = this.#held[from - this.#firstHeld] as State
      way[0] = { number: from, state, moves: undefined }
    }
    for (; distance < this.#distance; distance += 1) {
      const before = way[distance] as Stop<State, Move>
      before.moves ??= movesIn(this.#model, before.state)
      const to = missing[distance + 1] as number
      const move = before.moves[this.#visited.moveTo(to)] as Move
      const { state } = this.#model.next(before.state, move)
      way[distance + 1] = { number: to, state, moves: undefined }
    }
    return (way[distance] as Stop<State, Move>).state
  }
}
