/**
 * The reduction of systems with several slots, held against the whole graph of systems with one: where everything that is
 * under way arrives at once, no situation comes up that does not come up otherwise. What is lost are situations that need
 * something to go wrong between two deliveries; where nothing does, none is lost.
 */
import { expect, test } from "vitest"
import type { CompleteModel } from "../../../src/proof/model/model.ts"
import { systemModel } from "../../../src/proof/system/system-model.ts"
import type { SystemMove } from "../../../src/proof/system/system-moves.ts"
import type { SystemWorld } from "../../../src/proof/system/system-world.ts"
import { wordsOf } from "../equal-words.ts"
import { quick } from "./system-plans.ts"

type SystemModel = CompleteModel<SystemWorld, SystemMove>

/** The situations in which nothing is under way. */
function settledOf(model: SystemModel): ReadonlySet<string> {
  const keyOf = (world: SystemWorld): string => wordsOf(model, world)
  const known = new Set([keyOf(model.initial)])
  const settled = new Set<string>()
  const open = [model.initial]
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const moves = model.moves(world)
    if (!moves.some((move) => move.of !== "time" && move.move.comes === "first")) {
      settled.add(keyOf(world))
    }
    for (const move of moves) {
      const next = model.next(world, move).state
      const key = keyOf(next)
      if (known.has(key)) continue
      known.add(key)
      open.push(next)
    }
  }
  return settled
}

const small = quick.filter(({ plan, bounds, name }) => {
  const isLarge = /takes the signal|signals, and|handed out, without/.test(name)
  return plan.workers === 1 && bounds.interleaves && !isLarge
})

/** In these, nothing that goes wrong, or is asked for, comes between two deliveries and matters. */
const lossless = ["a stop", "workers that are done end", "every exit is final"]

test.each(small)("nothing new comes up if everything arrives at once: $name", (proof) => {
  const { name, plan, bounds } = proof
  const whole = systemModel(plan, bounds)
  // The encoder of one model numbers texts as it meets them.
  const { write } = whole
  const reduced = { ...systemModel(plan, { ...bounds, interleaves: false }), write }
  const all = settledOf(whole)
  const some = settledOf(reduced)
  expect([...some].filter((key) => !all.has(key))).toEqual([])
  expect(some.size).toBeGreaterThan(10)
  if (lossless.includes(name)) expect(some.size).toBe(all.size)
})
