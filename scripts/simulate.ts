/**
 * Lets chance go through the scenarios of test/proof/scenarios.ts, and through pools with the usual figures to which
 * everything may happen, and prints how fast that went. `npm run simulate`; `--runs 2000` is how many histories of each,
 * `--seed 1` the seed of the first; words choose those whose names contain one. Exits with 1 where one breaks a rule.
 */
import { parseArgs } from "node:util"
import { simulate, SimulationError } from "../src/platform/fake/simulate/simulate.ts"
import { modelOf, poolModel } from "../src/platform/fake/world/pool-model.ts"
import { scenarios } from "../test/proof/scenarios.ts"

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
})
const runs = Number(values.runs)
const seed = Number(values.seed)

const usual = [1, 2, 4, 16].map((workers) => ({
  name: `usual figures, ${workers} ${workers === 1 ? "worker" : "workers"}`,
  model: poolModel({ workers }),
}))
const narrow = scenarios.map(({ name, plan, freedom }) => ({ name, model: modelOf(plan, freedom) }))
const chosen = [...usual, ...narrow].filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
)
if (chosen.length === 0) {
  throw new RangeError(
    `Cannot simulate as no scenario has such a name: current value is ${words.join(" ")}`,
  )
}

const head = ["moves", "seconds", "1/s", "hours/s"]
console.log("".padEnd(82), ...head.map((word) => word.padStart(9)))
for (const { name, model } of chosen) {
  try {
    // The first few are slower: the runtime has not compiled what they take.
    simulate(model, { runs: Math.ceil(runs / 10), seed })
    const startedAt = performance.now()
    const { events, simulatedMs } = simulate(model, { runs, seed })
    const seconds = (performance.now() - startedAt) / 1_000
    const figures = [
      events,
      seconds.toFixed(1),
      Math.round(events / seconds),
      Math.round(simulatedMs / 3_600_000 / seconds),
    ]
    console.log(name.padEnd(82), ...figures.map((figure) => String(figure).padStart(9)))
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error
    process.exitCode = 1
    console.log(`${name}: ${error.message}`)
  }
}
