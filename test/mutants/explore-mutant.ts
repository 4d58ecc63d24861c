/**
 * Searches the core beside it, a copy with a planted bug, and prints the first violation that it finds, or nothing. With
 * the argument `quick` it takes only the plans that the tests take.
 */
import { explore } from "../../src/proof/explore/explore.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { deep, type Proof, quick, slow } from "../proof/plans.ts"

/** Bugs show within a few steps, so the deep plans need not be searched to their ends. */
const mostStatesOfDeep = 20_000

const longer = process.argv[2] === "quick" ? [] : [...deep, ...slow]
for (const proof of [...quick, ...longer]) {
  const found = search(proof)
  if (found === undefined) continue
  console.log(`${proof.name}: ${found}`)
  break
}

/** The first violation, or undefined. */
function search(proof: Proof): string | undefined {
  const isQuick = quick.includes(proof)
  const mostStates = isQuick ? 200_000 : mostStatesOfDeep
  try {
    const { isComplete, uncovered, counterexample } = explore(modelOf(proof.plan, proof.bounds), {
      mostStates,
    })
    if (counterexample !== undefined) return counterexample.violation
    if (isComplete) return uncovered.length > 0 ? `never: ${uncovered[0]}` : undefined
    return isQuick ? "no end" : undefined
  } catch (error) {
    // The encoder cannot distinguish the state from others.
    return String(error)
  }
}
