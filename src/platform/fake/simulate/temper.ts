/**
 * What a run tends to: in each, some kinds of things happen often, some seldom and some never, by lot, and what ends it
 * happens no sooner than a moment that is drawn, too. What would be rare in a thousand even runs is common in some of the
 * uneven ones. Decides how likely each move is, and nothing else.
 */
import type { Part } from "../world/model.ts"
import type { Random } from "./random.ts"

const heaviest = 128
const lightest = 1

/** What the weight of a kind of moves is drawn from: 0 leaves it out. */
const weights: { readonly [part in Part]: readonly number[] } = {
  beginning: [heaviest],
  progress: [16, 64, heaviest],
  trouble: [0, 0, 8, 32, heaviest],
  noise: [0, 0, 1, 2, 8],
  ending: [0, 0, 8, 32, heaviest],
}

export interface Nature<Move> {
  kindOf(move: Move): string
  partOf(kind: string): Part
}

/** A kind of moves in one run; its weight is drawn when the first of them may happen. */
interface Kind {
  readonly part: Part
  weight: number | undefined
}

export class Temper<Move> {
  readonly #random: Random
  readonly #nature: Nature<Move>
  readonly #kinds = new Map<string, Kind>()
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
    const index = this.#draw(moves)
    const kind = this.#kinds.get(this.#nature.kindOf(moves[index] as Move))
    // What has begun need hardly ever begin again.
    if (kind?.part === "beginning") kind.weight = lightest
    return index
  }

  #draw(moves: readonly Move[]): number {
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
    const name = this.#nature.kindOf(move)
    let kind = this.#kinds.get(name)
    if (kind === undefined) {
      kind = { part: this.#nature.partOf(name), weight: undefined }
      this.#kinds.set(name, kind)
    }
    if (kind.part === "ending" && this.#made <= this.#endsAfter) return 0
    kind.weight ??= this.#drawn(weights[kind.part])
    return kind.weight
  }

  #drawn(lot: readonly number[]): number {
    return lot[this.#random.below(lot.length)] ?? 0
  }
}
