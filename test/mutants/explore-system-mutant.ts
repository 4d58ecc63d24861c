/**
 * Searches the systems around the worker's side, the wire and the reaper beside it, a copy with a planted bug, and prints
 * the first violation that it finds, or nothing. With the argument `quick` it takes only the systems that the tests take.
 */
import { explore } from "../../src/proof/explore/explore.ts"
import { systemModel } from "../../src/proof/system/system-model.ts"
import { deep, quick, type SystemProof } from "../proof/system/system-plans.ts"

/** More than any of the quick systems has. */
const mostStatesOfQuick = 100_000

/** Bugs show within a few steps, so the deep systems need not be searched to their ends. */
const mostStatesOfDeep = 10_000

const longer = process.argv[2] === "quick" ? [] : deep
for (const proof of [...quick, ...longer]) {
  const found = search(proof)
  if (found === undefined) continue
  console.log(`${proof.name}: ${found}`)
  break
}

/** What is wrong, or undefined. */
function search(proof: SystemProof): string | undefined {
  const isQuick = quick.includes(proof)
  const mostStates = isQuick ? mostStatesOfQuick : mostStatesOfDeep
  try {
    const { isComplete, uncovered, counterexample } = explore(
      systemModel(proof.plan, proof.bounds),
      { mostStates },
    )
    if (counterexample !== undefined) return counterexample.violation
    if (isComplete) return uncovered.length > 0 ? `never: ${uncovered[0]}` : undefined
    return isQuick ? "no end" : undefined
  } catch (error) {
    // The encoder cannot write the state.
    return String(error)
  }
}
