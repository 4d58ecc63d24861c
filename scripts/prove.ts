/**
 * Searches through all plans of test/proof/plans.ts, the deep ones too, and prints what each search has seen.
 * `npm run prove`; words as arguments choose the plans whose names contain one of them.
 */
import { explore } from "../src/platform/fake/explore/explore.ts"
import { modelOf } from "../src/platform/fake/world/pool-model.ts"
import { deep, quick } from "../test/proof/plans.ts"

const words = process.argv.slice(2)
const head = ["states", "transitions", "depth", "seconds", "1/s", "collision", "recovery", "bound"]
console.log("".padEnd(64), ...head.map((word) => word.padStart(11)))
for (const { name, plan, freedom } of [...quick, ...deep]) {
  if (words.length > 0 && !words.some((word) => name.includes(word))) continue
  const model = modelOf(plan, freedom)
  const result = explore(model)
  const { states, transitions, depth, seconds, collisionProbability, slowestRecovery } = result
  const figures = [
    states,
    transitions,
    depth,
    seconds.toFixed(1),
    Math.round(transitions / seconds),
    collisionProbability.toExponential(1),
    slowestRecovery ?? "-",
    model.recovery?.bound ?? "-",
  ]
  const verdict = result.isProof ? "proved " : "REFUTED"
  console.log(verdict, name.padEnd(56), ...figures.map((figure) => String(figure).padStart(11)))
  if (result.isProof) continue
  process.exitCode = 1
  if (!result.isComplete) console.log("  not everything was seen")
  for (const goal of result.missed) console.log(`  never: ${goal}`)
  if (result.counterexample === undefined) continue
  console.log(`  ${result.counterexample.wrong}`)
  for (const move of result.counterexample.moves) console.log(`    ${model.describe(move)}`)
}
