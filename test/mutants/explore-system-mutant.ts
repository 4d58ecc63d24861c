/**
 * Searches the systems around the worker's side, the wire and the reaper beside it, a copy with a planted bug, and prints
 * the first violation that it finds, or nothing. With the argument `quick` it takes only the systems that the tests take.
 */
import { explore } from "../../src/proof/explore/explore.ts"
import { systemModel } from "../../src/proof/system/system-model.ts"
import { deep, quick, type SystemProof } from "../proof/system/system-plans.ts"

/** Most bugs show at once. */
const mostStatesAtFirst = 1_000

/** More than any of the quick systems has. */
const mostStatesOfQuick = 100_000

/** The deep systems need not be searched to their ends. */
const mostStatesOfDeep = 10_000

/** What is wrong, or undefined. */
function search(proof: SystemProof, mostStates: number): string | undefined {
  try {
    const model = systemModel(proof.plan, proof.bounds)
    const { isComplete, uncovered, counterexample } = explore(model, { mostStates })
    if (counterexample !== undefined) return counterexample.violation
    if (isComplete) return uncovered.length > 0 ? `never: ${uncovered[0]}` : undefined
    return mostStates === mostStatesOfQuick ? "no end" : undefined
  } catch (error) {
    // The encoder cannot write the state.
    return String(error)
  }
}

function searchAll(proofs: readonly SystemProof[], mostStates: number): boolean {
  for (const proof of proofs) {
    const found = search(proof, mostStates)
    if (found === undefined) continue
    console.log(`${proof.name}: ${found}`)
    return true
  }
  return false
}

const isFound = searchAll(quick, mostStatesAtFirst) || searchAll(quick, mostStatesOfQuick)
if (!isFound && process.argv[2] !== "quick") searchAll(deep, mostStatesOfDeep)
