import { expect, test } from "vitest"
import { deep, type Proof, quick } from "./plans.ts"

/** What a plan can have besides its slots. Correlated failures are not in it: no command depends on them. */
const policies: { readonly [name: string]: (proof: Proof) => boolean } = {
  "a start timeout": ({ plan }) => plan.startTimeoutMs !== false,
  heartbeats: ({ plan }) => plan.heartbeatTimeoutMs !== false,
  backoff: ({ plan }) => plan.backoff !== false,
  "respawns that are limited": ({ plan }) => plan.respawnLimit > 0 && plan.respawnLimit < Infinity,
  scaling: ({ bounds }) => bounds.scales && bounds.mostWorkers > 1,
  reloads: ({ bounds }) => bounds.reloads,
  "replacements on probation": ({ plan, bounds: { reloads, recycles } }) =>
    plan.minReadyMs > 0 &&
    (reloads || recycles || plan.maxAgeMs !== false || plan.maxMemoryBytes !== false),
  "replacement for age": ({ plan }) => plan.maxAgeMs !== false,
  "replacement for memory": ({ plan }) => plan.maxMemoryBytes !== false,
  "replacement on request": ({ bounds }) => bounds.recycles,
  "a leader": ({ bounds }) => bounds.elects,
  "a final code 0": ({ plan }) => plan.respawn === "on-failure",
  "a final exit": ({ plan }) => plan.respawn === "never",
  "a primary that does not wait": ({ plan }) => !plan.waitForWorkers,
  lateness: ({ bounds }) => bounds.latenessMs > 0,
  "stop signals": ({ plan }) => Object.values(plan.signals).includes("stop"),
}

/** Two values of one option. */
const either = ["a final code 0", "a final exit"]

const names = Object.keys(policies)
const pairs = names.flatMap((one, index) =>
  names.slice(index + 1).map((other): readonly [string, string] => [one, other]),
)

test.each(pairs.filter((pair) => !pair.every((name) => either.includes(name))))(
  "%s and %s are in one plan",
  (one, other) => {
    const both = [...quick, ...deep].filter(
      (proof) => policies[one]?.(proof) === true && policies[other]?.(proof) === true,
    )
    expect(both.map(({ name }) => name)).not.toEqual([])
  },
)

test("no two plans have one name", () => {
  const all = [...quick, ...deep].map(({ name }) => name)
  expect(new Set(all).size).toBe(all.length)
})
