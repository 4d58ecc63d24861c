/**
 * Searches the core beside it, a copy with a bug planted in it, and prints what it found: the first thing that is wrong,
 * or nothing.
 */
import { explore } from "../../src/platform/fake/explore/explore.ts"
import { modelOf } from "../../src/platform/fake/world/pool-model.ts"
import { deep, quick, slow } from "../proof/plans.ts"

const mostStates = 200_000

for (const { name, plan, freedom } of [...quick, ...slow, ...deep.slice(0, 1)]) {
  const { isComplete, missed, counterexample } = explore(modelOf(plan, freedom), { mostStates })
  const isEndless = !isComplete && quick.some((proof) => proof.name === name)
  if (counterexample === undefined && missed.length === 0 && !isEndless) continue
  const what = counterexample?.wrong ?? (missed.length > 0 ? `never: ${missed[0]}` : "no end")
  console.log(`${name}: ${what}`)
  break
}
