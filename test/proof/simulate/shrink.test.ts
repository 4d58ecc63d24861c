/**
 * How short a failing history becomes: as the shortest that a search through everything finds, or nearly so. What counts
 * as wrong here is that some goal of the model is reached.
 */
import { describe, expect, test } from "vitest"
import { explore } from "../../../src/proof/explore/explore.ts"
import { shrink } from "../../../src/proof/simulate/shrink.ts"
import { randomRun } from "../../../src/proof/simulate/run.ts"
import type { CompleteModel } from "../../../src/proof/model/model.ts"
import { modelOf } from "../../../src/proof/pool/pool-model.ts"
import type { PoolMove, PoolWorld } from "../../../src/proof/pool/pool-world.ts"
import { quick } from "../plans.ts"

const [everything] = quick
if (everything === undefined) throw new Error("There is no plan")
const model = modelOf(everything.plan, everything.bounds)

/** A pool in which that goal is not to be reached. */
function forbidding(goal: string): CompleteModel<PoolWorld, PoolMove> {
  const bit = 1 << model.goals.indexOf(goal)
  return {
    ...model,
    recovery: undefined,
    next(world, move) {
      const next = model.next(world, move)
      return ((next.reached ?? 0) & bit) === 0 ? next : { ...next, violation: `reached: ${goal}` }
    },
  }
}

function firstFailure(wrongModel: CompleteModel<PoolWorld, PoolMove>): readonly PoolMove[] {
  for (let seed = 1; seed <= 2_000; seed += 1) {
    const { violation, moves } = randomRun(wrongModel, seed, 300)
    if (violation !== undefined) return moves
  }
  throw new Error("Nothing has failed")
}

describe("shrink()", () => {
  test.each(model.goals)("makes a run that leads to %j nearly as short as possible", (goal) => {
    const forbidden = forbidding(goal)
    const shrunk = shrink(forbidden, {
      violation: "",
      moves: firstFailure(forbidden),
      recoveryMoves: [],
    })
    const shortest = explore(forbidden).counterexample
    expect(shrunk.violation).toBe(`reached: ${goal}`)
    expect(shrunk.moves.length).toBeLessThanOrEqual(1.2 * (shortest?.moves.length ?? 0))
  })
})
