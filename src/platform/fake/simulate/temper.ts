/**
 * What a run tends to: in each, some kinds of things happen often, some seldom and some never, by lot, and what ends it
 * happens no sooner than a moment that is drawn, too. What would be rare in a thousand even runs is common in some of the
 * uneven ones. Decides how likely each move is, and nothing else.
 */
import type { Part } from "../world/model.ts"
import type { Random } from "./random.ts"

/** What is drawn from, for a kind of moves that may be left out, and for one that may not. */
const weights = [0, 0, 8, 32, 128]
const progressWeights = [16, 64, 128]
const heaviest = 128

export interface Nature<Move> {
  kindOf(move: Move): string
  partOf(kind: string): Part
}

export class Temper<Move> {
  readonly #random: Random
  readonly #nature: Nature<Move>
  readonly #weights = new Map<string, number>()
  /** How many moves come before one that ends the run. */
  readonly #endsAfter: number
  #made = 0

  /** @param steps how many moves a run has at most. */
  constructor(random: Random, nature: Nature<Move>, steps: number) {
    this.#random = random
    this.#nature = nature
    this.#endsAfter = random.below(steps)
  }

  /** The number of the move that happens; all are equal where none of them is ever to happen. */
  choose(moves: readonly Move[]): number {
    this.#made += 1
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
    const kind = this.#nature.kindOf(move)
    const part = this.#nature.partOf(kind)
    if (part === "beginning") return heaviest
    if (part === "ending" && this.#made <= this.#endsAfter) return 0
    const known = this.#weights.get(kind)
    if (known !== undefined) return known
    const lot = part === "progress" ? progressWeights : weights
    const weight = lot[this.#random.below(lot.length)] ?? 0
    this.#weights.set(kind, weight)
    return weight
  }
}
