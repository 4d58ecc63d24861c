/** What a search takes for one system is one: see equal-words.ts. */
import { expect, test } from "vitest"
import { systemModel } from "../../../src/proof/system/system-model.ts"
import { compareFutures } from "../equal-words.ts"
import { deep, quick } from "./system-plans.ts"

const pairs = 400

test.each([...quick, ...deep])(
  "systems with the same words have the same futures: $name",
  ({ plan, bounds }) => {
    const model = systemModel(plan, bounds)
    const { isOver } = model
    const met = compareFutures(model, { seeds: 10_000, steps: 80, pairs, isOver })
    expect(met).toBeGreaterThan(pairs - 1)
  },
)
