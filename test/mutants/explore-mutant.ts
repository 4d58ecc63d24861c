/**
 * Searches the core beside it, a copy with a bug planted in it, and prints what it found: the first thing that is wrong,
 * or nothing. With the argument `quick` it takes no longer plans than the tests do.
 */
import { explore } from "../../src/proof/explore/explore.ts"
import { modelOf } from "../../src/proof/pool/pool-model.ts"
import { deep, type Proof, quick, slow } from "../proof/plans.ts"

/** Bugs show within few steps: the deep plans need not be searched to their end for them. */
const mostStatesOfDeep = 20_000

const longer = process.argv[2] === "quick" ? [] : [...deep, ...slow]
for (const proof of [...quick, ...longer]) {
  const found = search(proof)
  if (found === undefined) continue
  console.log(`${proof.name}: ${found}`)
  break
}

/** What is wrong; undefined where nothing is. */
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
    // A state that cannot be told from others.
    return String(error)
  }
}
