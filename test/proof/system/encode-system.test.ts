/**
 * Systems with the same words are taken for one by a search, and only the first of them is gone on from. So whatever may happen to
 * one may happen to the other, leads to the same, and is as right or wrong.
 */
import { expect, test } from "vitest"
import { Encoder } from "../../../src/proof/model/encoder.ts"
import type { CompleteModel } from "../../../src/proof/model/model.ts"
import { Random } from "../../../src/proof/simulate/random.ts"
import { systemModel } from "../../../src/proof/system/system-model.ts"
import type { SystemMove } from "../../../src/proof/system/system-moves.ts"
import type { SystemWorld } from "../../../src/proof/system/system-world.ts"
import { deep, quick } from "./system-plans.ts"

type SystemModel = CompleteModel<SystemWorld, SystemMove>

/** Longer than most shortest runs to a state. */
const steps = 80

/** So many pairs of systems with the same words are compared. */
const wanted = 400

const encoder = new Encoder()

function wordsOf(model: SystemModel, world: SystemWorld): string {
  encoder.clear()
  model.write(world, encoder)
  return encoder.toArray().join(" ")
}

/** Everything that may happen to a system, with the words of what comes of it and what is wrong with that. */
function futuresOf(model: SystemModel, world: SystemWorld): string[] {
  return model
    .moves(world)
    .map((move) => {
      const { state, violation } = model.next(world, move)
      return `${model.kindOf(move)} ${violation ?? ""}: ${wordsOf(model, state)}`
    })
    .toSorted()
}

test.each([...quick, ...deep])(
  "systems with the same words have the same futures: $name",
  ({ plan, bounds }) => {
    const model = systemModel(plan, bounds)
    const known = new Map<string, SystemWorld>()
    let met = 0
    for (let seed = 1; met < wanted && seed <= 10_000; seed += 1) {
      const random = new Random(seed)
      let world = model.initial
      for (let step = 0; step < steps && !model.isOver(world); step += 1) {
        const moves = model.moves(world)
        world = model.next(world, moves[random.below(moves.length)] as never).state
        const key = wordsOf(model, world)
        const before = known.get(key)
        known.set(key, world)
        if (before === undefined || before === world) continue
        met += 1
        expect(futuresOf(model, world)).toEqual(futuresOf(model, before))
      }
    }
    expect(met).toBeGreaterThan(wanted - 1)
  },
)
