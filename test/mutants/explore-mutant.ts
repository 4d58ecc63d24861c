/**
 * Searches the core beside it, a copy with a bug planted in it, and prints what it found: the first thing that is wrong,
 * or nothing.
 */
import { explore } from "../../src/platform/fake/explore/explore.ts"
import { modelOf } from "../../src/platform/fake/world/pool-model.ts"
import { deep, quick, slow } from "../proof/plans.ts"

/** Bugs show within few steps: the deep plans need not be searched to their end for them. */
const mostStatesOfDeep = 20_000

for (const { name, plan, freedom } of [...quick, ...deep, ...slow]) {
  const isQuick = quick.some((proof) => proof.name === name)
  const mostStates = isQuick ? 200_000 : mostStatesOfDeep
  const { isComplete, missed, counterexample } = explore(modelOf(plan, freedom), { mostStates })
  const isEndless = !isComplete && isQuick
  const isMissed = missed.length > 0 && isComplete
  if (counterexample === undefined && !isMissed && !isEndless) continue
  const what = counterexample?.wrong ?? (isMissed ? `never: ${missed[0]}` : "no end")
  console.log(`${name}: ${what}`)
  break
}
