/**
 * Worlds with the same words are taken for one by a search, and only the first of them is gone on from. So they must be
 * one: the core's state is the same canonical state, and whatever may happen to one may happen to the other, leads to the
 * same, and is as right or wrong.
 */
import { expect, test } from "vitest"
import { canonicalize } from "../../core/canonicalize.ts"
import { Encoder } from "../../../src/proof/model/encoder.ts"
import { modelOf } from "../../../src/proof/pool/pool-model.ts"
import type { PoolWorld } from "../../../src/proof/pool/pool-world.ts"
import { Random } from "../../../src/proof/simulate/random.ts"
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
    const encoder = new Encoder()
    const known = new Map<string, string>()
    let met = 0
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = new Random(seed)
      let world = model.initial
      for (let step = 0; step < 60 && !model.isOver(world); step += 1) {
        const moves = model.moves(world)
        world = model.next(world, moves[random.below(moves.length)] as never).state
        encoder.clear()
        model.write(world, encoder)
        const key = encoder.toArray().join(" ")
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

/** Everything that may happen in a world, each with the words of what comes of it and what is wrong with that. */
function futuresOf(model: ReturnType<typeof modelOf>, world: PoolWorld): string[] {
  const encoder = new Encoder()
  return model
    .moves(world)
    .map((move) => {
      const { state, violation } = model.next(world, move)
      encoder.clear()
      model.write(state, encoder)
      return `${model.kindOf(move)} ${violation ?? ""}: ${encoder.toArray().join(" ")}`
    })
    .toSorted()
}

test.each(quick)("worlds with the same words have the same futures: $name", ({ plan, bounds }) => {
  const model = modelOf(plan, bounds)
  const encoder = new Encoder()
  const known = new Map<string, PoolWorld>()
  let met = 0
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = new Random(seed)
    let world = model.initial
    for (let step = 0; step < 60; step += 1) {
      const moves = model.moves(world)
      world = model.next(world, moves[random.below(moves.length)] as never).state
      encoder.clear()
      model.write(world, encoder)
      const key = encoder.toArray().join(" ")
      const before = known.get(key)
      known.set(key, world)
      if (before === undefined || before === world) continue
      met += 1
      expect(futuresOf(model, world)).toEqual(futuresOf(model, before))
    }
  }
  expect(met).toBeGreaterThan(100)
})
