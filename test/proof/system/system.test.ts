import { expect, test } from "vitest"
import { explore } from "../../../src/proof/explore/explore.ts"
import { systemModel } from "../../../src/proof/system/system-model.ts"
import { systemRules } from "../../../src/proof/system/rules/system-rules.ts"
import { deep, quick } from "./system-plans.ts"

test.each(quick)("no run of a system breaks a rule: $name", ({ plan, bounds }) => {
  const model = systemModel(plan, bounds)
  const { isProof, uncovered, counterexample } = explore(model)
  if (counterexample !== undefined) {
    expect.fail(`${counterexample.violation}\n\n${model.format(counterexample.moves)}`)
  }
  expect({ isProof, uncovered }).toEqual({ isProof: true, uncovered: [] })
})

test("no two plans have one name, and no two rules", () => {
  const names = [...quick, ...deep].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(new Set(systemRules.map(({ name }) => name)).size).toBe(systemRules.length)
})
