/**
 * Simulates the core beside it, a copy with a planted bug. Prints how many seeds have found the bug, and the first
 * violation; prints nothing if no seed has. The argument is the number of seeds to try.
 */
import { randomRun } from "../../src/proof/simulate/run.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { scenarios } from "../proof/scenarios.ts"
import { searchOverSeeds } from "./over-seeds.ts"

/** Left out, because with the figures of a real pool little happens in a thousand events. */
const leftOut = ["as it is by default"]
const mostEvents = 100_000
const steps = 60
const models = scenarios
  .filter(({ name }) => !leftOut.includes(name))
  .map(({ plan, bounds }) => modelOf(plan, bounds))

/** The violation of the first run that fails, or undefined after `mostEvents` events, as many in each model. */
function search(seed: number): string | undefined {
  const events = models.map(() => 0)
  let all = 0
  for (let run = 0; all < mostEvents; run += 1) {
    const least = events.indexOf(Math.min(...events))
    const model = models[least]
    if (model === undefined) return undefined
    const { violation, moves } = randomRun(model, seed * 1_000_003 + run, steps)
    if (violation !== undefined) return violation
    events[least] = (events[least] ?? 0) + moves.length
    all += moves.length
  }
  return undefined
}

searchOverSeeds(Number(process.argv[2]), search)
