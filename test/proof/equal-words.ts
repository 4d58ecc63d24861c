/**
 * Worlds with the same words are taken for one by a search, and only the first of them is gone on from. So whatever may happen to
 * one must happen to the other, lead to the same, and be as right or wrong.
 */
import { expect } from "vitest"
import { Encoder } from "../../src/proof/model/encoder.ts"
import type { CompleteModel } from "../../src/proof/model/model.ts"
import { Random } from "../../src/proof/simulate/random.ts"

const encoder = new Encoder()

/** The words of a world, by which a search knows it. */
export function wordsOf<State, Move>(model: CompleteModel<State, Move>, world: State): string {
  encoder.clear()
  model.write(world, encoder)
  return encoder.toArray().join(" ")
}

/** Everything that may happen in a world, each with the words of what comes of it and what is wrong with that. */
function futuresOf<State, Move>(model: CompleteModel<State, Move>, world: State): string[] {
  return model
    .moves(world)
    .map((move) => {
      const { state, violation } = model.next(world, move)
      return `${model.kindOf(move)} ${violation ?? ""}: ${wordsOf(model, state)}`
    })
    .toSorted()
}

/** How long is looked for worlds with the same words. */
export interface Walks<State> {
  readonly seeds: number
  readonly steps: number
  /** No seed begins after so many pairs. Default: any number. */
  readonly pairs?: number
  /** Where a walk ends before its last step. Default: nowhere. */
  readonly isOver?: (world: State) => boolean
}

/** Compares the futures of worlds with the same words. @returns how many pairs there were. */
export function compareFutures<State, Move>(
  model: CompleteModel<State, Move>,
  { seeds, steps, pairs = Infinity, isOver = () => false }: Walks<State>,
): number {
  const known = new Map<string, State>()
  let met = 0
  for (let seed = 1; met < pairs && seed <= seeds; seed += 1) {
    const random = new Random(seed)
    let world = model.initial
    for (let step = 0; step < steps && !isOver(world); step += 1) {
      const moves = model.moves(world)
      world = model.next(world, moves[random.below(moves.length)] as Move).state
      const words = wordsOf(model, world)
      const before = known.get(words)
      known.set(words, world)
      if (before === undefined || before === world) continue
      met += 1
      expect(futuresOf(model, world)).toEqual(futuresOf(model, before))
    }
  }
  return met
}
