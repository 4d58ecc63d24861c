import { expect, test } from "vitest"
import {
  type History,
  historyOf,
  knowsTheSame,
} from "../../../../src/platform/fake/rules/history.ts"
import { planOf } from "../../../core/pool-in-steps.ts"

const known = historyOf(planOf())

/** A model never has another plan; the rest is what an event itself was. */
const besides: readonly (keyof History)[] = ["plan", "now", "turn"]
const names = (Object.keys(known) as (keyof History)[]).filter((name) => !besides.includes(name))

test.each(names)("knowsTheSame() sees another %s", (name) => {
  expect(knowsTheSame({ ...known }, known)).toBe(true)
  expect(knowsTheSame({ ...known, [name]: "another" }, known)).toBe(false)
})
