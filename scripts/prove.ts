/**
 * Searches all plans of a pool (test/proof/plans.ts) and of a whole system (test/proof/system/system-plans.ts), quick and deep ones, and
 * prints what each search has seen; docs/proof.md explains the columns. If a plan is refuted, the run is printed and drawn into a
 * file. Run it with `npm run prove`. Arguments choose plans by their name, or by a part of it, among the slow ones, too.
 * `--of core` and `--of system` leave out the others. `--processes 2` is how many plans are searched at once (default: one a
 * core), `--most-states 4000000` after how many states a search stops without a proof, and `--heap-mb 4096` the heap of each process.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { checkOptions } from "../src/core/plan/checks.ts"
import { positive } from "../src/core/plan/forms.ts"
import { keepDurations, knownDurations, longestFirst } from "./prove/durations.ts"
import { searchAll } from "./prove/in-processes.ts"
import { head } from "./prove/searched.ts"
import { searches } from "./prove/searches.ts"

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: String(availableParallelism()) },
    "most-states": { type: "string", default: "4000000" },
    of: { type: "string" },
    "heap-mb": { type: "string", default: "4096" },
  },
})
const limits = {
  processes: Number(values.processes),
  mostStates: Number(values["most-states"]),
  heapMb: Number(values["heap-mb"]),
}
checkOptions("prove", limits, { processes: positive, mostStates: positive, heapMb: positive })
const names = searches.map(({ name }) => name)
const isMeant = (name: string, word: string): boolean =>
  names.includes(word) ? name === word : name.includes(word)
const chosen = searches
  .filter(({ of }) => values.of === undefined || of === values.of)
  .filter(({ name, isSlow }) =>
    words.length === 0 ? !isSlow : words.some((word) => isMeant(name, word)),
  )
  .map(({ name }) => name)
if (chosen.length === 0) {
  throw new RangeError(`prove: no plan has such a name, got ${process.argv.slice(2).join(" ")}`)
}

console.log(head)
const durations = knownDurations()
const texts = new Map<string, string>()
let printed = 0
let all = 0
const startedAt = performance.now()
// Deep plans come last in the list, and take longest.
await searchAll(
  longestFirst(chosen.toReversed(), durations),
  limits,
  (name, { text, isProof, transitions }, seconds) => {
    if (!isProof) process.exitCode = 1
    all += transitions
    durations[name] = seconds
    texts.set(name, text)
    // Rows are in the order of the list, whichever search is over first.
    for (;;) {
      const next = texts.get(chosen[printed] ?? "")
      if (next === undefined) return
      console.log(next)
      printed += 1
    }
  },
)
keepDurations({ ...knownDurations(), ...durations })
const minutes = (performance.now() - startedAt) / 60_000
console.log(
  `${chosen.length} ${chosen.length === 1 ? "plan" : "plans"}, ${all} transitions in ${minutes.toFixed(1)} minutes, ${limits.processes} at once`,
)
