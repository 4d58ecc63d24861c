/**
 * What a run tends to: in each, some kinds of things happen often, some seldom and some never, by lot. What would be rare
 * in a thousand even runs is common in some of the uneven ones. Decides how likely each move is, and nothing else.
 */
import type { Random } from "./random.ts"

/** What is drawn from, for a kind of moves: for those that end a run, and for all others. */
const endingWeights = [0, 0, 1]
const weights = [0, 8, 32, 32, 128]
const heaviest = 128

export class Temper<Move> {
  readonly #random: Random
  readonly #kindOf: (move: Move) => string
  readonly #isEnding: (kind: string) => boolean
  readonly #weights = new Map<string, number>()

  constructor(random: Random, kindOf: (move: Move) => string, isEnding: (kind: string) => boolean) {
    this.#random = random
    this.#kindOf = kindOf
    this.#isEnding = isEnding
  }

  /** The number of the move that happens; all are equal where none of them is ever to happen. */
  choose(moves: readonly Move[]): number {
    // Drawn and taken or left, which mostly is quicker than adding up, and gives each the same chance.
    for (let draw = 0; draw < 16; draw += 1) {
      const index = this.#random.below(moves.length)
      if (this.#weightOf(moves[index] as Move) > this.#random.below(heaviest)) return index
    }
    let total = 0
    for (const move of moves) total += this.#weightOf(move)
    if (total === 0) return this.#random.below(moves.length)
    let left = this.#random.below(total)
    for (const [index, move] of moves.entries()) {
      left -= this.#weightOf(move)
      if (left < 0) return index
    }
    throw new Error("[BUG] weights do not add up")
  }

  #weightOf(move: Move): number {
    const kind = this.#kindOf(move)
    const known = this.#weights.get(kind)
    if (known !== undefined) return known
    const lot = this.#isEnding(kind) ? endingWeights : weights
    const weight = lot[this.#random.below(lot.length)] ?? 0
    this.#weights.set(kind, weight)
    return weight
  }
}
