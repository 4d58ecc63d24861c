/**
 * The proof: within the model, no history of a pool breaks a rule of the design, and from each of its states all is well
 * again in bounded time once faults end.
 */
import { expect, test } from "vitest"
import { explore } from "../../src/platform/fake/explore/explore.ts"
import { modelOf } from "../../src/platform/fake/world/pool-model.ts"
import { quick } from "./plans.ts"

test.each(quick)("no history breaks a rule where $name", ({ plan, freedom }) => {
  const { isProof, missed, counterexample } = explore(modelOf(plan, freedom))
  expect({ isProof, missed, counterexample }).toEqual({
    isProof: true,
    missed: [],
    counterexample: undefined,
  })
})
