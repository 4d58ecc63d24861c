/**
 * The proof: within the model, no run of a pool breaks a safety rule, and from each of its states the pool recovers
 * in bounded time after the last fault. And that it is a proof: whatever can happen in a pool does happen in it.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { type Exploration, explore } from "../../src/proof/explore/explore.ts"
import { simulate } from "../../src/proof/simulate/simulate.ts"
import type { Model } from "../../src/proof/model/model.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import type { PoolMove, PoolWorld } from "../../src/proof/pool/pool-world.ts"
import { impossible, isOneOf } from "./impossible.ts"
import { type Pair, Pairs } from "./pairs.ts"
import { type Proof, quick, scaledAndRecycled } from "./plans.ts"
import { StateTables } from "./state-table.ts"

const pairs = new Pairs()
const tables = new StateTables()
const explorations = new Map<Proof, Exploration<PoolMove>>()

/** The model of a proof, which takes note of what meets what. */
function notedModel({ plan, bounds }: Proof): Model<PoolWorld, PoolMove> {
  const model = modelOf(plan, bounds)
  return {
    ...model,
    next(world, move) {
      pairs.note(plan, world, move)
      const next = model.next(world, move)
      tables.note(plan, world.state, move, next.state.state)
      return next
    },
  }
}

/** Searched once, whichever test asks first. */
function explorationOf(proof: Proof): Exploration<PoolMove> {
  const known = explorations.get(proof)
  if (known !== undefined) return known
  const exploration = explore(notedModel(proof))
  explorations.set(proof, exploration)
  return exploration
}

function meetEverything(): void {
  for (const proof of quick) explorationOf(proof)
  simulate(notedModel(scaledAndRecycled), { runs: 10_000 })
}

function named({ values }: Pair): string {
  return Object.values(values).join(", ")
}

test.each(quick)("no history breaks a rule where $name", (proof) => {
  const { isProof, uncovered, counterexample } = explorationOf(proof)
  if (counterexample !== undefined) {
    const { violation, moves } = counterexample
    expect.fail(`${violation}\n\n${modelOf(proof.plan, proof.bounds).format(moves)}`)
  }
  expect({ isProof, uncovered }).toEqual({ isProof: true, uncovered: [] })
})

test("every situation meets every event, except where that is impossible", () => {
  meetEverything()
  const all = pairs.all()
  const unreached = all.filter((pair) => !pair.isReached)
  const unexplained = unreached.filter((pair) => !impossible.some((one) => isOneOf(one, pair)))
  expect(unexplained.map(named)).toEqual([])
  expect(all.length).toBeGreaterThan(500)
})

test.each(impossible)("it never happens: $why", (one) => {
  meetEverything()
  const those = pairs.all().filter((pair) => isOneOf(one, pair))
  expect(those.length).toBeGreaterThan(0)
  expect(those.filter(({ isReached }) => isReached).map(named)).toEqual([])
})

test("src/core/state.ts opens with the tables of what the searches reach", async () => {
  meetEverything()
  const file = new URL("../../src/core/state.ts", import.meta.url)
  const source = readFileSync(file, "utf8")
  const lines = tables
    .text()
    .split("\n")
    .map((line) => ` *     ${line}`.trimEnd())
  const [head = "", , tail = ""] = source.split(/( \* {5}process {2}[^]*? \* {5}free [^\n]*\n)/)
  // `vitest -u` writes the tables.
  await expect(`${head}${lines.join("\n")}\n${tail}`).toMatchFileSnapshot(fileURLToPath(file))
})
