/**
 * Worlds with the same words are taken for one by a search, and only the first of them is gone on from. So they must be
 * one: the core's state is the same canonical state, and whatever may happen to one may happen to the other, leads to the
 * same, and is as right or wrong.
 */
import { expect, test } from "vitest"
import { canonicalize } from "../../core/canonicalize.ts"
import { modelOf } from "../../../src/proof/pool/pool-model.ts"
import type { PoolWorld } from "../../../src/proof/pool/pool-world.ts"
import { Random } from "../../../src/proof/simulate/random.ts"
import { compareFutures, wordsOf } from "../equal-words.ts"
import { quick } from "../plans.ts"

/** Once a pool stops the order of its slots and processes is no matter to the search, and neither is it here. */
function shapeOf(world: PoolWorld, plan: (typeof quick)[number]["plan"]): string {
  const { state } = canonicalize(plan, world.state, world.now)
  if (state.phase !== "stopping") return JSON.stringify(state)
  const slots = state.slots.map((slot) => JSON.stringify({ ...slot, id: 0, worker: plain(slot) }))
  const retired = state.retired.map((one) =>
    JSON.stringify({ ...one, slot: 0, worker: plain(one) }),
  )
  const unordered = { slots: slots.toSorted(), retired: retired.toSorted() }
  return JSON.stringify({ ...state, nextIncarnation: 0, ...unordered })
}

function plain(place: object): unknown {
  return "worker" in place ? { ...(place.worker as object), incarnation: 0 } : undefined
}

test.each(quick.filter(({ bounds }) => bounds.scales))(
  "worlds with the same words are the same to the core: $name",
  ({ plan, bounds }) => {
    const model = modelOf(plan, bounds)
    const known = new Map<string, string>()
    let met = 0
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = new Random(seed)
      let world = model.initial
      for (let step = 0; step < 60 && !model.isOver(world); step += 1) {
        const moves = model.moves(world)
        world = model.next(world, moves[random.below(moves.length)] as never).state
        const key = wordsOf(model, world)
        const shape = shapeOf(world, plan)
        const before = known.get(key)
        if (before !== undefined) {
          met += 1
          expect(shape).toBe(before)
        }
        known.set(key, shape)
      }
    }
    expect(met).toBeGreaterThan(300)
  },
)

test.each(quick)("worlds with the same words have the same futures: $name", ({ plan, bounds }) => {
  expect(compareFutures(modelOf(plan, bounds), { seeds: 400, steps: 60 })).toBeGreaterThan(100)
})
