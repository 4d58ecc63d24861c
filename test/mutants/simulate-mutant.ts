/**
 * Simulates the core beside it, a copy with a bug planted in it, and prints how many of the seeds have found the bug, and
 * the first thing that was wrong; nothing where none has. The argument says how many seeds are tried.
 */
import { randomRun } from "../../src/proof/simulate/run.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { scenarios } from "../proof/scenarios.ts"

/** With the figures of a real pool: little happens in a thousand events. */
const spared = ["as it is by default"]
const seeds = Number(process.argv[2])
const mostEvents = 100_000
const steps = 60
const models = scenarios
  .filter(({ name }) => !spared.includes(name))
  .map(({ plan, bounds }) => modelOf(plan, bounds))

/** What is wrong with the first run that fails; undefined where none does before so many events, as many in each model. */
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

let first: string | undefined
let found = 0
for (let seed = 1; seed <= seeds; seed += 1) {
  let violation: string | undefined
  try {
    violation = search(seed)
  } catch (error) {
    violation = String(error)
  }
  if (violation !== undefined) found += 1
  first ??= violation
}
if (first !== undefined) console.log(`${found} of ${seeds} seeds: ${first}`)
