/**
 * Searches all plans of test/proof/plans.ts, quick and deep ones, and prints what each search has seen; docs/proof.md explains the
 * columns. If a plan is refuted, the run is printed and drawn into a file. Run it with `npm run prove`. Arguments choose plans by
 * their name, or by a part of it, among the slow ones, too. `--processes 2` is how many plans are searched at once (default: one a
 * core), `--most-states 4000000` after how many states a search stops without a proof, and `--heap-mb 4096` the heap of each process.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { checkOptions } from "../src/core/plan/checks.ts"
import { positive } from "../src/core/plan/forms.ts"
import { deep, quick, slow } from "../test/proof/plans.ts"
import { keepDurations, knownDurations, longestFirst } from "./prove/durations.ts"
import { searchAll } from "./prove/in-processes.ts"
import { head } from "./prove/searched.ts"

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    processes: { type: "string", default: String(availableParallelism()) },
    "most-states": { type: "string", default: "4000000" },
    "heap-mb": { type: "string", default: "4096" },
  },
})
const limits = {
  processes: Number(values.processes),
  mostStates: Number(values["most-states"]),
  heapMb: Number(values["heap-mb"]),
}
checkOptions("prove", limits, { processes: positive, mostStates: positive, heapMb: positive })
const names = [...quick, ...deep, ...slow].map(({ name }) => name)
const isMeant = (name: string, word: string): boolean =>
  names.includes(word) ? name === word : name.includes(word)
const chosen =
  words.length === 0
    ? [...quick, ...deep].map(({ name }) => name)
    : names.filter((name) => words.some((word) => isMeant(name, word)))
if (chosen.length === 0) {
  throw new RangeError(`prove: no plan has such a name, got ${words.join(" ")}`)
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
