/**
 * Runs the systems around the worker's side, the wire and the reaper beside it, a copy with a planted bug, by chance. Prints
 * how many seeds have found the bug, and what is wrong first; prints nothing if no seed has. The argument is the number of
 * seeds to try.
 */
import { randomRun } from "../../src/proof/simulate/run.ts"
import { systemModel } from "../../src/proof/system/system-model.ts"
import { deep, quick } from "../proof/system/system-plans.ts"
import { searchOverSeeds } from "./over-seeds.ts"

const mostEvents = 3_000_000
const steps = 60

/** After so many moves in a model, a goal that none of them reaches is out of reach. Without a bug, 11 000 reach every goal. */
const eventsForGoals = 15_000

interface Model {
  readonly name: string
  readonly model: ReturnType<typeof systemModel>
}
const models: readonly Model[] = [...quick, ...deep].map(({ name, plan, bounds }) => ({
  name,
  model: systemModel(plan, bounds),
}))

/** What is wrong in the first run that fails, or what no run reaches; undefined after `mostEvents` events. */
function search(seed: number): string | undefined {
  const counts = models.map(() => ({ events: 0, reached: 0 }))
  let all = 0
  for (let run = 0; all < mostEvents; run += 1) {
    const at = run % models.length
    const { name, model } = models[at] as Model
    const count = counts[at] as (typeof counts)[number]
    const { violation, events, reached } = randomRun(model, seed * 1_000_003 + run, steps)
    if (violation !== undefined) return `${name}: ${violation}`
    count.events += events
    count.reached |= reached
    all += events
  }
  for (const [at, { events, reached }] of counts.entries()) {
    const { name, model } = models[at] as Model
    const goal = model.goals.find((_, index) => (reached & (1 << index)) === 0)
    if (goal !== undefined && events >= eventsForGoals) return `${name}: never: ${goal}`
  }
  return undefined
}

searchOverSeeds(Number(process.argv[2]), search)
