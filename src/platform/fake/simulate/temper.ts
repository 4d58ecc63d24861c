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
  trouble: [0, 0, 0, 8, 32, heaviest],
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

/** A list of moves, each with the weight of it and of all before it. */
interface Weighed {
  readonly sums: readonly number[]
  readonly total: number
}

export class Temper<Move> {
  readonly #random: Random
  readonly #nature: Nature<Move>
  readonly #kinds = new Map<string, Kind>()
  /** Lists that were weighed, until a weight changes. */
  readonly #weighed = new Map<readonly Move[], Weighed>()
  #latest: readonly Weighed[] = []
  #latestLists: readonly (readonly Move[])[] = []
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
    this.#beginChoice()
    // Drawn and taken or left, which mostly is quicker than adding up, and gives each the same chance.
    for (let draw = 0; draw < 16 && moves.length > 0; draw += 1) {
      const index = this.#random.below(moves.length)
      const move = moves[index] as Move
      if (this.#weightOf(move) <= this.#random.below(heaviest)) continue
      this.#happens(move)
      return index
    }
    return this.#drawFrom([moves], [this.#weigh(moves)])
  }

  /** The same of moves in lists: one that is the very same as once before is not looked through again. */
  chooseInLists(lists: readonly (readonly Move[])[]): number {
    this.#beginChoice()
    if (lists !== this.#latestLists) this.#weighAll(lists)
    return this.#drawFrom(lists, this.#latest)
  }

  #beginChoice(): void {
    this.#made += 1
    if (this.#made === this.#endsAfter + 1) this.#forget()
  }

  #drawFrom(lists: readonly (readonly Move[])[], weighed: readonly Weighed[]): number {
    let all = 0
    for (const { total } of weighed) all += total
    if (all === 0) return this.#random.below(lengthOf(lists))
    let left = this.#random.below(all)
    let before = 0
    for (let at = 0; at < lists.length; at += 1) {
      const list = lists[at] as readonly Move[]
      const { sums, total } = weighed[at] as Weighed
      if (left < total) {
        let index = 0
        while (left >= (sums[index] as number)) index += 1
        this.#happens(list[index] as Move)
        return before + index
      }
      left -= total
      before += list.length
    }
    throw new Error("[BUG] weights do not add up")
  }

  /** What has begun need hardly ever begin again. */
  #happens(move: Move): void {
    const kind = this.#kindOf(move)
    if (kind.part !== "beginning" || kind.weight === lightest) return
    kind.weight = lightest
    this.#forget()
  }

  #forget(): void {
    this.#weighed.clear()
    this.#latestLists = []
  }

  #weighAll(lists: readonly (readonly Move[])[]): void {
    const [before, known] = [this.#latestLists, this.#latest]
    const latest: Weighed[] = []
    for (let at = 0; at < lists.length; at += 1) {
      const list = lists[at] as readonly Move[]
      // Mostly only one of them is another one now.
      latest.push(list === before[at] ? (known[at] as Weighed) : this.#weighOnce(list))
    }
    this.#latest = latest
    this.#latestLists = lists
  }

  #weighOnce(list: readonly Move[]): Weighed {
    const known = this.#weighed.get(list)
    if (known !== undefined) return known
    const weighed = this.#weigh(list)
    this.#weighed.set(list, weighed)
    return weighed
  }

  #weigh(list: readonly Move[]): Weighed {
    let total = 0
    const sums = list.map((move) => (total += this.#weightOf(move)))
    return { sums, total }
  }

  #weightOf(move: Move): number {
    const kind = this.#kindOf(move)
    if (kind.part === "ending" && this.#made <= this.#endsAfter) return 0
    kind.weight ??= this.#drawn(weights[kind.part])
    return kind.weight
  }

  #kindOf(move: Move): Kind {
    const name = this.#nature.kindOf(move)
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    const kind: Kind = { part: this.#nature.partOf(name), weight: undefined }
    this.#kinds.set(name, kind)
    return kind
  }

  #drawn(lot: readonly number[]): number {
    return lot[this.#random.below(lot.length)] ?? 0
  }
}

function lengthOf(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((length, list) => length + list.length, 0)
}
