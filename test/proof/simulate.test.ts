/**
 * What no search comes to the end of, by chance: pools with the figures of real ones and more workers than can be searched
 * through.
 */
import { expect, test } from "vitest"
import { simulate } from "../../src/proof/simulate/simulate.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { scenarios } from "./scenarios.ts"

test.each(scenarios)("no history by chance breaks a rule where $name", ({ plan, bounds }) => {
  const { runs, events } = simulate(modelOf(plan, bounds), { runs: 200, steps: 100 })
  expect(runs).toBe(200)
  expect(events).toBeGreaterThan(200 * 20)
})
