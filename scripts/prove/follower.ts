/**
 * A process of `npm run prove`: searches the plan that it is told to, answers with what that has shown, and ends. Each search has a
 * process of its own, so its memory is its own, too.
 */
import { deep, quick, slow } from "../../test/proof/plans.ts"
import { searched } from "./searched.ts"

const [name, mostStates] = process.argv.slice(2)
const proof = [...quick, ...deep, ...slow].find((candidate) => candidate.name === name)
if (proof === undefined) throw new Error(`[BUG] no plan ${name}`)
process.send?.(searched(proof, Number(mostStates)))
