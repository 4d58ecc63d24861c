/**
 * How likely each move of a run is (swarm testing). In each run some kinds of moves are likely, some are rare and some never
 * happen, by lot, and moves that end the run wait until a moment that is drawn, too. What would be rare in a thousand even runs
 * is common in some of the uneven ones.
 */
import { wrong } from "../../core/plan/checks.ts"
import type { MoveClass } from "../model/model.ts"
import type { MoveList } from "../model/move-list.ts"
import type { Random } from "./random.ts"

const heaviest = 128
const lightest = 1

/** The weight of a kind of moves is drawn from these: 0 leaves it out. */
const weights: { readonly [Class in MoveClass]: readonly number[] } = {
  start: [heaviest],
  progress: [16, 64, heaviest],
  disturbance: [0, 0, 0, 8, 32, heaviest],
  "frequent-disturbance": [0, 0, 0, 2, 16, 64],
  "no-op": [0, 0, 0, 4, 16],
  late: [0, 0, 1, 1, 4],
  end: [0, 0, 8, 32, heaviest],
}

export interface MoveClassifier<Move> {
  kindOf(move: Move): string
  classOf(kind: string): MoveClass
}

/** A kind of moves in one run. Its weight is drawn when the first of them may happen. */
interface Kind {
  readonly moveClass: MoveClass
  weight: number | undefined
}

/** The kinds of a list of moves, with the weight of each of them and all before it. */
interface Weighed {
  readonly kinds: readonly string[]
  readonly sums: readonly number[]
  readonly total: number
}

export class MoveWeights<Move> {
  readonly #random: Random
  readonly #classifier: MoveClassifier<Move>
  readonly #kinds = new Map<string, Kind>()
  /** The lists of kinds that were weighed since a weight changed last. */
  readonly #weighed = new Map<readonly string[], Weighed>()
  /** The weights of the latest lists, in their order. Behind them may be leftovers of an earlier, longer choice. */
  #latest: Weighed[] = []
  /** How many moves come before one that ends the run. */
  readonly #endsAfter: number
  #made = 0

  /** @param steps how many moves a run has at most. */
  constructor(random: Random, classifier: MoveClassifier<Move>, steps: number) {
    this.#random = random
    this.#classifier = classifier
    this.#endsAfter = random.below(steps)
  }

  /** The number of the move that happens. If the weight of each is 0, all are equally likely. */
  choose(moves: readonly Move[]): number {
    this.#beginChoice()
    // Rejection sampling: mostly quicker than adding up all weights, with the same chances.
    for (let draw = 0; draw < 16 && moves.length > 0; draw += 1) {
      const index = this.#random.below(moves.length)
      const kind = this.#classifier.kindOf(moves[index] as Move)
      if (this.#weightOf(kind) <= this.#random.below(heaviest)) continue
      this.#happens(kind)
      return index
    }
    return this.#drawFrom([this.#weigh(moves.map((move) => this.#classifier.kindOf(move)))], 1)
  }

  /** The same for moves in lists. Arrays of kinds that have not changed are not weighed again. */
  chooseInLists(lists: readonly Pick<MoveList<unknown, Move>, "kinds">[]): number {
    this.#beginChoice()
    for (let at = 0; at < lists.length; at += 1) {
      const { kinds } = lists[at] as { kinds: readonly string[] }
      // Mostly only one of them has changed.
      if (this.#latest[at]?.kinds !== kinds) this.#latest[at] = this.#weighOnce(kinds)
    }
    return this.#drawFrom(this.#latest, lists.length)
  }

  #beginChoice(): void {
    this.#made += 1
    if (this.#made === this.#endsAfter + 1) this.#forget()
  }

  /** Draws from so many lists. */
  #drawFrom(weighed: readonly Weighed[], count: number): number {
    let all = 0
    for (let at = 0; at < count; at += 1) all += (weighed[at] as Weighed).total
    if (all === 0) return this.#random.below(lengthOf(weighed.slice(0, count)))
    let left = this.#random.below(all)
    let before = 0
    for (let at = 0; at < count; at += 1) {
      const { kinds, sums, total } = weighed[at] as Weighed
      if (left < total) {
        const index = firstAbove(sums, left)
        this.#happens(kinds[index] as string)
        return before + index
      }
      left -= total
      before += kinds.length
    }
    throw new Error("[BUG] weights do not add up")
  }

  /** Once something has begun, moves that begin it become rare. */
  #happens(name: string): void {
    const kind = this.#kindOf(name)
    if (kind.moveClass !== "start" || kind.weight === lightest) return
    kind.weight = lightest
    this.#forget()
  }

  #forget(): void {
    this.#weighed.clear()
    this.#latest = []
  }

  #weighOnce(kinds: readonly string[]): Weighed {
    const known = this.#weighed.get(kinds)
    if (known !== undefined) return known
    const weighed = this.#weigh(kinds)
    this.#weighed.set(kinds, weighed)
    return weighed
  }

  #weigh(kinds: readonly string[]): Weighed {
    let total = 0
    const sums = kinds.map((kind) => (total += this.#weightOf(kind)))
    return { kinds, sums, total }
  }

  #weightOf(name: string): number {
    const kind = this.#kindOf(name)
    if (kind.moveClass === "end" && this.#made <= this.#endsAfter) return 0
    kind.weight ??= this.#drawn(weights[kind.moveClass])
    return kind.weight
  }

  #kindOf(name: string): Kind {
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    const kind: Kind = { moveClass: checked(this.#classifier.classOf(name)), weight: undefined }
    this.#kinds.set(name, kind)
    return kind
  }

  #drawn(lot: readonly number[]): number {
    return lot[this.#random.below(lot.length)] ?? 0
  }
}

/** @throws {TypeError} if the model returns another class. */
function checked(moveClass: MoveClass): MoveClass {
  if (Object.hasOwn(weights, moveClass)) return moveClass
  const names = Object.keys(weights).join(", ")
  throw wrong(TypeError, "model", `"classOf" must return one of ${names}`, moveClass)
}

/** The index of the first sum that is larger. */
function firstAbove(sums: readonly number[], value: number): number {
  let [from, to] = [0, sums.length - 1]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((sums[middle] as number) > value) to = middle
    else from = middle + 1
  }
  return from
}

function lengthOf(lists: readonly { readonly kinds: readonly string[] }[]): number {
  return lists.reduce((length, { kinds }) => length + kinds.length, 0)
}
