/**
 * A process of `npm run prove`: searches the plan that it is told to, answers with what that has shown, and ends. Each search has a
 * process of its own, so its memory is its own, too.
 */
import { searched } from "./searched.ts"
import { searches } from "./searches.ts"

const [name, mostStates] = process.argv.slice(2)
const search = searches.find((candidate) => candidate.name === name)
if (search === undefined) throw new Error(`[BUG] no plan ${name}`)
process.send?.(search.withModel((model) => searched(search.name, model, Number(mostStates))))
